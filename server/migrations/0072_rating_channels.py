"""Ratings: through which channel, where and by whom it was served; visits without a matter; calls taken by staff."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE hall_device DROP CONSTRAINT hall_device_kind_check,
    ADD CONSTRAINT hall_device_kind_check CHECK (kind IN ('kiosk', 'screen', 'tablet'));
ALTER TABLE rating
    ADD COLUMN channel text,
    ADD COLUMN item_id uuid REFERENCES item (id),
    ADD COLUMN hall_id uuid REFERENCES hall (id),
    ADD COLUMN window_id uuid REFERENCES "window" (id),
    ADD COLUMN served_by uuid REFERENCES staff (id),
    ADD COLUMN taken_by uuid REFERENCES staff (id),
    ADD COLUMN caller_sealed bytea,
    ALTER COLUMN thread_id DROP NOT NULL,
    ALTER COLUMN department_id DROP NOT NULL;
UPDATE rating SET item_id = thread.item_id FROM thread WHERE thread.id = rating.thread_id;
UPDATE rating SET channel = 'code' WHERE state <> 'open';
ALTER TABLE rating
    ADD CONSTRAINT rating_channel_check CHECK (
        channel IS NULL
        OR channel IN ('web', 'mobile', 'code', 'tablet', 'kiosk', 'phone', 'sms') AND state <> 'open'),
    ADD CONSTRAINT rating_caller_check CHECK (
        (channel IS NOT DISTINCT FROM 'phone') = (taken_by IS NOT NULL)
        AND (taken_by IS NULL) = (caller_sealed IS NULL)),
    ADD CONSTRAINT rating_place_check CHECK (
        thread_id IS NOT NULL AND department_id IS NOT NULL OR subject_kind = 'visit' AND hall_id IS NOT NULL);
CREATE INDEX rating_item_index ON rating (item_id, level) WHERE state <> 'open';
ALTER TABLE rectification
    ALTER COLUMN thread_id DROP NOT NULL,
    ALTER COLUMN department_id DROP NOT NULL,
    ADD CONSTRAINT rectification_place_check CHECK (department_id IS NOT NULL OR hall_id IS NOT NULL);
"""

BACKWARD = """
DELETE FROM hall_device WHERE kind = 'tablet';
ALTER TABLE hall_device DROP CONSTRAINT hall_device_kind_check,
    ADD CONSTRAINT hall_device_kind_check CHECK (kind IN ('kiosk', 'screen'));
DELETE FROM rating_exclusion WHERE rating_id IN (
    SELECT id FROM rating WHERE thread_id IS NULL OR department_id IS NULL);
DELETE FROM rectification_deed WHERE rectification_id IN (
    SELECT id FROM rectification WHERE thread_id IS NULL OR department_id IS NULL);
DELETE FROM rectification WHERE thread_id IS NULL OR department_id IS NULL;
DELETE FROM rating WHERE thread_id IS NULL OR department_id IS NULL;
ALTER TABLE rectification DROP CONSTRAINT rectification_place_check,
    ALTER COLUMN thread_id SET NOT NULL, ALTER COLUMN department_id SET NOT NULL;
ALTER TABLE rating DROP CONSTRAINT rating_channel_check, DROP CONSTRAINT rating_caller_check,
    DROP CONSTRAINT rating_place_check,
    DROP COLUMN channel, DROP COLUMN item_id, DROP COLUMN hall_id, DROP COLUMN window_id, DROP COLUMN served_by,
    DROP COLUMN taken_by, DROP COLUMN caller_sealed,
    ALTER COLUMN thread_id SET NOT NULL, ALTER COLUMN department_id SET NOT NULL;
"""


class Migration(migrations.Migration):
    """Channels."""

    dependencies = [("server", "0071_posters")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
