"""Handing in, for all who tap at once: read together, written by one statement.

It serves a plain draft of one's own that nothing speaks against. Everything else (a correction, somebody else's matter,
a theme, a guide whose rules decide, a certificate, pledge or number that stands in for a paper, a refusal of any kind)
is left to `submit`, which goes step by step and says why: so what is refused, and in which words, is written once.
"""

from __future__ import annotations

import contextlib
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING
from uuid import UUID

import asyncpg
import msgspec

from server import db
from server.actor import Citizen
from server.db.promises import Claim, Stored, sealed_reply, stored_of
from server.features.cases import messages
from server.features.cases.models import Case, CaseState
from server.features.cases.schemas import MaterialIn, MaterialOut, SubmitIn
from server.features.cases.service import _handing_sql as sql
from server.features.cases.service._apply import files_of, take_answers
from server.features.cases.service._earlier import reusable
from server.features.cases.service._pixels import misfits
from server.features.cases.service._receiving import DAYS
from server.features.cases.service._rules import asked_materials, asked_of, check_complete, check_form, check_uploads
from server.features.cases.service._told import told_at
from server.features.cases.service._view import Parts, drawn
from server.features.cases.service._wish import handling_hall, wish_for
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideContent, GuideView, HallView, MaterialRule
from server.features.documents import service as documents
from server.features.identity import service as identity
from server.features.push import service as push
from server.features.thread import service as thread
from server.kit import clock, wire
from server.kit.batching import Batcher
from server.kit.ids import new_id

if TYPE_CHECKING:
    from asyncpg import Record

KEPT_FOR = timedelta(seconds=1)
KEPT_GUIDES = 500
# While one batch is in the database, the process reads and writes for another.
LANES, BESIDE = 2, 8

_lane = db.Lane()


@dataclass(slots=True)
class Wish:
    """One application, as it waits. `claim` is the promise kept in its statement."""

    actor: Citizen
    claim: Claim
    case_id: UUID
    application: SubmitIn


@dataclass(slots=True)
class _Row:
    """One row of the statement, its papers, and the answer if it is handed in."""

    values: tuple[object, ...]
    papers: list[tuple[object, ...]]
    body: bytes


@dataclass(slots=True)
class _Served:
    """A guide's version with the halls that take it in, read again every second."""

    guide: GuideView
    halls: list[HallView]
    read_at: datetime


_served: dict[UUID, _Served] = {}
_days: dict[date, tuple[datetime, date]] = {}


async def hand_in(actor: Citizen, case_id: UUID, application: SubmitIn, claim: Claim) -> Stored | None:
    """Hand a plain application in, or give the answer it had; None for one that `submit` has to look at."""
    if thread.reacted_to(sql.STEP) or thread.reacted_to(sql.ROUTED):
        return None
    if application.subscriptions is not None:
        # WeChat has counted the acceptance already, whatever becomes of the application; twice is once.
        async with db.tx():
            await push.note_subscriptions(actor, application.subscriptions)
    return await batcher.ask(Wish(actor, claim, case_id, application))


async def _run(wishes: list[Wish]) -> list[Stored | Exception | None]:
    try:
        return await _answers(wishes)
    except asyncpg.PostgresError:
        # A rule of the tables, or two who waited for each other: one by one it is found out whose.
        return [None] * len(wishes)


def _apart(wish: Wish) -> tuple[Hashable, ...]:
    # The second tap on one application, or with one key, sees what became of the first.
    return wish.case_id, (wish.claim.owner, wish.claim.key)


batcher: Batcher[Wish, Stored | None] = Batcher(_run, lanes=LANES, beside=BESIDE, apart=_apart)


async def _answers(wishes: list[Wish]) -> list[Stored | Exception | None]:
    told: list[Stored | Exception | None] = [None] * len(wishes)
    known, files = await _read(wishes)
    now = clock.now()
    rows: dict[int, _Row] = {}
    for place, (wish, row) in enumerate(zip(wishes, known, strict=True)):
        # What is wrong with one is said to them alone, and by the steps.
        with contextlib.suppress(Exception):
            told[place] = stored_of(wish.claim, row)
            made = None if told[place] or _special(wish, row) else await _row(wish, row, files, now)
            if made is not None:
                rows[place] = made
    handed = await _write(list(rows.values()), now) if rows else set()
    for place, made in rows.items():
        if wishes[place].case_id in handed:
            told[place] = Stored(200, made.body)
    return told


async def _read(wishes: list[Wish]) -> tuple[list[Record], dict[UUID, Record]]:
    known = await _lane.fetch(
        sql.FACTS,
        [wish.case_id for wish in wishes],
        [wish.actor.person_id for wish in wishes],
        [wish.actor.account_id for wish in wishes],
        [wish.claim.owner for wish in wishes],
        [wish.claim.key for wish in wishes],
    )
    given = [one.file_id for wish in wishes for one in wish.application.materials]
    found = await _lane.fetch(documents.FILES, given) if given else []
    return known, {row["id"]: row for row in found}


async def _write(rows: list[_Row], now: datetime) -> set[UUID]:
    papers = [paper for row in rows for paper in row.papers]
    columns = [list(column) for column in zip(*(row.values for row in rows), strict=True)]
    of_papers = [list(column) for column in zip(*papers, strict=True)] or [[] for _ in sql.PAPERS]
    return {row["case_id"] for row in await _lane.fetch(sql.STATEMENT, now, *columns, *of_papers)}


def _special(wish: Wish, row: Record) -> bool:
    """Say whether something of it is not plain."""
    asked = wish.application
    gone = row["id"] is None or not row["active"] or row["version"] != asked.version
    return gone or row["other"] or asked.delivery.method == "post" or bool(asked.pledges or asked.references)


