"""What a hall manager has decided at the desk: a week, a rule, a machine."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from server.actor import Staff
from server.features.booking.models import PolicyEdit, WeekPlan
from server.features.queue.models import DeviceKind, HallDevice, LineEdit
from server.kit import clock


async def supplied(hall_id: UUID, author: Staff) -> dict[str, object]:
    """Write one of each, in force long after the test."""
    far = clock.today() + timedelta(days=300)
    by = {"hall_id": hall_id, "staff_id": author.staff_id}
    plan = WeekPlan(skill="social", first_on=far, reason="检修线路", **by)
    edit = PolicyEdit(first_on=far, reason="检修线路", old={"hold_minutes": 10}, new={"hold_minutes": 11}, **by)
    line = LineEdit(first_on=far, reason="检修线路", old={"grace_minutes": 10}, new={"grace_minutes": 11}, **by)
    device = HallDevice(kind=DeviceKind.KIOSK, name="一楼东门", **by)
    for row in (plan, edit, line, device):
        await row.save()
    return {"device_id": device.id, "edit_id": edit.id, "line_edit_id": line.id, "plan_id": plan.id}
