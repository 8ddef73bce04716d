"""The work list reads nothing but its indexes: what a light is said of lies in them."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
DROP INDEX case_department_due_index, case_department_law_index, case_department_since_index,
    case_department_paused_index;
CREATE INDEX case_department_due_index ON case_record (department_id, promise_on, id)
    INCLUDE (law_on, paused_on, claimed_by) WHERE state IN ('accepted', 'accepted_with_deficiency', 'in_review');
CREATE INDEX case_department_law_index ON case_record (department_id, law_on, id)
    INCLUDE (promise_on, paused_on, claimed_by) WHERE state IN ('accepted', 'accepted_with_deficiency', 'in_review');
CREATE INDEX case_department_since_index ON case_record (department_id, submitted_at, id)
    INCLUDE (promise_on, law_on, paused_on, claimed_by)
    WHERE state IN ('accepted', 'accepted_with_deficiency', 'in_review');
CREATE INDEX case_department_paused_index ON case_record (department_id, promise_on, id)
    INCLUDE (law_on, paused_on, claimed_by)
    WHERE state IN ('accepted', 'accepted_with_deficiency', 'in_review') AND paused_on IS NOT NULL;
"""

BACKWARD = """
DROP INDEX case_department_due_index, case_department_law_index, case_department_since_index,
    case_department_paused_index;
CREATE INDEX case_department_due_index ON case_record (department_id, promise_on, id)
    WHERE state IN ('accepted', 'accepted_with_deficiency', 'in_review');
CREATE INDEX case_department_law_index ON case_record (department_id, law_on, id)
    WHERE state IN ('accepted', 'accepted_with_deficiency', 'in_review');
CREATE INDEX case_department_since_index ON case_record (department_id, submitted_at, id)
    WHERE state IN ('accepted', 'accepted_with_deficiency', 'in_review');
CREATE INDEX case_department_paused_index ON case_record (department_id, promise_on, id) WHERE paused_on IS NOT NULL;
"""


class Migration(migrations.Migration):
    """Indexes that answer by themselves."""

    dependencies = [("server", "0035_help")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
