"""The address book: where post reaches somebody, kept by themselves."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from uuid import UUID

from msgspec import convert, to_builtins

from server import db
from server.actor import Citizen
from server.errors import Conflict, FieldError, InvalidInput, NotFound
from server.features.identity.models import Address
from server.features.identity.schemas import AddressesOut, AddressIn, AddressOut, Postal
from server.features.identity.service import _people
from server.kit import checks

MOST = 20
PROVINCES = Path(__file__).resolve().parent.parent / "data" / "provinces.txt"
_LONGEST = {"name": 30, "city": 30, "county": 30, "street": 100}


async def addresses(actor: Citizen) -> AddressesOut:
    """Show my address book, the usual address first. Raises Forbidden `identity.real_name_required`."""
    own = await _people.require_person(actor)
    return AddressesOut(items=[_shown(row) for row in await Address.book_of(own.id)], provinces=list(_provinces()))


async def address(actor: Citizen, address_id: UUID) -> Postal:
    """Give one of my addresses, to be copied to what is sent there. Raises NotFound."""
    own = await _people.require_person(actor)
    return convert((await _mine(own.id, address_id)).place, Postal)


@db.transactional
async def add_address(actor: Citizen, given: AddressIn) -> AddressesOut:
    """Write an address down; the first is the usual one. Refuses `invalid_input`, `identity.addresses_full`."""
    own = await _people.require_person(actor)
    place = _checked(given)
    known = await _book(own.id)
    if len(known) >= MOST:
        raise Conflict("identity.addresses_full")
    row = Address(person_id=own.id, usual=given.usual or not known)
    row.place = to_builtins(place)
    await _only_usual(own.id, row)
    await row.save(force_create=True)
    return await addresses(actor)


@db.transactional
async def edit_address(actor: Citizen, address_id: UUID, given: AddressIn) -> AddressesOut:
    """Change an address; what was sent before stays as it was sent. Refuses `invalid_input`; raises NotFound."""
    own = await _people.require_person(actor)
    await _book(own.id)
    row = await _mine(own.id, address_id)
    row.place = to_builtins(_checked(given))
    row.usual = row.usual or given.usual
    await _only_usual(own.id, row)
    await row.save(update_fields=["place_sealed", "usual"])
    return await addresses(actor)


@db.transactional
async def drop_address(actor: Citizen, address_id: UUID) -> AddressesOut:
    """Take an address out of the book; the oldest left becomes the usual one. Raises NotFound."""
    own = await _people.require_person(actor)
    await _book(own.id)
    row = await _mine(own.id, address_id)
    await row.delete()
    left = await Address.book_of(own.id)
    if row.usual and left:
        await Address.filter(id=left[0].id).update(usual=True)
    return await addresses(actor)


async def _book(person_id: UUID) -> list[Address]:
    """List the book and hold it, also an empty one, until the transaction ends."""
    await db.execute("SELECT pg_advisory_xact_lock(hashtextextended('address:' || $1, 0))", str(person_id))
    return await Address.book_of(person_id)


async def _mine(person_id: UUID, address_id: UUID) -> Address:
    row = await Address.get_or_none(id=address_id, person_id=person_id)
    if row is None:
        raise NotFound
    return row


async def _only_usual(person_id: UUID, row: Address) -> None:
    if row.usual:
        await Address.filter(person_id=person_id, usual=True).exclude(id=row.id).update(usual=False)


def _checked(given: AddressIn) -> Postal:
    """Give it as the post needs it, or say of each field what is wrong."""
    written = {name: " ".join(getattr(given, name).split()) for name in _LONGEST}
    faults = [FieldError(name, "required") for name, said in written.items() if not said]
    faults += [
        FieldError(name, "too_long", {"limit": _LONGEST[name]})
        for name, said in written.items()
        if len(said) > _LONGEST[name]
    ]
    faults += [FieldError(name, "bad_format") for name, said in written.items() if not _readable(said)]
    phone = checks.mobile(given.phone)
    if phone is None:
        faults.append(FieldError("phone", "bad_format"))
    if given.province not in _provinces():
        faults.append(FieldError("province", "bad_format"))
    if faults:
        raise InvalidInput("invalid_input", fields=tuple(faults))
    return Postal(phone=phone or "", province=given.province, **written)


def _readable(said: str) -> bool:
    # A name or place of digits and signs alone is a slip of the keyboard.
    return not said or (said.isprintable() and any(letter.isalpha() for letter in said))


def _shown(row: Address) -> AddressOut:
    return AddressOut(id=row.id, usual=row.usual, **row.place)


@cache
def _provinces() -> tuple[str, ...]:
    return tuple(PROVINCES.read_text("utf-8").split())
