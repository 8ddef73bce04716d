"""Figures are what counting the rows by hand gives, whatever happens to a row later; a newcomer is one class."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from server import db
from server.actor import Staff
from server.errors import InvalidInput, NotFound
from server.features.push import service as push
from server.features.ratings.models import Level
from server.features.supervision import service as supervision
from server.features.supervision.service import Chosen, Period
from server.features.thread import service as thread
from server.kit import clock, texts
from server.kit import clock as clocks
from server.kit.ids import new_id
from tests.conftest import Clock
from tests.factories import measured
from tests.factories import open_matters as keep
from tests.factories.identity import staff
from tests.fixtures_web import Client
from tests.server.console.desk import HTML, at_desk

pytestmark = pytest.mark.usefixtures("client")

_RATING = """
INSERT INTO rating
    (id, created_at, thread_id, subject_kind, subject_id, department_id, token, state, level, given_at, tags)
VALUES ($1::uuid, $2, $3, 'case', $1::uuid, $4, $1::uuid::text, $5, $6, $7, $8::text::jsonb)
"""
_CASE = """
INSERT INTO case_record (id, created_at, updated_at, thread_id, item_id, guide_id, department_id, hall_id, region_code,
    person_id, channel, state, form_sealed, submitted_at, accepted_at, decided_at, decided_by, promise_on, law_on)
