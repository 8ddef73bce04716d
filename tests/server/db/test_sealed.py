"""Personal data is unreadable in the database, bound to its row, and found by a keyed index."""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tortoise import fields
from tortoise.models import Model

from server import db
from server.kit import secret_file
from server.kit.ids import new_id
from server.kit.sealing import Keyring, UnsealError, key_of

OLD, NEW = b"\0\0\0\1", b"\0\0\0\2"
KEYS = {OLD: b"o" * 32, NEW: b"n" * 32}


def ring(current: bytes = NEW, index_key: bytes = b"i" * 32) -> Keyring:
    return Keyring(current, KEYS, index_key)


@given(st.binary(max_size=500), st.text(max_size=50))
def test_what_is_sealed_opens_in_its_place_only(plain: bytes, place: str) -> None:
    sealed = ring().seal(plain, place)
    assert ring().unseal(sealed, place) == plain
    assert len(plain) < 4 or plain not in sealed
    with pytest.raises(UnsealError):
        ring().unseal(sealed, place + ".")


@given(st.integers(0, 60), st.integers(1, 255))
def test_any_changed_byte_is_noticed(at: int, by: int) -> None:
    sealed = bytearray(ring().seal("张三 13800000000".encode(), "person.name.1"))
    sealed[at % len(sealed)] ^= by
    with pytest.raises(UnsealError):
        ring().unseal(bytes(sealed), "person.name.1")


@given(st.integers(0, 40))
def test_a_cut_value_is_noticed(length: int) -> None:
    with pytest.raises(UnsealError):
        ring().unseal(ring().seal(b"x" * 30, "a")[:length], "a")


def test_old_keys_open_and_the_current_one_seals() -> None:
    before = ring(current=OLD).seal(b"kept", "a")
    assert key_of(before) == OLD
    assert ring().unseal(before, "a") == b"kept"
    assert key_of(ring().seal(b"new", "a")) == NEW
    with pytest.raises(UnsealError):
        Keyring(NEW, {NEW: KEYS[NEW]}, b"i" * 32).unseal(before, "a")


def test_equal_values_are_sealed_differently_and_indexed_equally() -> None:
    assert ring().seal(b"x", "a") != ring().seal(b"x", "a")
    assert ring().index("person.document", "x") == ring().index("person.document", "x")
    assert ring().index("person.document", "x") != ring().index("person.phone", "x")
    assert ring().index("person.document", "x") != ring(index_key=b"j" * 32).index("person.document", "x")


@pytest.mark.parametrize(
    ("current", "keys", "index"),
    [
        (b"\0\0\0\3", KEYS, b"i" * 32),
        (b"\1", {b"\1": b"k" * 32}, b"i" * 32),
        (NEW, {NEW: b"short"}, b"i" * 32),
        (NEW, KEYS, b""),
    ],
)
def test_a_ring_that_could_not_work_is_refused(current: bytes, keys: dict[bytes, bytes], index: bytes) -> None:
    with pytest.raises(ValueError, match=r"is not on the ring|bytes"):
        Keyring(current, keys, index)


class Person(Model):
    id = fields.UUIDField(primary_key=True, default=new_id)
    name_sealed: bytes = fields.BinaryField(source_field="name")
    form_sealed: bytes | None = fields.BinaryField(null=True)
    name = db.Sealed("name_sealed")
    form = db.Sealed("form_sealed", kind="json", nullable=True)

    class Meta:
        table = "sealed_person"


@pytest.mark.usefixtures("database")
async def test_a_model_reads_and_writes_sealed_columns() -> None:
    await db.execute("CREATE TABLE sealed_person (id uuid PRIMARY KEY, name bytea NOT NULL, form_sealed bytea)")
    try:
        person = Person()
        person.name = "欧阳𠮷"
        person.form = {"家庭": ["甲", 2, None]}
        row = person.id, person.name_sealed, person.form_sealed
        await db.execute("INSERT INTO sealed_person VALUES ($1, $2, $3)", *row)
        stored = await db.fetchrow("SELECT * FROM sealed_person")
    finally:
        await db.execute("DROP TABLE sealed_person")
    assert stored is not None
    assert "欧阳".encode() not in stored["name"]
    again = Person(id=stored["id"], name_sealed=stored["name"], form_sealed=stored["form_sealed"])
    assert again.name == "欧阳𠮷"
    assert again.form == {"家庭": ["甲", 2, None]}
    assert db.unseal("sealed_person", "name", person.id, stored["name"]) == "欧阳𠮷"
    with pytest.raises(UnsealError):
        db.unseal("sealed_person", "name", UUID(int=1), stored["name"])
    again.form = None
    assert again.form_sealed is None
    assert again.form is None


@pytest.mark.usefixtures("database")
def test_a_sealed_column_refuses_what_it_cannot_keep() -> None:
    person = Person()
    with pytest.raises(ValueError, match="not nullable"):
        person.name = None  # type: ignore[assignment]
    with pytest.raises(TypeError, match="kind='json'"):
        person.name = 5  # type: ignore[assignment]
    person.id = None  # type: ignore[assignment]
    with pytest.raises(ValueError, match="needs its id"):
        person.name = "x"


def test_the_file_of_keys_is_made_once_and_private(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "secrets.json"
    first = secret_file.load_secrets(path, make=True)
    assert path.stat().st_mode & 0o777 == 0o600
    sealed = first.keyring.seal(b"x", "a")
    again = secret_file.load_secrets(path, make=False)
    assert again.keyring.unseal(sealed, "a") == b"x"
    assert (again.session, again.audit, again.signing) == (first.session, first.audit, first.signing)
    assert len({first.session, first.audit, first.signing[0].seed}) == 3
    assert os.listdir(path.parent) == ["secrets.json"]  # noqa: PTH208 - names, hidden ones too
    assert first.session.hex() not in repr(first)


def test_a_file_of_keys_that_cannot_be_used_says_how_to_mend_it(tmp_path: Path) -> None:
    path = tmp_path / "secrets.json"
    with pytest.raises(secret_file.SecretFileError, match="is not there"):
        secret_file.load_secrets(path, make=False)
    secret_file.load_secrets(path, make=True)
    whole = json.loads(path.read_text("utf-8"))
    path.chmod(0o644)
    with pytest.raises(secret_file.SecretFileError, match="chmod 600"):
        secret_file.load_secrets(path, make=False)
    path.chmod(0o600)
    short = base64.b64encode(b"short").decode()
    for broken in ("", "[]", "{}", json.dumps(whole | {"audit": short}), json.dumps(whole | {"audit": 5})):
        path.write_text(broken, "utf-8")
        with pytest.raises(secret_file.SecretFileError, match="from its backup") as refused:
            secret_file.load_secrets(path, make=False)
        assert "\n" not in str(refused.value)
