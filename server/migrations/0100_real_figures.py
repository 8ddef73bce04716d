"""The board leaves out what test persons did, and still counts what is open from the index alone."""

from tortoise import migrations
from tortoise.migrations import operations as ops

# The very words of `thread.real`: the planner takes the condition for met by the index only where it is the same.
_REAL = "(thread_id < 'ffffffff-0000-0000-0000-000000000000') IS NOT FALSE"
_DROP = "DROP INDEX case_accept_lights_index, case_decide_lights_index, delivery_shelf_index;"


def _made(real: str, also: str) -> str:
    return f"""
CREATE INDEX case_accept_lights_index ON case_record (department_id, hall_id)
    INCLUDE (promise_on, law_on, paused_on)
    WHERE state = 'submitted' AND parent_id IS NULL AND promise_on IS NOT NULL{real};
CREATE INDEX case_decide_lights_index ON case_record (department_id, hall_id)
    INCLUDE (promise_on, law_on, paused_on)
    WHERE state IN ('accepted', 'accepted_with_deficiency', 'in_review') AND NOT whole AND promise_on IS NOT NULL{real};
CREATE INDEX delivery_shelf_index ON delivery (hall_id, department_id) INCLUDE (ready_at{also})
    WHERE state = 'ready_to_collect' AND ready_at IS NOT NULL;
"""


class Migration(migrations.Migration):
    """Indexes of the board, once more."""

    dependencies = [("server", "0099_amber")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(_DROP + _made(f" AND {_REAL}", ", thread_id"), _DROP + _made("", ""))]  # noqa: RUF012 - as above