VALUES ($1, $2, $2, $3, $4, $5, $6, $7, '341226', $8, 'phone', $9, '\\x00', $10, $10, $11, $12, $13, $13)
"""


class Given(NamedTuple):
    """A rating: of which department, asked for so many days ago, and what became of it."""

    department: int
    ago: int
    level: Level | None
    excluded: bool


class Decided(NamedTuple):
    """A case: where, accepted so many days ago, decided after so many, promised after so many."""

    department: int
    hall: int
    ago: int
    took: int
    promised: int
    granted: bool


RATINGS = st.lists(
    st.builds(Given, st.integers(0, 1), st.integers(0, 70), st.sampled_from([None, *Level]), st.booleans()), max_size=9
)
CASES = st.lists(
    st.builds(
        Decided, st.integers(0, 1), st.integers(0, 1), st.integers(20, 80), st.integers(0, 20), st.integers(0, 20),
        st.booleans(),
    ),
    max_size=9,
)  # fmt: skip


def at(ago: int) -> datetime:
    """Noon, so many days ago."""
    return datetime.combine(clock.today() - timedelta(days=ago), time(12), clock.SHANGHAI)


async def kept(ground: keep.Ground, ratings: list[Given], cases: list[Decided], officer: UUID) -> None:
    ids = await keep.threads(ground, len(ratings) + len(cases))
    for thread_id, one in zip(ids, ratings, strict=False):
        state = "open" if one.level is None else "excluded" if one.excluded else "given"
        given_at = None if one.level is None else at(one.ago)
        level = None if one.level is None else one.level.value
        department = ground.departments[one.department]
        await db.execute(
            _RATING, new_id(), at(one.ago), thread_id, department, state, level, given_at, '["110"]' if level else "[]"
        )
    for thread_id, case in zip(ids[len(ratings) :], cases, strict=True):
        await db.execute(
            _CASE, new_id(), at(case.ago), thread_id, ground.item, ground.guide, ground.departments[case.department],
            ground.halls[case.hall], ground.person, "granted" if case.granted else "denied", at(case.ago),
            at(case.ago - case.took), officer, at(case.ago - case.promised).date(),
        )  # fmt: skip


def by_hand(period: Period, ratings: list[Given], cases: list[Decided]) -> dict[str, tuple[int, int]]:
    """The same figures from the rows themselves."""

    def within(ago: int) -> bool:
        return period.begin <= at(ago).date() < period.end

    asked = [one for one in ratings if within(one.ago)]
    counted = [one for one in asked if one.level is not None and not one.excluded]
    done = [one for one in cases if within(one.ago - one.took)]
    bad = [one for one in counted if one.level is not None and one.level.bad]
    return {
        "rated": (sum(one.level is not None and not one.excluded for one in asked), len(asked)),
        "rated_bad": (len(bad), len(counted)),
        "bad_reasons": (len(bad), 0),
        "promise_kept": (sum(one.took <= one.promised for one in done), len(done)),
        "days_of_promise": (sum(one.took for one in done), sum(one.promised for one in done)),
        "one_visit": (len(done), len(done)),
        "zero_visit": (len(done), len(done)),
    }


async def shown(actor: Staff, period: Period, department: UUID | None = None) -> dict[str, tuple[int, int]]:
    found = (await supervision.figures(actor, Chosen(department=department), period)).figures
    return {key: (one.now.part, one.now.whole) for key, one in found.items()}


@settings(
    max_examples=8, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(ratings=RATINGS, cases=CASES)
async def test_the_figures_are_those_of_the_rows(ratings: list[Given], cases: list[Decided]) -> None:
    await db.execute("TRUNCATE thread, rating, figure CASCADE")
    ground, supervisor = await keep.ground(), (await staff("supervisor")).actor
    await kept(ground, ratings, cases, supervisor.staff_id)
    await supervision.count_everything()
    every = supervision.periods(clock.today())
    for period in (every[0], every[1], every[2], every[-1]):
        expected = by_hand(period, ratings, cases)
        found = await shown(supervisor, period)
        assert {key: found[key] for key in expected} == expected, period.written
        of_one = [one for one in cases if one.department == 1]
        found = await shown(supervisor, period, department=ground.departments[1])
        assert found["promise_kept"] == by_hand(period, [], of_one)["promise_kept"]
    # Whatever happens to a row later, counting again tells.
    await db.execute("UPDATE rating SET state = 'excluded' WHERE state = 'given'")
    await supervision.count_everything()
    left = [one._replace(excluded=True) for one in ratings]
    assert (await shown(supervisor, every[0]))["rated_bad"] == by_hand(every[0], left, [])["rated_bad"] == (0, 0)


async def test_each_sees_their_own_and_the_pages_say_everything(client: Client) -> None:
    ground = await keep.ground()
    taxes = await staff("reviewer", department=ground.departments[1])
    cases = [Decided(0, 0, 9, 9, 3, granted=True), Decided(1, 1, 9, 9, 9, granted=True)]
    await kept(ground, [Given(0, 0, Level.VERY_DISSATISFIED, excluded=False)], cases, taxes.actor.staff_id)
    await supervision.count_lately()
    this_month = supervision.periods(clock.today())[0]
    assert (await shown(taxes.actor, this_month))["promise_kept"] == (1, 1)
    for language in ("zh-CN", "en"):
        desk = at_desk(client.with_(accept_language=language), await staff("supervisor"))
        pages = [await desk.sees("/console/indicators", period=one) for one in ("", "2026-Q4", "2024")]
        pages += [await desk.sees(f"/console/indicators/{key}") for key in thread.measured()]
        for page in pages:
            assert "console." not in page.replace("onetrip_console", ""), "a text is missing"
    desk = at_desk(client, taxes)
    assert "2024年没有数据" in await desk.sees("/console/indicators", period="2024")
    older = await desk.sees("/console/indicators", period="2025-03")
    assert '<option value="2025-03" selected>' in older, "what is shown is what is chosen, listed or not"
    for wrong, status in (({"period": "2026-13"}, 422), ({"hall": str(ground.halls[0])}, 404)):
        assert (await desk.browser.get("/console/indicators", params=wrong, headers=HTML)).status == status
    assert (await desk.browser.get("/console/indicators/nothing", headers=HTML)).status == 404


async def test_what_is_forgotten_leaves_its_month_as_it_was(clock: Clock) -> None:
    """Tallies of messages go after some weeks; counting what is left of them would take the figure along."""
    supervisor, month = (await staff("supervisor")).actor, supervision.periods(clocks.today())[0]
    await db.execute(
        "INSERT INTO push_tally (created_at, channel, template, sent, in_time, not_agreed, refused, dead, too_late)"
        " VALUES ($1, 'wechat', 'progress', 10, 9, 0, 0, 0, 0)", clocks.now(),
    )  # fmt: skip
    await supervision.count_lately()
    assert (await shown(supervisor, month))["in_ten_seconds"] == (9, 10)
    for days in (32, 13):
        clock.advance(days=days)
        await push.fold_tallies()
        await supervision.count_everything()
        assert (await shown(supervisor, month))["in_ten_seconds"] == (9, 10)
    assert await db.fetchval("SELECT count(*) FROM push_tally") == 0


async def test_an_indicator_is_one_class_and_two_texts() -> None:
    """Said in words in each language, with the requirement it answers."""
    measured = thread.measured()
    assert len(measured) >= 16, "asked only now: before the product stands, no feature has said what it measures"
    for key, one in measured.items():
        assert one.notices, key
        assert one.leads is None or one.leads in supervision.kinds(), key
        for locale in ("zh-CN", "en"):
            for part in ("name", "means"):
                assert texts.find(locale, f"console.indicators.of.{key}.{part}"), (locale, key, part)


def test_periods_and_those_before() -> None:
    today = date(2026, 2, 14)
    named: dict[str, Callable[[], str]] = {
        "2026-02": lambda: supervision.period("2026-02").before.written,
        "2026-Q1": lambda: supervision.period("2026-Q1").before.written,
        "2026": lambda: supervision.period("2026").before.written,
    }
    assert [before() for before in named.values()] == ["2026-01", "2025-Q4", "2025"]
    listed = [one.written for one in supervision.periods(today)]
    assert len(listed) == len(set(listed)) == 21
    assert all(supervision.period(written).written == written for written in listed)
    for wrong in ("", "26", "2026-Q5", "2026-00", "1999", "2026-1"):
        with pytest.raises(InvalidInput):
            supervision.period(wrong)


async def test_a_figure_nobody_has_is_nowhere() -> None:
    with pytest.raises(NotFound):
        await supervision.figure((await staff("supervisor")).actor, "luck", Chosen(), supervision.period("2026"))


async def test_how_things_stood_at_a_months_end_stays(clock: Clock) -> None:
    """An item taken out of use later, or moved to another department, was there at the time all the same."""
    clock.set(datetime(2026, 5, 20, 4, tzinfo=clocks.SHANGHAI))
    ground, supervisor = await keep.ground(), (await staff("supervisor")).actor
    offered = measured.Offered(0, "01", ["enterprise"], True, [(9, True)], False)
    await measured.keep(ground, [offered], supervisor.staff_id)
    await supervision.count_everything()
    may = supervision.period("2026-05")
    assert (await shown(supervisor, may))["deficiency_coverage"] == (1, 1)
    clock.advance(days=30)
    await supervision.count_everything()
    await db.execute("UPDATE item SET active = false")
    await supervision.count_everything()
    assert (await shown(supervisor, may))["deficiency_coverage"] == (1, 1), "what is over stays as it stood"
    assert (await shown(supervisor, supervision.period("2026-06")))["deficiency_coverage"] == (0, 0)
