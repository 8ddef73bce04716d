"""Notices: numbered papers that their QR proves. The facts are kept sealed; the PDF is drawn when asked for."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from msgspec import Struct, convert, to_builtins

from server import db
from server.actor import Actor, Citizen, Staff
from server.errors import FieldError, InvalidInput, NotFound, Unavailable
from server.features.audit import service as audit
from server.features.documents.models import Notice
from server.features.documents.schemas import NoticeCheck, NoticeOut
from server.features.documents.service._paper import Paper, draw
from server.features.documents.service._seals import SealHand, use_seal
from server.features.thread import service as thread
from server.kit import clock
from server.kit.fonts import GlyphMissingError, unprintable
from server.kit.texts import text

# Papers are in the language of the procedure, whatever language the phone shows (行政许可法 and the notices say so).
LOCALE = "zh-CN"


_previewing: ContextVar[bool] = ContextVar("previewing", default=False)


class NoticeFacts(Struct, kw_only=True):
    """What one notice says. `rows` are label and value; `lines` are paragraphs; both are already in words."""

    office: str
    applicant: str
    item: str
    rows: list[tuple[str, str]]
    lines: list[str]
    remedies: str | None
    sample: bool


class _WouldGiveError(Exception):
    """Carries what a notice would say out of a deed that is only tried."""

    def __init__(self, thread_id: UUID, kind: str, facts: NoticeFacts) -> None:
        super().__init__(kind)
        self.thread_id, self.kind, self.facts = thread_id, kind, facts


async def printable(words: str) -> str:
    """Tidy what an officer has written for a notice. Refuses `documents.unprintable`, and nothing at all (`missing`).

    Found out while it is being typed, it is mended in a moment; found when the paper is drawn, it is too late.
    """
    tidy = "\n".join(line.strip() for line in words.replace("\t", " ").splitlines()).strip()
    if not tidy:
        raise InvalidInput("invalid_input", fields=(FieldError("reason", "missing"),))
    if foreign := await asyncio.to_thread(unprintable, tidy):
        raise InvalidInput("documents.unprintable", signs=" ".join(f"U+{ord(sign):04X}" for sign in foreign[:5]))
    return tidy


async def issue_notice(thread_id: UUID, kind: str, facts: NoticeFacts, hand: SealHand) -> NoticeOut:
    """Give a thread a numbered notice, in the caller's transaction; that its seal was used is in the register.

    `kind` names texts `documents.notice.<kind>`. Within `preview_notice` nothing is given, and the deed ends here.
    """
    if _previewing.get():
        raise _WouldGiveError(thread_id, kind, facts)
    year = clock.today().year
    serial = await db.fetchval("SELECT nextval('notice_serial')")
    notice = Notice(
        number=text(LOCALE, f"documents.notice.{kind}.number", year=year, serial=f"{serial:06d}"),
        kind=kind,
        thread_id=thread_id,
    )
    notice.facts = to_builtins(facts)
    notice.code = await thread.issue_code("notice", notice.id, thread_id=thread_id)
    await notice.save(force_create=True)
    await use_seal(hand, thread_id, notice.id, kind, notice.number)
    return _out(notice, LOCALE)


async def preview_notice(deed: Callable[[], Awaitable[object]]) -> bytes:
    """Draw the notice that a deed would give, marked as a preview: without number, code or seal.

    The deed is tried as it is and always undone, so that what is drawn is what will be given, and what would be refused
    is refused. Raises NotFound where the deed gives no notice.
    """
    before = _previewing.set(True)
    try:
        async with db.tx():
            await deed()
            raise NotFound
    except _WouldGiveError as would:
        number = (await thread.get(would.thread_id)).number
        paper = _previewed(would, number)
    finally:
        _previewing.reset(before)
    try:
        return await asyncio.to_thread(draw, paper)
    except GlyphMissingError as missing:
        raise Unavailable("documents.glyph_missing") from missing


async def notices_of(thread_id: UUID, locale: str) -> list[NoticeOut]:
    """List the notices of a thread; the caller has already checked who may see it."""
    rows = await Notice.filter(thread_id=thread_id).order_by("created_at")
    return [_out(notice, locale) for notice in rows]


async def draw_notice(actor: Citizen, notice_id: UUID, public_url: str) -> tuple[str, bytes]:
    """Draw the PDF for somebody who may see the thread; give its number and bytes."""
    notice = await Notice.get_or_none(id=notice_id)
    if notice is None:
        raise NotFound
    await thread.view(actor, notice.thread_id)
    return notice.number, await _drawn(notice, public_url)


async def look_at_notice(actor: Staff, notice_id: UUID, thread_id: UUID, public_url: str) -> bytes:
    """Draw the PDF for an officer; the caller has checked that they may see the thread. The look is on record."""
    notice = await Notice.get_or_none(id=notice_id, thread_id=thread_id)
    if notice is None:
        raise NotFound
    whose = (await thread.get(thread_id)).holder_id
    async with db.tx():
        await audit.record(actor, "documents.viewed", "notice", notice.id, person_id=whose, thread_id=thread_id)
    return await _drawn(notice, public_url)


async def _drawn(notice: Notice, public_url: str) -> bytes:
    facts = convert(notice.facts, NoticeFacts, strict=False)
    number = (await thread.get(notice.thread_id)).number
    try:
        return await asyncio.to_thread(draw, _paper(notice, facts, number, public_url))
    except GlyphMissingError as missing:
        # Better no paper than a name with a hole in it; the operator adds a font.
        raise Unavailable("documents.glyph_missing") from missing


async def check_notice(notice_id: UUID, actor: Actor) -> NoticeCheck:
    """Tell a stranger who scanned the QR what the paper is; no name and no content."""
    notice = await Notice.get_or_none(id=notice_id)
    if notice is None:
        raise NotFound("codes.unknown")
    facts = convert(notice.facts, NoticeFacts, strict=False)
    shown = _out(notice, actor.locale)
    return NoticeCheck(
        number=notice.number, kind=notice.kind, title=shown.title, item=facts.item, issued_at=notice.created_at
    )


def _out(notice: Notice, locale: str) -> NoticeOut:
    return NoticeOut(
        id=notice.id,
        number=notice.number,
        kind=notice.kind,
        title=text(locale, f"documents.notice.{notice.kind}.title"),
        url=f"/api/v1/notices/{notice.id}.pdf",
        issued_at=notice.created_at,
    )


def _paper(notice: Notice, facts: NoticeFacts, thread_number: str, public_url: str) -> Paper:
    return replace(
        _said(notice.kind, facts, thread_number, notice.created_at),
        number=notice.number,
        verify_url=f"{public_url}/q/{notice.code}",
        verify_hint=text(LOCALE, "documents.notice.verify"),
        watermark=text(LOCALE, "common.sample") if facts.sample else None,
    )


def _previewed(would: _WouldGiveError, thread_number: str) -> Paper:
    return replace(
        _said(would.kind, would.facts, thread_number, clock.now()),
        number=text(LOCALE, "documents.notice.unnumbered"),
        watermark=text(LOCALE, "documents.notice.preview"),
    )


def _said(kind: str, facts: NoticeFacts, thread_number: str, at: datetime) -> Paper:
    words = {"applicant": facts.applicant, "item": facts.item, "office": facts.office}
    issued: datetime = at.astimezone(clock.SHANGHAI)
    return Paper(
        office=facts.office,
        title=text(LOCALE, f"documents.notice.{kind}.title"),
        number="",
        greeting=text(LOCALE, "documents.notice.greeting", **words),
        body=text(LOCALE, f"documents.notice.{kind}.body", **words),
        rows=[(text(LOCALE, "documents.notice.thread_number"), thread_number), *facts.rows],
        lines=[*facts.lines, *([facts.remedies] if facts.remedies else [])],
        date=text(LOCALE, "documents.notice.date", year=issued.year, month=issued.month, day=issued.day),
        verify_url=None,
        verify_hint="",
        watermark=None,
    )
