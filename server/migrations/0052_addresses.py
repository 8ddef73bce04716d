"""Where post reaches a person, and a result that is posted: the address book, and the address a delivery goes to."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE address (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    person_id uuid NOT NULL REFERENCES person (id),
    place_sealed bytea NOT NULL,
    usual boolean NOT NULL
);
CREATE INDEX address_person_index ON address (person_id, created_at);
CREATE UNIQUE INDEX address_usual_key ON address (person_id) WHERE usual;
ALTER TABLE delivery ADD COLUMN address_sealed bytea,
    ADD CONSTRAINT delivery_address_check CHECK ((method = 'post') = (address_sealed IS NOT NULL));
"""

BACKWARD = """
ALTER TABLE delivery DROP CONSTRAINT delivery_address_check, DROP COLUMN address_sealed;
DROP TABLE address;
"""


class Migration(migrations.Migration):
    """The address book."""

    dependencies = [("server", "0051_signed_payloads")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
