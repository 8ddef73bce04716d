"""What is past its promise and not past the law is found by the law's last day, without what is past that."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
DROP INDEX case_department_law_index;
CREATE INDEX case_department_law_index ON case_record (department_id, law_on, promise_on, id)
    INCLUDE (paused_on, claimed_by) WHERE state IN ('accepted', 'accepted_with_deficiency', 'in_review');
"""

BACKWARD = """
DROP INDEX case_department_law_index;
CREATE INDEX case_department_law_index ON case_record (department_id, law_on, id)
    INCLUDE (promise_on, paused_on, claimed_by) WHERE state IN ('accepted', 'accepted_with_deficiency', 'in_review');
"""


class Migration(migrations.Migration):
    """Amber."""

    dependencies = [("server", "0098_rating_enterprises")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
