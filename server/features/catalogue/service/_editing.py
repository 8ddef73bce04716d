"""What an administrator corrects in a hall: how it is found, when it is open, what its windows do; each with a reason.

Nothing is deleted: bookings and tickets refer to it. A window that is closed is no longer offered to whoever calls.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING
from uuid import UUID

from server import db
from server.actor import Role, Staff
from server.errors import Conflict, FieldError, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.catalogue.schemas import HallEdit, HallView, WindowEdit, WindowView
from server.features.catalogue.service import _authority, _halls, _words
from server.features.catalogue.service._places import hall, halls, window
from server.features.identity import service as identity
from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from server.actor import Actor

_SKILLS = """
SELECT skill FROM item WHERE skill IS NOT NULL AND active UNION SELECT unnest(skills) FROM "window" ORDER BY 1
"""


async def halls_to_edit(actor: Staff) -> list[HallView]:
    """List the halls an administrator may correct."""
    reach = await identity.reach(actor, Role.ADMINISTRATOR)
    return [one for one in await halls() if reach.hall_ids is None or reach.covers_hall(one.id, one.region_code)]


async def closed_windows(hall_ids: Collection[UUID]) -> int:
    """Count the windows of some halls that are closed for the time being."""
    found: int = await db.fetchval(
        'SELECT count(*) FROM "window" WHERE NOT open AND hall_id = ANY($1::uuid[])', hall_ids
    )
    return found


async def skills() -> list[str]:
    """List every skill that an item asks for or a window has."""
    return [row["skill"] for row in await db.fetch(_SKILLS)]


@db.transactional
async def edit_hall(actor: Actor, hall_id: UUID, edit: HallEdit) -> HallView:
    """Correct a hall. Raises NotFound, InvalidInput."""
    known = await _mine(actor, hall_id)
    wanted = {
        "name": _line("name", edit.name),
        "address": _line("address", edit.address),
        "hours_text": _line("hours_text", edit.hours_text),
        "phone": edit.phone.strip() or None,
    }
    changed = [name for name, value in wanted.items() if value != getattr(known, name)]
    if changed:
        await db.execute(
            "UPDATE hall SET name = $2, address = $3, hours_text = $4, phone = $5, pinyin = $6 WHERE id = $1",
            hall_id, wanted["name"], wanted["address"], wanted["hours_text"], wanted["phone"],
            _words.name_of(str(wanted["name"])).pinyin,
        )  # fmt: skip
        db.after_commit(_halls.forget)
        await _on_record(actor, "hall", hall_id, edit.reason, changed)
    return await hall(hall_id)


@db.transactional
async def edit_window(actor: Actor, window_id: UUID, edit: WindowEdit) -> WindowView:
    """Give a window another name or other skills, close it or open it again. Raises as `edit_hall`."""
    known = await window(window_id)
    await _mine(actor, known.hall_id)
    wanted = {"name": _line("name", edit.name), "skills": await _known_skills(edit.skills), "open": edit.open}
    changed = [name for name, value in wanted.items() if value != getattr(known, name)]
    if changed:
        await db.execute(
            'UPDATE "window" SET name = $2, skills = $3, open = $4 WHERE id = $1',
            window_id, wanted["name"], wanted["skills"], wanted["open"],
        )  # fmt: skip
        await _on_record(actor, "window", window_id, edit.reason, changed)
    return await window(window_id)


@db.transactional
async def add_window(actor: Actor, hall_id: UUID, number: int, edit: WindowEdit) -> WindowView:
    """Open another window. Raises as `edit_hall`, Conflict when the hall has one of that number."""
    await _mine(actor, hall_id)
    made = await db.fetchval(
        'INSERT INTO "window" (id, created_at, hall_id, number, name, skills, open) VALUES ($1, $2, $3, $4, $5, $6, $7)'
        " ON CONFLICT (hall_id, number) DO NOTHING RETURNING id",
        new_id(), clock.now(), hall_id, number, _line("name", edit.name), await _known_skills(edit.skills), edit.open,
    )  # fmt: skip
    if made is None:
        raise Conflict("catalogue.window_taken", number=number)
    await _on_record(actor, "window", made, edit.reason, ["number"])
    return await window(made)


async def _mine(actor: Actor, hall_id: UUID) -> HallView:
    """Reach a hall: one out of an administrator's scope looks absent, one that was granted by name is theirs."""
    known = await hall(hall_id)
    if isinstance(actor, Staff):
        reach = await identity.reach(actor, Role.ADMINISTRATOR)
        if not (reach.hall_ids is None or reach.covers_hall(known.id, known.region_code)):
            raise NotFound
    else:
        await _authority.require(actor, known.region_code)
    return known


async def _known_skills(given: list[str]) -> list[str]:
    wanted = list(dict.fromkeys(given))
    if not wanted or not set(wanted) <= set(await skills()):
        raise InvalidInput("catalogue.skills_wrong", fields=(FieldError("skills", "bad_format"),))
    return wanted


def _line(field: str, given: str) -> str:
    kept = given.strip()
    if not kept:
        raise InvalidInput("invalid_input", fields=(FieldError(field, "required"),))
    return kept


async def _on_record(actor: Actor, subject: str, subject_id: UUID, reason: str, changed: list[str]) -> None:
    said = _line("reason", reason)
    await audit.record(actor, f"catalogue.{subject}_set", subject, subject_id, changed=",".join(changed), reason=said)
