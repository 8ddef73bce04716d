"""A copy of everything, as one archive."""

from __future__ import annotations

import asyncio
import io
import zipfile
from typing import TYPE_CHECKING, Any

import msgspec

from server import db
from server.errors import TooMany, Unavailable
from server.features.audit import service as audit
from server.features.documents import service as documents
from server.features.identity import service as identity
from server.features.privacy.models import DataRequest, Wish, WishState
from server.features.privacy.service import _held, _wishes
from server.kit import clock

if TYPE_CHECKING:
    from uuid import UUID

    from server.actor import Actor, Citizen
    from server.ports import FileStore

# What an archive takes in files; whatever is beyond is listed, and can be opened where it was handed in.
MOST_BYTES = 64 * 1024 * 1024


async def export(actor: Citizen, files: FileStore) -> bytes:
    """Give a person the copy of everything kept about them. It is stored nowhere. Raises TooMany."""
    person = await identity.require_person(actor)
    async with db.tx():
        await db.execute("SELECT pg_advisory_xact_lock(hashtextextended($1, 7))", str(person.id))
        if await _wishes.exports_left(person.id) <= 0:
            raise TooMany("privacy.exported_enough", retry_after=_wishes.DAY)
        await DataRequest(person_id=person.id, kind=Wish.EXPORT, state=WishState.DONE).save()
    return await export_of(actor, person.id, files)


async def export_of(actor: Actor, person_id: UUID, files: FileStore) -> bytes:
    """Make the archive of one person: `data.json`, and their files. On record as a look."""
    held = await _held.held(person_id)
    papers = [(row, await _content(row, files)) for row in _within(held.get("file", []))]
    await audit.record(actor, "identity.exported", "person", person_id, person_id=person_id)
    return await asyncio.to_thread(_packed, held, papers)


def _within(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    taken, size = [], 0
    for row in rows:
        size += row["size"]
        if row["state"] == "kept" and size <= MOST_BYTES:
            taken.append(row)
    return taken


async def _content(row: dict[str, Any], files: FileStore) -> bytes | None:
    try:
        return await documents.content(files, row["id"])
    except Unavailable:
        # One file that cannot be had now must not keep all the rest from its owner.
        return None


def _packed(held: dict[str, list[dict[str, Any]]], papers: list[tuple[dict[str, Any], bytes | None]]) -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        told = {"made_at": clock.now(), "tables": held}
        archive.writestr("data.json", msgspec.json.format(msgspec.json.encode(told), indent=2))
        for row, content in papers:
            if content is not None:
                archive.writestr(f"files/{row['id']}-{row['name']}", content)
    return sink.getvalue()
