"""Desk: first passwords, the hall a rectification belongs to, and ways to look things up in the audit trail."""

from tortoise import migrations
from tortoise.migrations import operations as ops

# `enrol_until`: the password was given by somebody else and the authenticator is not yet set up; until then it may be.
FORWARD = """
ALTER TABLE staff ADD COLUMN enrol_until timestamptz;

ALTER TABLE rectification ADD COLUMN hall_id uuid REFERENCES hall (id);
UPDATE rectification SET hall_id = coalesce(
    (SELECT hall_id FROM case_record WHERE case_record.thread_id = rectification.thread_id AND hall_id IS NOT NULL
        ORDER BY created_at DESC LIMIT 1),
    (SELECT hall_id FROM booking WHERE booking.thread_id = rectification.thread_id ORDER BY created_at DESC LIMIT 1));
CREATE INDEX rectification_hall_index ON rectification (hall_id) WHERE hall_id IS NOT NULL;

CREATE INDEX audit_entry_moment_index ON audit_entry (created_at DESC, id DESC);
CREATE INDEX audit_entry_actor_index ON audit_entry (actor_id, created_at DESC, id DESC) WHERE actor_kind = 'staff';
CREATE INDEX audit_entry_thread_index ON audit_entry (thread_id, created_at DESC, id DESC) WHERE thread_id IS NOT NULL;
DROP INDEX audit_entry_look_index;
CREATE INDEX audit_entry_person_index ON audit_entry (person_id, created_at DESC, id DESC) WHERE person_id IS NOT NULL;
CREATE INDEX audit_entry_subject_index ON audit_entry (subject_id, created_at DESC, id DESC)
    WHERE subject IN ('hall', 'window', 'staff');
"""

BACKWARD = """
CREATE INDEX audit_entry_look_index ON audit_entry (person_id, created_at DESC, id DESC) WHERE is_look;
DROP INDEX audit_entry_subject_index, audit_entry_person_index, audit_entry_thread_index, audit_entry_actor_index,
    audit_entry_moment_index;
ALTER TABLE rectification DROP COLUMN hall_id;
ALTER TABLE staff DROP COLUMN enrol_until;
"""


class Migration(migrations.Migration):
    """Columns and indexes for the desk."""

    dependencies = [("server", "0014_people")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
