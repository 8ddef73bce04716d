"""Each of the indicators is what a plain look at the same rows gives: random rows, any place, any period."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from server import db
from server.features.ratings.models import Level
from server.features.supervision import service as supervision
from server.features.supervision.service import Chosen
from server.features.thread import service as thread
from server.kit import clock
from tests.factories import measured
from tests.factories import open_matters as keep
from tests.factories.identity import staff
from tests.factories.measured import at

pytestmark = pytest.mark.usefixtures("client")

# Of this month and the one before, whatever day it is.
AGO = st.integers(0, 28)
HOUR, DEPARTMENT, HALL = st.integers(0, 23), st.integers(0, 1), st.sampled_from([None, 0, 1])
VISITS = ("booking.served", "queue.served", "delivery.collected", "delivery.collected_by_agent")
SAVED = ("shared", "pledge", "reference", "certificate", "earlier_case")
Sums = dict[str, list[int]]


class Look(NamedTuple):
    """Which days, and whose."""

    begin: date
    end: date
    department: int | None
    hall: int | None

    def within(self, ago: int) -> bool:
        return self.begin <= at(ago).date() < self.end

    def here(self, department: int | None, hall: int | None) -> bool:
        return self.department in (None, department) and self.hall in (None, hall)


HANDLED = st.builds(
    measured.Handled, DEPARTMENT, HALL, AGO, HOUR, st.one_of(st.none(), st.integers(0, 5)),
    st.one_of(st.none(), st.integers(0, 5)), st.booleans(), st.booleans(), st.booleans(),
    st.lists(st.tuples(st.integers(0, 3), st.sampled_from((*VISITS, "booking.confirmed"))), max_size=3),
    st.lists(st.sampled_from((*SAVED, "upload", "window")), max_size=4), st.booleans(),
)  # fmt: skip
BOOKED = st.builds(
    measured.Booked, st.integers(0, 1), AGO,
    st.sampled_from(("held", "requested", "confirmed", "checked_in", "served", "declined", "cancelled", "no_show")),
)  # fmt: skip
QUEUED = st.builds(
    measured.Queued, st.integers(0, 1), AGO, st.one_of(st.none(), st.integers(-600, 600)),
    st.one_of(st.none(), st.integers(0, 9000)), st.sampled_from(("waiting", "done", "skipped", "abandoned")),
)  # fmt: skip
SENT = st.integers(0, 99).flatmap(lambda sent: st.builds(measured.Sent, AGO, HOUR, st.just(sent), st.integers(0, sent)))
COMPLAINED = st.builds(
    measured.Complained, DEPARTMENT, HALL, st.one_of(st.none(), AGO), HOUR, st.integers(-3, 3)
)  # fmt: skip
RATED = st.builds(
    measured.Rated, DEPARTMENT, HALL, AGO, HOUR, st.integers(0, 9), st.sampled_from((None, *Level, *Level)),
    st.booleans(), st.sampled_from((None, None, "waits", "counts", "dropped")),
    st.lists(st.sampled_from(("108", "109", "110")), max_size=3, unique=True), st.booleans(), st.booleans(),
    st.integers(-2, 4), st.one_of(st.none(), st.integers(0, 4)), st.booleans(),
)  # fmt: skip
OFFERED = st.builds(
    measured.Offered, DEPARTMENT, st.sampled_from(("01", "07", "20")),
    st.sampled_from((["enterprise"], ["person"], ["person", "enterprise"])), st.booleans(),
    st.lists(st.tuples(st.integers(0, 70), st.booleans()), max_size=3), st.booleans(),
)  # fmt: skip
SAMPLED = st.builds(
    measured.Sampled, DEPARTMENT, HALL, st.one_of(st.none(), AGO), HOUR, st.integers(0, 2)
)  # fmt: skip


def of_cases(look: Look, rows: list[measured.Handled]) -> Sums:
    own = [one for one in rows if look.here(one.department, one.hall) and not one.whole]
    accepted = [one for one in own if look.within(one.ago)]
    done = [one for one in own if one.took is not None and look.within(one.left)]
    promised = [(one.ago - one.left, one.promised) for one in done if one.promised is not None]
    # Its promise is so many days ago, and nobody has decided.
    waits = [one.ago - one.promised for one in own if one.took is None and one.promised is not None]
    broken = [ago for ago in waits if ago > 0 and look.within(ago)]
    papers = [source for one in done for source in one.papers]
    days = []
    for one in done:
        came = {one.ago - later for later, name in one.steps if name in VISITS}
        days.append(len(came | {one.ago} if one.at_window else came))
    return {
        "promise_kept": [sum(took <= promise for took, promise in promised), len(promised) + len(broken)],
        "days_of_promise": [sum(took for took, _ in promised), sum(promise for _, promise in promised)],
        "one_visit": [sum(number <= 1 for number in days), len(days)],
        "zero_visit": [sum(number == 0 for number in days), len(days)],
        "papers_saved": [sum(source in SAVED for source in papers), len(papers)],
        "with_deficiency": [sum(one.deficient for one in accepted), len(accepted)],
        "one_window": [sum(one.hall is not None and not one.routed for one in accepted), len(accepted)],
    }


def of_bookings(look: Look, rows: list[measured.Booked]) -> Sums:
    due = [one.state for one in rows if look.here(None, one.hall) and look.within(one.ago)]
    meant = [state for state in due if state in ("no_show", "checked_in", "served")]
    return {"no_shows": [meant.count("no_show"), len(meant)]}


def of_numbers(look: Look, rows: list[measured.Queued]) -> Sums:
    called = [one for one in rows if look.here(None, one.hall) and look.within(one.ago) and one.waits is not None]
    done = [one.serves for one in called if one.state == "done" and one.serves is not None]
    return {"waited": [sum(max(0, one.waits or 0) for one in called), len(called)], "served": [sum(done), len(done)]}


def of_messages(look: Look, rows: list[measured.Sent]) -> Sums:
    # The tallies of a month that began longer ago than they are kept for may be gone already: it stays as it was.
    kept = thread.measured()["in_ten_seconds"].kept
    assert kept
    since = clock.today() - kept
    whole = [one for one in rows if at(one.ago).date().replace(day=1) > since]
    own = [one for one in whole if look.here(None, None) and look.within(one.ago)]
    return {"in_ten_seconds": [sum(one.in_time for one in own), sum(one.sent for one in own)]}


def of_complaints(look: Look, rows: list[measured.Complained]) -> Sums:
    here = [one for one in rows if look.here(one.department, one.hall)]
    answered = [one for one in here if one.ago is not None and look.within(one.ago)]
    # `due` is counted from today where there is no answer.
    late = [one for one in here if one.ago is None and one.due < 0 and look.within(-one.due)]
    return {"complaints_in_time": [sum(one.due >= 0 for one in answered), len(answered) + len(late)]}


def of_ratings(look: Look, rows: list[measured.Rated]) -> Sums:
    own = [one for one in rows if look.here(one.department, one.hall)]
    counted = [one for one in own if one.level and not one.excluded and one.burst in (None, "counts")]
    asked = [one for one in own if look.within(one.ago)]
    told = [one for one in counted if look.within(one.given)]
    bad = [one for one in told if one.level and one.level.bad]
    called = [one for one in bad if one.named and (one.called is not None or one.due < clock.today())]
    answered = [one for one in bad if one.answered or one.due < clock.today()]
    out = [one for one in own if one.level and one not in counted and look.within(one.given)]
    return {
        "rated": [sum(one in counted for one in asked), len(asked)],
        "rated_bad": [len(bad), len(told)],
        "bad_reasons": [sum(len(one.tags) for one in bad), 0],
        "reopened": [sum(one.reopened for one in bad), sum(one.answered or one.reopened for one in bad)],
        "called_back": [sum(one.called is not None and one.called <= one.within for one in called), len(called)],
        "rectified_in_time": [sum(one.answered and one.within >= 0 for one in answered), len(answered)],
        "ratings_left_out": [len(out), 0],
    }


def of_items(look: Look, rows: list[measured.Offered]) -> Sums:
    lets, whole = 0, 0
    for month in supervision.periods(clock.today())[:2]:
        for one in rows if look.begin <= month.begin < look.end else ():
            stood = [may for ago, may in one.guides if at(ago).date() < month.end]
            asked = one.active and "enterprise" in one.audience and one.kind != "20" and look.here(one.department, None)
            whole += bool(asked and stood)
            lets += bool(asked and stood and stood[-1])
    return {"deficiency_coverage": [lets, whole]}


def of_samples(look: Look, rows: list[measured.Sampled]) -> Sums:
    here = [one for one in rows if look.here(one.department, one.hall)]
    looked = [one for one in here if one.ago is not None and look.within(one.ago)]
    return {"sampled_sound": [sum(one.bad == 0 for one in looked), len(looked)]}


FAMILIES: dict[str, tuple[st.SearchStrategy[Any], Callable[[Look, list[Any]], Sums]]] = {
    "cases": (HANDLED, of_cases),
    "bookings": (BOOKED, of_bookings),
    "numbers": (QUEUED, of_numbers),
    "messages": (SENT, of_messages),
    "complaints": (COMPLAINED, of_complaints),
    "ratings": (RATED, of_ratings),
    "items": (OFFERED, of_items),
    "samples": (SAMPLED, of_samples),
}


async def test_every_indicator_is_among_them() -> None:
    look = Look(clock.today(), clock.today(), None, None)
    known = {key for _, by_hand in FAMILIES.values() for key in by_hand(look, [])}
    assert known == set(thread.measured()), "a new one needs a plain recomputation here"


@pytest.mark.parametrize("family", FAMILIES)
@settings(
    max_examples=15, deadline=None, phases=[Phase.generate], suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
async def test_what_is_shown_is_what_the_rows_say(family: str, data: st.DataObject) -> None:
    strategy, by_hand = FAMILIES[family]
    rows = data.draw(st.lists(strategy, min_size=4, max_size=16))
    await db.execute("TRUNCATE thread, item, booking, push_tally, rating_burst, figure CASCADE")
    ground, supervisor = await keep.ground(), (await staff("supervisor")).actor
    await measured.keep(ground, rows, supervisor.staff_id)
    await supervision.count_lately()
    every = supervision.periods(clock.today())
    for period in (every[0], every[1], *(one for one in every if one.months > 1 and one.end > clock.today())):
        for department, hall in ((None, None), (1, None), (None, 0), (0, 1)):
            chosen = Chosen(
                department=None if department is None else ground.departments[department], hall=ground.hall(hall)
            )
            found = (await supervision.figures(supervisor, chosen, period)).figures
            expected = by_hand(Look(period.begin, period.end, department, hall), rows)
            shown = {key: [found[key].now.part, found[key].now.whole] for key in expected}
            assert shown == expected, (period.written, department, hall)
