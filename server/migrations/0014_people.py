"""People: mandates are asked, answered, objected to and decided; what a person asked to have or to have forgotten."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE mandate DROP CONSTRAINT mandate_relation_check;
ALTER TABLE mandate
    ADD CONSTRAINT mandate_relation_check CHECK (relation IN ('guardian', 'relative', 'agent')),
    ADD COLUMN scope text NOT NULL DEFAULT 'everything' CONSTRAINT mandate_scope_check
        CHECK (scope IN ('visits', 'everything')),
    ADD COLUMN state text NOT NULL DEFAULT 'live',
    ADD COLUMN basis text CONSTRAINT mandate_basis_check CHECK (basis IN ('authority', 'consent', 'desk')),
    ADD COLUMN shown text[] NOT NULL DEFAULT '{}',
    ADD COLUMN reason_sealed bytea,
    ADD COLUMN objected_by uuid REFERENCES person (id),
    ADD COLUMN moved_at timestamptz;
UPDATE mandate SET state = CASE WHEN ended_at IS NULL THEN 'live' ELSE 'ended' END,
    moved_at = coalesce(ended_at, created_at), basis = 'authority';
ALTER TABLE mandate
    ALTER COLUMN scope DROP DEFAULT,
    ALTER COLUMN state DROP DEFAULT,
    ALTER COLUMN shown DROP DEFAULT,
    ALTER COLUMN moved_at SET NOT NULL,
    ADD CONSTRAINT mandate_state_check CHECK (state IN ('asked', 'live', 'suspended', 'declined', 'ended')),
    ADD CONSTRAINT mandate_open_check CHECK ((ended_at IS NULL) = (state IN ('asked', 'live', 'suspended'))),
    ADD CONSTRAINT mandate_live_check CHECK (state <> 'live' OR basis IS NOT NULL),
    ADD CONSTRAINT mandate_desk_check CHECK (basis IS DISTINCT FROM 'desk' OR cardinality(shown) > 0);
CREATE INDEX mandate_desk_index ON mandate (moved_at) WHERE state IN ('asked', 'suspended');

CREATE TABLE data_request (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    person_id uuid NOT NULL REFERENCES person (id),
    kind text NOT NULL CONSTRAINT data_request_kind_check CHECK (kind IN ('export', 'erasure')),
    state text NOT NULL CONSTRAINT data_request_state_check
        CHECK (state IN ('asked', 'done', 'declined', 'withdrawn') AND (kind = 'erasure' OR state = 'done')),
    moved_at timestamptz NOT NULL,
    reason_sealed bytea
);
CREATE INDEX data_request_person_index ON data_request (person_id, created_at);
CREATE UNIQUE INDEX data_request_open_key ON data_request (person_id) WHERE state = 'asked';
"""

BACKWARD = """
DROP TABLE data_request;
DELETE FROM mandate WHERE relation <> 'guardian' OR state IN ('asked', 'suspended');
DROP INDEX mandate_desk_index;
ALTER TABLE mandate DROP CONSTRAINT mandate_relation_check;
ALTER TABLE mandate
    ADD CONSTRAINT mandate_relation_check CHECK (relation IN ('guardian')),
    DROP COLUMN scope, DROP COLUMN state, DROP COLUMN basis, DROP COLUMN shown, DROP COLUMN reason_sealed,
    DROP COLUMN objected_by, DROP COLUMN moved_at;
"""


class Migration(migrations.Migration):
    """What the people's features need beyond the first shape of identity."""

    dependencies = [("server", "0013_ratings")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
