"""Applications that come by post: envelopes, by courier and waybill."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE TABLE parcel (
    id uuid PRIMARY KEY,
    created_at timestamptz NOT NULL,
    hall_id uuid NOT NULL REFERENCES hall (id),
    courier text NOT NULL CONSTRAINT parcel_courier_check
        CHECK (courier IN ('ems', 'post', 'sf', 'jd', 'zto', 'yto', 'sto', 'yunda', 'other')),
    waybill text NOT NULL,
    sender_sealed bytea NOT NULL,
    contents_sealed bytea NOT NULL,
    received_on date NOT NULL,
    staff_id uuid NOT NULL REFERENCES staff (id),
    state text NOT NULL CONSTRAINT parcel_state_check CHECK (state IN ('registered', 'filed', 'returned')),
    case_id uuid REFERENCES case_record (id),
    reason text CONSTRAINT parcel_reason_check
        CHECK (reason IN ('wrong_addressee', 'unreadable', 'no_such_item', 'no_applicant')),
    words_sealed bytea,
    out_courier text,
    out_waybill text,
    answered_by uuid REFERENCES staff (id),
    answered_at timestamptz,
    CONSTRAINT parcel_waybill_key UNIQUE (courier, waybill),
    CONSTRAINT parcel_out_key UNIQUE (out_courier, out_waybill),
    CONSTRAINT parcel_answered_check CHECK (
        (state = 'filed') = (case_id IS NOT NULL) AND (state = 'returned') = (reason IS NOT NULL)
        AND (state = 'returned') = (out_waybill IS NOT NULL) AND (state = 'returned') = (out_courier IS NOT NULL)
        AND (state = 'registered') = (answered_by IS NULL) AND (state = 'registered') = (answered_at IS NULL))
);
CREATE INDEX parcel_hall_index ON parcel (hall_id, state, received_on, id);
CREATE INDEX parcel_case_index ON parcel (case_id) WHERE case_id IS NOT NULL;
"""

BACKWARD = "DROP TABLE parcel"


class Migration(migrations.Migration):
    """Post."""

    dependencies = [("server", "0055_complaints")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
