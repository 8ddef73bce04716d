"""A case keeps the answers that chose its materials; and the list of the fees there are."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE case_record ADD situation_sealed bytea;
CREATE TABLE fee_item (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    name text NOT NULL CONSTRAINT fee_item_name_key UNIQUE CONSTRAINT fee_item_name_check CHECK (name <> ''),
    basis text NOT NULL CONSTRAINT fee_item_basis_check CHECK (basis <> ''),
    unit text NOT NULL,
    most_fen integer NOT NULL CONSTRAINT fee_item_most_check CHECK (most_fen >= 0),
    active boolean NOT NULL DEFAULT true
);
INSERT INTO fee_item (id, created_at, name, basis, unit, most_fen)
SELECT gen_random_uuid(), now(), fee->>'name', min(fee->>'basis'), min(fee->>'unit'), max((fee->>'amount_fen')::integer)
FROM guide, jsonb_array_elements(content->'fees') AS fee WHERE state <> 'superseded' GROUP BY fee->>'name';
"""

BACKWARD = """
DROP TABLE fee_item;
ALTER TABLE case_record DROP situation_sealed;
"""


class Migration(migrations.Migration):
    """What a guide rests on beyond its own words."""

    dependencies = [("server", "0026_applying")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
