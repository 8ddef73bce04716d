"""Taking a file in: looked through, opened where it can do no harm, sealed, and only then kept."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import mimetypes
from collections.abc import Awaitable, Callable

from server import db
from server.actor import Actor, Citizen, Staff
from server.errors import Conflict, InvalidInput, Unavailable
from server.features.audit import service as audit
from server.features.documents.models import File, FileState
from server.features.documents.schemas import FileOut
from server.features.documents.service import _cleaner, _files
from server.features.documents.service._opening import Clean
from server.ports import Antivirus, FileStore, OutsideError, Ports

LONGEST_NAME = 120
MOST_UNUSED = 60
Reader = Callable[[], Awaitable[bytes]]
_ENDINGS = {"image/jpeg": "jpg", "image/png": "png", "image/webp": "webp", "application/pdf": "pdf"}
# Python's own list has no webp before 3.13.
_KINDS = {ending: media_type for media_type, ending in _ENDINGS.items()} | {"jpeg": "image/jpeg"}

_log = logging.getLogger(__name__)


async def store(actor: Citizen | Staff, ports: Ports, name: str, read: Reader) -> FileOut:
    """Keep an upload; `read` gives its bytes when it is its turn. The same bytes again, not yet used, are one file.

    Refuses what `_opening` refuses, `documents.type_mismatch`, `.infected`, `.too_many_unused`; Unavailable
    `documents.busy`, `.antivirus_unavailable`, `.store_unavailable` lose nothing.
    """
    title = tidy(name)
    async with _cleaner.Turn():
        content = await read()
        kept = await cleaned(ports.antivirus, content)
        del content
        title = _named(title, kept.media_type)
        digest = await asyncio.to_thread(lambda: hashlib.sha256(kept.content).digest())
        if isinstance(actor, Citizen):
            unused = await File.of_account(actor.account_id).filter(thread_id=None, held_for=None)
            for again in unused:
                if again.digest == digest:
                    return _files.shown(again)
            if len(unused) >= MOST_UNUSED:
                raise Conflict("documents.too_many_unused")
        file = File(media_type=kept.media_type, size=len(kept.content), digest=digest, has_thumb=kept.thumb is not None)
        file.width, file.height = kept.width, kept.height
        file.name = title
        if isinstance(actor, Citizen):
            file.account_id, file.person_id = actor.account_id, actor.person_id
        else:
            file.staff_id = actor.staff_id
        await bring_in(actor, ports.files, file, kept)
    return _files.shown(file)


async def cleaned(antivirus: Antivirus, content: bytes) -> Clean:
    """Look bytes through and open them where it can do no harm. Refuses as `store`."""
    await _looked_through(antivirus, content)
    return await _cleaner.clean(content)


async def _looked_through(antivirus: Antivirus, content: bytes) -> None:
    """Let nobody open what nobody has looked through: when the antivirus is away, nothing is taken."""
    try:
        found = await antivirus.infected(content)
    except OutsideError as failure:
        raise Unavailable("documents.antivirus_unavailable", retry_after=30) from failure
    if found is not None:
        _log.warning("an upload was infected: %s", "".join(sign for sign in found[:80] if sign.isprintable()))
        raise InvalidInput("documents.infected")


def _named(name: str, media_type: str) -> str:
    """Refuse a name that promises another kind of file; one picture called by another's ending is renamed."""
    stem, dot, ending = name.rpartition(".")
    said = _KINDS.get(ending.lower()) or mimetypes.guess_type(name)[0] if dot else None
    if said == media_type:
        return name
    if said is not None and not (said.startswith("image/") and media_type.startswith("image/")):
        raise InvalidInput("documents.type_mismatch")
    return f"{(stem if said else name)[: LONGEST_NAME - 5]}.{_ENDINGS[media_type]}"


async def bring_in(actor: Actor, files: FileStore, file: File, kept: Clean) -> None:
    """Keep a file: its row, its bytes, and that it came."""
    # The row is first, so that whatever a crash leaves in the store has a name the sweep finds it by.
    await file.save(force_create=True)
    await _files.put_bytes(files, file, file.key, kept.content)
    if kept.thumb is not None:
        await _files.put_bytes(files, file, file.thumb_key, kept.thumb)
    async with db.tx():
        file.state = FileState.KEPT
        await file.save(update_fields=["state"])
        await audit.record(actor, "documents.stored", "file", file.id, person_id=file.person_id, size=file.size)


def tidy(name: str) -> str:
    """Make a name that can be shown. Refuses `documents.name_missing`."""
    shown = "".join(letter for letter in name.replace("\\", "/").rsplit("/", 1)[-1] if letter.isprintable()).strip()
    if len(shown) > LONGEST_NAME:
        shown = shown[: LONGEST_NAME - 8] + "…" + shown[-7:]
    if not shown:
        raise InvalidInput("documents.name_missing")
    return shown
