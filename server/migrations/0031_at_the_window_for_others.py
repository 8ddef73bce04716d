"""Who came to the window for somebody else, and by which paper."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE case_record ADD agent_id uuid REFERENCES person (id), ADD authority text;
ALTER TABLE case_record
    ADD CONSTRAINT case_authority_check CHECK (
        authority IN ('legal_person', 'signed_authority', 'household_register', 'birth_certificate', 'ruling')),
    ADD CONSTRAINT case_agent_check CHECK (agent_id IS NULL OR (authority IS NOT NULL AND agent_id <> person_id));
"""

BACKWARD = """
ALTER TABLE case_record DROP authority, DROP agent_id;
"""


class Migration(migrations.Migration):
    """Agents at the window."""

    dependencies = [("server", "0030_popup_reports")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
