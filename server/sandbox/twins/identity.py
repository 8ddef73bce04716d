"""The identity check: does this name belong to this number, this child to this parent? The control plane fills it."""

import hmac
import re
from typing import Annotated, Literal

import msgspec

from server.sandbox.checksums import looks_valid
from server.sandbox.state import Person
from server.sandbox.world import World

__all__ = ["PATH", "BadSignatureError", "Checked", "InvalidQuestionError", "UnlikelyNumberError", "check", "register"]

PATH = "/twins/identity/check"
KINSHIP = "kinship"
STAMP = re.compile(r"[0-9]{1,12}")
TOLERANCE = 300


class BadSignatureError(Exception):
    """X-Signature is not hex(hmac-sha256(key, timestamp + "." + body)), or X-Timestamp is five minutes off."""


class InvalidQuestionError(Exception):
    """The body is not {kind, name, number}, an enterprise with {legal_…}, kinship with {relative_…}."""


class UnlikelyNumberError(Exception):
    """The check digit is wrong, so nobody can have this number."""


class Question(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    kind: Annotated[str, msgspec.Meta(pattern=r"^[a-z_]{1,40}$")]
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=100)]
    number: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    legal_name: Annotated[str, msgspec.Meta(max_length=100)] = ""
    legal_number: Annotated[str, msgspec.Meta(max_length=64)] = ""
    relative_name: Annotated[str, msgspec.Meta(max_length=100)] = ""
    relative_number: Annotated[str, msgspec.Meta(max_length=64)] = ""


class Checked(msgspec.Struct):
    result: Literal["match", "mismatch", "unknown"]


def check(world: World, timestamp: str, signature: str, body: bytes) -> Checked:
    _verify(world, timestamp, signature, body)
    try:
        question = msgspec.json.decode(body, type=Question)
    except (msgspec.DecodeError, RecursionError) as error:
        raise InvalidQuestionError(str(error)) from None
    if question.kind == KINSHIP:
        return _kinship(world, question)
    number = question.number.strip().upper()
    known = [person for person in world.state.people if (person.kind, person.number) == (question.kind, number)]
    if not known:
        return Checked("unknown")
    return Checked("match" if any(_fits(person, question) for person in known) else "mismatch")


def register(world: World, person: Person) -> Person:
    """One name a number; a second one replaces it."""
    kept = Person(
        kind=person.kind,
        name=person.name.strip(),
        number=person.number.strip().upper(),
        legal_name=person.legal_name.strip(),
        legal_number=person.legal_number.strip().upper(),
        guardians=[number.strip().upper() for number in person.guardians],
    )
    if not kept.name or not looks_valid(kept.kind, kept.number):
        raise UnlikelyNumberError
    others = [other for other in world.state.people if (other.kind, other.number) != (kept.kind, kept.number)]
    world.state.people[:] = [*others, kept]
    world.unsaved = True
    return kept


def _kinship(world: World, question: Question) -> Checked:
    """Two known people and a child of whom the register names guardians; of a child with none it knows nothing."""
    found = {person.number: person for person in world.state.people if person.kind == "resident_id"}
    child = found.get(question.number.strip().upper())
    relative = found.get(question.relative_number.strip().upper())
    if child is None or relative is None or not child.guardians:
        return Checked("unknown")
    named = (question.name.strip(), question.relative_name.strip()) == (child.name, relative.name)
    return Checked("match" if named and relative.number in child.guardians else "mismatch")


def _fits(person: Person, question: Question) -> bool:
    asked = (question.name.strip(), question.legal_name.strip(), question.legal_number.strip().upper())
    return asked == (person.name, person.legal_name, person.legal_number)


def _verify(world: World, timestamp: str, signature: str, body: bytes) -> None:
    if not STAMP.fullmatch(timestamp) or abs(int(timestamp) - world.clock.now()) > TOLERANCE:
        raise BadSignatureError
    expected = hmac.new(world.settings.identity_key.encode(), f"{timestamp}.".encode() + body, "sha256").hexdigest()
    if not hmac.compare_digest(expected.encode(), signature.encode()):
        raise BadSignatureError
