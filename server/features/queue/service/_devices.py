"""Kiosks and screens of a hall: let in by a code that is typed once, known by a cookie from then on, ended at the desk.

No key stands in an address, a history or a log: the code is good for minutes and one use, the cookie only for its hall.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from server import db
from server.actor import Staff
from server.errors import Conflict, InvalidInput, NotFound
from server.features.audit import service as audit
from server.features.catalogue import service as catalogue
from server.features.queue.models import DeviceKind, HallDevice
from server.features.queue.service._policy import check_hall
from server.features.thread import service as thread
from server.kit import clock
from server.kit.ids import new_id, token

PAIR_FOR = timedelta(minutes=15)
PAIR_DIGITS = 8
MOST = 30
SEEN_EVERY = timedelta(minutes=1)
# The code on the screen changes every minute and is good for five: long enough to choose, too short to be passed on.
DOOR_LASTS, DOOR_EVERY = timedelta(minutes=5), timedelta(minutes=1)

_PAIR = """
    UPDATE hall_device SET pair_hash = NULL, pair_until = NULL, session_hash = $2, opened_at = $3, seen_at = $3
    WHERE pair_hash = $1 AND pair_until > $3 AND revoked_at IS NULL RETURNING id, hall_id, kind
"""


@dataclass(frozen=True, slots=True)
class Paired:
    """A machine that has just been let in, and the cookie's value."""

    hall_id: UUID
    kind: DeviceKind
    session: str


@dataclass(frozen=True, slots=True)
class DeviceView:
    """One machine as the desk sees it. `pairing` while its code may still be typed in."""

    id: UUID
    kind: DeviceKind
    name: str
    made_at: datetime
    opened_at: datetime | None
    seen_at: datetime | None
    pairing: bool
    ended_at: datetime | None


@db.transactional
async def add_device(actor: Staff, hall_id: UUID, kind: DeviceKind, name: str) -> tuple[UUID, str]:
    """Let another machine of the hall in; gives its id and the code to type there within a quarter of an hour.

    Refuses: `queue.device_name_missing`, `queue.too_many_devices`.
    """
    await check_hall(actor, hall_id)
    if not name.strip():
        raise InvalidInput("queue.device_name_missing")
    if await HallDevice.filter(hall_id=hall_id, revoked_at__isnull=True).count() >= MOST:
        raise Conflict("queue.too_many_devices", limit=MOST)
    device = HallDevice(id=new_id(), hall_id=hall_id, kind=kind, name=name.strip(), staff_id=actor.staff_id)
    code = _code(device)
    await device.save(force_create=True)
    await audit.record(actor, "queue.device_added", "hall", hall_id, kind=kind.value, name=device.name)
    return device.id, code


@db.transactional
async def pair_again(actor: Staff, device_id: UUID) -> str:
    """Give a new code, for a machine that has lost its cookie; what it had before ends now."""
    device = await _mine(actor, device_id)
    code = _code(device)
    device.session_hash = None
    await device.save()
    await audit.record(actor, "queue.device_paired_again", "hall", device.hall_id, name=device.name)
    return code


@db.transactional
async def revoke_device(actor: Staff, device_id: UUID) -> None:
    """Shut a machine out now."""
    device = await _mine(actor, device_id)
    device.revoked_at, device.session_hash, device.pair_hash, device.pair_until = clock.now(), None, None, None
    await device.save()
    await audit.record(actor, "queue.device_revoked", "hall", device.hall_id, name=device.name)


async def devices_of(actor: Staff, hall_id: UUID) -> list[DeviceView]:
    """List the machines of a hall, those in use first."""
    await check_hall(actor, hall_id)
    rows = await HallDevice.filter(hall_id=hall_id).order_by("-created_at").limit(2 * MOST)
    now = clock.now()
    shown = [
        DeviceView(
            row.id, row.kind, row.name, row.created_at, row.opened_at, row.seen_at,
            row.pair_until is not None and row.pair_until > now, row.revoked_at,
        )
        for row in rows
    ]  # fmt: skip
    return sorted(shown, key=lambda one: one.ended_at is not None)


async def pair(typed: str) -> Paired:
    """Let a machine in by the code that was typed. Refuses: `queue.pair_code_wrong`."""
    session = token()
    code = "".join(one for one in typed if one.isdigit())
    row = await db.fetchrow(_PAIR, _hashed(code), _hashed(session), clock.now())
    if row is None:
        raise NotFound("queue.pair_code_wrong")
    return Paired(row["hall_id"], DeviceKind(row["kind"]), session)


async def device_of(session: str, hall_id: UUID, kind: DeviceKind) -> UUID:
    """Know a machine by its cookie. Refuses: `queue.kiosk_locked`, also for another hall's or kind of machine."""
    found = await HallDevice.get_or_none(session_hash=_hashed(session)) if session else None
    if found is None or found.hall_id != hall_id or found.kind is not kind:
        raise NotFound("queue.kiosk_locked")
    now = clock.now()
    if found.seen_at is None or now - found.seen_at > SEEN_EVERY:
        await HallDevice.filter(id=found.id).update(seen_at=now)
    return found.id


async def door_code(hall_id: UUID) -> str:
    """Give the code that a screen or kiosk shows now: whoever scans it stands in the hall."""
    await catalogue.hall(hall_id)
    return await thread.passing_code("door", hall_id, lasts=DOOR_LASTS, every=DOOR_EVERY)


def _code(device: HallDevice) -> str:
    code = f"{secrets.randbelow(10**PAIR_DIGITS):0{PAIR_DIGITS}d}"
    device.pair_hash, device.pair_until = _hashed(code), clock.now() + PAIR_FOR
    return code


def _hashed(secret: str) -> bytes:
    return hashlib.sha256(b"hall device\x00" + secret.encode()).digest()


async def _mine(actor: Staff, device_id: UUID) -> HallDevice:
    device = await HallDevice.get_or_none(id=device_id, revoked_at__isnull=True)
    if device is None:
        raise NotFound
    await check_hall(actor, device.hall_id)
    return device
