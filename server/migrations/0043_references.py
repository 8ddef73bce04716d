"""An approval named by its title and number instead of a copy: what was given, and whether it was found."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE material DROP CONSTRAINT material_source_check, DROP CONSTRAINT material_holds_check,
    ADD CONSTRAINT material_source_check CHECK (source IN (
        'upload', 'shared', 'certificate', 'earlier_case', 'window', 'pledge', 'reference')),
    ADD CONSTRAINT material_holds_check CHECK (
        (source IN ('upload', 'earlier_case') AND file_id IS NOT NULL)
        OR (source = 'certificate' AND certificate_id IS NOT NULL)
        OR source IN ('shared', 'window', 'pledge', 'reference'));
CREATE TABLE approval_reference (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    case_id uuid NOT NULL REFERENCES case_record (id),
    rule_key text NOT NULL,
    said_sealed bytea NOT NULL,
    verdict text CONSTRAINT approval_reference_verdict_check CHECK (verdict IN ('found', 'not_found')),
    words_sealed bytea,
    looked_by uuid REFERENCES staff (id),
    looked_at timestamptz,
    CONSTRAINT approval_reference_key UNIQUE (case_id, rule_key),
    CONSTRAINT approval_reference_looked_check CHECK (
        (verdict IS NULL) = (looked_by IS NULL) AND (verdict IS NULL) = (looked_at IS NULL))
);
"""

BACKWARD = """
DROP TABLE approval_reference;
DELETE FROM material WHERE source = 'reference';
ALTER TABLE material DROP CONSTRAINT material_source_check, DROP CONSTRAINT material_holds_check,
    ADD CONSTRAINT material_source_check
        CHECK (source IN ('upload', 'shared', 'certificate', 'earlier_case', 'window', 'pledge')),
    ADD CONSTRAINT material_holds_check CHECK (
        (source IN ('upload', 'earlier_case') AND file_id IS NOT NULL)
        OR (source = 'certificate' AND certificate_id IS NOT NULL)
        OR source IN ('shared', 'window', 'pledge'));
"""


class Migration(migrations.Migration):
    """Approvals by their number."""

    dependencies = [("server", "0042_authorisation")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