async def _row(wish: Wish, row: Record, files: dict[UUID, Record], now: datetime) -> _Row | None:
    """Judge it by the guide's rules. Raises AppError for what is refused; None for what is not plain."""
    actor, application = wish.actor, wish.application
    place = await _served_now(row["guide_id"], now)
    name, age = identity.own_of(row)
    if "person" not in place.guide.content.audience or not catalogue.of_age(place.guide.content.ages, age):
        return None
    case = _case(row, now)
    form = check_form(place.guide.content, application.form)
    take_answers(actor, case, form)
    content = asked_of(place.guide, case.situation)
    rules = asked_materials(content, form)
    given = [one for one in application.materials if one.key in {rule.key for rule in rules}]
    if not _plain(case, content, place.guide.content.materials, rules, application.materials, given, files):
        return None
    case.hall_id = handling_hall(place.guide, place.halls, application.delivery)
    case.delivery = msgspec.to_builtins(wish_for(application.delivery))
    case.told = told_at(place.guide, content, form, actor.locale)
    parts = Parts(
        form=form,
        number=row["number"],
        person=name,
        age=age,
        materials=_papers(rules, given, files),
        ask=await _ask(actor, row),
    )
    screen = drawn(case, actor, place.guide, content, parts)
    return _written(wish, case, given, wire.encode(screen), await _law_on(now))


def _plain(
    case: Case,
    content: GuideContent,
    all_rules: list[MaterialRule],
    rules: list[MaterialRule],
    sent: list[MaterialIn],
    given: list[MaterialIn],
    files: dict[UUID, Record],
) -> bool:
    """Check the papers. Raises AppError; false where more must be known than was read."""
    if catalogue.undecided(content, case.situation or {}) or any(one.get("reported") for one in case.known.values()):
        return False
    check_uploads(content, [one.key for one in sent])
    uploaded = {one.key for one in given}
    if any(rule.certificate_type and not rule.exempt and rule.key not in uploaded for rule in rules):
        return False
    if content.parts or content.pre_review or content.by_rules:
        return False
    if any(reusable(rule) and rule.key not in uploaded for rule in rules):
        return False
    if any(rule.pledge or rule.by_reference for rule in all_rules):
        return False
    check_complete(rules, uploaded)
    here = all(file_id in files for file_id in files_of(given))
    return here and not misfits(rules, ((one.key, documents.shown_of(files[one.file_id])) for one in given))


def _case(row: Record, now: datetime) -> Case:
    """Make the case as it will be; what is not named is as a draft has it."""
    return Case(
        id=row["id"],
        thread_id=row["thread_id"],
        item_id=row["item_id"],
        guide_id=row["guide_id"],
        department_id=row["department_id"],
        person_id=row["person_id"],
        known=msgspec.json.decode(row["known"]),
        version=row["version"] + 1,
        form_sealed=row["form_sealed"],
        situation_sealed=row["situation_sealed"],
        state=CaseState.SUBMITTED,
        submitted_at=now,
        updated_at=now,
    )


def _written(wish: Wish, case: Case, given: list[MaterialIn], body: bytes, law_on: date) -> _Row:
    account, claim = wish.actor.account_id, wish.claim
    values = (
        case.id, case.version - 1, case.thread_id, account, claim.owner, claim.key, claim.fingerprint,
        sealed_reply(claim, body), case.form_sealed, msgspec.json.encode(case.known).decode(),
        msgspec.json.encode(case.told).decode(), case.delivery_sealed, case.hall_id, len(given), new_id(),
        clock.today(), law_on, case.item_id, case.department_id,
    )  # fmt: skip
    papers: list[tuple[object, ...]] = [
        (case.id, case.thread_id, account, new_id(), one.key, one.file_id, place) for place, one in enumerate(given)
    ]
    return _Row(values, papers, body)


def _papers(rules: list[MaterialRule], given: list[MaterialIn], files: dict[UUID, Record]) -> list[MaterialOut]:
    held: dict[str, list[UUID]] = {}
    for one in given:
        held.setdefault(one.key, []).append(one.file_id)
    return [
        MaterialOut(
            key=rule.key,
            name=rule.name,
            need=rule.need,
            exempt=rule.exempt,
            source="shared" if rule.exempt else "upload" if rule.key in held else None,
            files=[documents.shown_of(files[file_id]) for file_id in held.get(rule.key, ())],
            refused_reason=None,
        )
        for rule in rules
    ]


async def _ask(actor: Citizen, row: Record) -> list[str]:
    if row["ever_asked"]:
        return await push.templates_for(actor, *messages.NEXT)
    return push.asked_first(*messages.NEXT)


async def _served_now(guide_id: UUID, now: datetime) -> _Served:
    kept = _served.get(guide_id)
    if kept is None or not timedelta(0) <= now - kept.read_at < KEPT_FOR:
        guide = await catalogue.guide(guide_id)
        halls = await catalogue.halls(keys=guide.content.hall_keys or None)
        if len(_served) >= KEPT_GUIDES:
            _served.clear()
        kept = _served[guide_id] = _Served(guide, halls, now)
    return kept


async def _law_on(now: datetime) -> date:
    """Tell the last day for an answer to what comes today."""
    today = clock.today()
    read_at, law_on = _days.get(today, (None, today))
    if read_at is None or not timedelta(0) <= now - read_at < KEPT_FOR:
        law_on = await catalogue.add_working_days(today, DAYS)
        _days.clear()
        _days[today] = now, law_on
    return law_on
