"""A certificate that its kind issues in another department's name is sealed by that department."""

from tortoise import migrations
from tortoise.migrations import operations as ops

FORWARD = """
ALTER TABLE seal_use DROP CONSTRAINT seal_use_power_check, ADD CONSTRAINT seal_use_power_check CHECK (
    power IN ('own', 'hall', 'delegation', 'kind', 'rules', 'itself')
    AND (power = 'kind' OR (power IN ('rules', 'itself')) = (staff_id IS NULL))
    AND (power <> 'delegation' OR under IS NOT NULL));
"""

# The register of seals is kept from every change; only a step back words again what the step forward allowed.
BACKWARD = """
ALTER TABLE seal_use DISABLE TRIGGER USER;
UPDATE seal_use SET power = CASE WHEN staff_id IS NULL THEN 'rules' ELSE 'own' END WHERE power = 'kind';
ALTER TABLE seal_use ENABLE TRIGGER USER;
ALTER TABLE seal_use DROP CONSTRAINT seal_use_power_check, ADD CONSTRAINT seal_use_power_check CHECK (
    power IN ('own', 'hall', 'delegation', 'rules', 'itself')
    AND (power IN ('rules', 'itself')) = (staff_id IS NULL) AND (power <> 'delegation' OR under IS NOT NULL));
"""


class Migration(migrations.Migration):
    """The power of a kind."""

    dependencies = [("server", "0088_complaint_rounds")]  # noqa: RUF012 - the runner reads this name
    operations = [ops.RunSQL(FORWARD, BACKWARD)]  # noqa: RUF012 - as above
