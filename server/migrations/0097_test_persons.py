"""Test persons: who walks a flow to try it, a person of their own, and the mark on the ids of all they do."""

from tortoise import migrations
from tortoise.migrations import operations as ops

_MARK = "'ffffffff-0000-0000-0000-000000000000'::uuid"
_KINDS = "'resident_id', 'passport', 'hk_macau_permit', 'taiwan_permit'"

# An id bears the mark exactly where its owner's does: nobody forgets it, and nobody real is taken for a test.
FORWARD = f"""
ALTER TABLE person DROP CONSTRAINT person_document_kind_check,
    ADD CONSTRAINT person_document_kind_check CHECK (document_kind IN ({_KINDS}, 'walk')),
    ADD CONSTRAINT person_walked_check CHECK ((document_kind = 'walk') = (id >= {_MARK}));
ALTER TABLE account ADD CONSTRAINT account_walked_check
    CHECK (coalesce(person_id >= {_MARK}, false) = (id >= {_MARK}));
ALTER TABLE session DROP CONSTRAINT session_channel_check,
    ADD CONSTRAINT session_channel_check CHECK (channel IN ('wechat', 'sms', 'walk'));
ALTER TABLE thread ADD CONSTRAINT thread_walked_check
    CHECK (coalesce(person_id >= {_MARK}, false) = (id >= {_MARK}));
ALTER TABLE complaint ADD CONSTRAINT complaint_walked_check
    CHECK (coalesce(account_id >= {_MARK}, false) = (id >= {_MARK}));
CREATE SEQUENCE walk_serial;
ALTER TABLE walk ADD COLUMN number integer, ADD COLUMN person_id uuid CONSTRAINT walk_person_key UNIQUE
    REFERENCES person (id);
UPDATE walk SET number = nextval('walk_serial');
ALTER TABLE walk ALTER COLUMN number SET NOT NULL, ADD CONSTRAINT walk_number_key UNIQUE (number);
CREATE INDEX walk_live_index ON walk (created_at) WHERE ended_at IS NULL AND person_id IS NOT NULL;
"""  # noqa: S608 - constants of our own

# Who walked stays as somebody with a passport that nobody has: what they did names them.
BACKWARD = f"""
ALTER TABLE walk DROP COLUMN number, DROP COLUMN person_id;
DROP SEQUENCE walk_serial;
ALTER TABLE complaint DROP CONSTRAINT complaint_walked_check;
ALTER TABLE thread DROP CONSTRAINT thread_walked_check;
DELETE FROM session WHERE channel = 'walk';
ALTER TABLE session DROP CONSTRAINT session_channel_check,
    ADD CONSTRAINT session_channel_check CHECK (channel IN ('wechat', 'sms'));
ALTER TABLE account DROP CONSTRAINT account_walked_check;
ALTER TABLE person DROP CONSTRAINT person_walked_check, DROP CONSTRAINT person_document_kind_check;
UPDATE person SET document_kind = 'passport' WHERE document_kind = 'walk';
ALTER TABLE person
    ADD CONSTRAINT person_document_kind_check CHECK (document_kind IN ({_KINDS}));
"""  # noqa: S608 - as above


class Migration(migrations.Migration):
    """Test persons."""

    dependencies = [("server", "0096_originals_and_copies")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
