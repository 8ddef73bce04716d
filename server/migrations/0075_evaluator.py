"""Evaluators: who looks at figures from outside and at nothing else."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE staff_grant DROP CONSTRAINT staff_grant_role_check, ADD CONSTRAINT staff_grant_role_check
    CHECK (role IN ('clerk', 'reviewer', 'hall_manager', 'supervisor', 'auditor', 'administrator', 'evaluator'));
"""

BACKWARD = """
DELETE FROM staff_grant WHERE role = 'evaluator';
ALTER TABLE staff_grant DROP CONSTRAINT staff_grant_role_check, ADD CONSTRAINT staff_grant_role_check
    CHECK (role IN ('clerk', 'reviewer', 'hall_manager', 'supervisor', 'auditor', 'administrator'));
"""


class Migration(migrations.Migration):
    """The evaluator's role."""

    dependencies = [("server", "0074_bulletins")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
