"""The board counts what is open by place and light from the index alone, however much is closed."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
CREATE INDEX case_accept_lights_index ON case_record (department_id, hall_id)
    INCLUDE (promise_on, law_on, paused_on) WHERE state = 'submitted' AND parent_id IS NULL AND promise_on IS NOT NULL;
CREATE INDEX case_decide_lights_index ON case_record (department_id, hall_id)
    INCLUDE (promise_on, law_on, paused_on)
    WHERE state IN ('accepted', 'accepted_with_deficiency', 'in_review') AND NOT whole AND promise_on IS NOT NULL;
CREATE INDEX delivery_shelf_index ON delivery (hall_id, department_id) INCLUDE (ready_at)
    WHERE state = 'ready_to_collect' AND ready_at IS NOT NULL;
CREATE INDEX data_request_open_index ON data_request (created_at) WHERE state = 'asked';
"""

BACKWARD = """
DROP INDEX case_accept_lights_index, case_decide_lights_index, delivery_shelf_index, data_request_open_index;
"""


class Migration(migrations.Migration):
    """Indexes of the board."""

    dependencies = [("server", "0065_delegations")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
