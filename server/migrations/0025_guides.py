"""Guides are written at the desk: drafts that a second person publishes, and for what cause."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE guide
    ADD cause text NOT NULL DEFAULT 'need' CONSTRAINT guide_cause_check
        CHECK (cause IN ('law', 'devolved', 'reorganised', 'need')),
    ADD drafted_by uuid,
    ADD CONSTRAINT guide_second_check CHECK (drafted_by IS DISTINCT FROM published_by OR drafted_by IS NULL);
CREATE TABLE guide_draft (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    item_id uuid NOT NULL CONSTRAINT guide_draft_item_key UNIQUE REFERENCES item (id),
    base_version integer,
    state text NOT NULL CONSTRAINT guide_draft_state_check CHECK (state IN ('open', 'proposed')),
    content jsonb NOT NULL,
    cause text NOT NULL DEFAULT 'need' CONSTRAINT guide_draft_cause_check
        CHECK (cause IN ('law', 'devolved', 'reorganised', 'need')),
    reason text NOT NULL DEFAULT '',
    effective_on date,
    revision integer NOT NULL DEFAULT 1,
    edited_by uuid REFERENCES staff (id),
    edited_at timestamptz NOT NULL,
    proposed_by uuid REFERENCES staff (id),
    CONSTRAINT guide_draft_proposed_check CHECK ((state = 'proposed') = (proposed_by IS NOT NULL))
);
"""

BACKWARD = """
DROP TABLE guide_draft;
ALTER TABLE guide DROP CONSTRAINT guide_second_check, DROP drafted_by, DROP cause;
"""


class Migration(migrations.Migration):
    """Tables of the desk's guides."""

    dependencies = [("server", "0024_desk_rules")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
