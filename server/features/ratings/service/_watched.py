"""What is watched of ratings: rectifications on their clock (nobody learns who rated), and the figures of a month."""

from __future__ import annotations

from server.features.ratings.service._figures import COUNTED, RATED_TAGS, RATINGS
from server.features.ratings.service._tokens import tags_known
from server.features.thread import service as thread

# The same as `Rectification.light`.
_OPEN = """
SELECT r.id, r.thread_id, NULL::text AS number, r.department_id, r.hall_id, r.due_on,
    CASE WHEN $1 >= t.red_on THEN NULL WHEN $1 >= t.amber_on THEN t.red_on - 1 ELSE t.amber_on - 1 END AS turns_on,
    CASE WHEN $1 >= t.red_on THEN 'red' WHEN $1 >= t.amber_on THEN 'amber' ELSE 'green' END AS light
FROM rectification r, LATERAL (
    SELECT least(r.red_on, CASE WHEN r.called_back_at IS NULL THEN r.call_back_on + 1 END) AS red_on,
        least(r.red_on - 2, CASE WHEN r.called_back_at IS NULL THEN r.call_back_on END) AS amber_on
) AS t WHERE r.closed_at IS NULL AND r.state IN ('assigned', 'verified', 'rectified', 'reopened')
"""

thread.watch(thread.Watch(kind="rectifications", open=_OPEN, numbered=False))


# Counted as in public: neither excluded by two officers nor in a burst that nobody has let through.
_COUNTED = f"{thread.in_months('r.given_at')} AND ({COUNTED})"
_BAD = "r.level IN ('dissatisfied', 'very_dissatisfied')"
_GIVEN = f"{thread.day_of('r.given_at')} AS day, r.department_id, r.hall_id"
# Nobody learns who rated: a row behind a figure says where and on what day, and leads no further.
_NOBODY = "NULL::uuid AS id, NULL::uuid AS thread_id, NULL::text AS what"


class Rated(thread.Indicator):
    """Those who rated, of those who were asked to: nothing is ever filled in for anybody."""

    key, notices, fields = "rated", (135, 136), ("rating.created_at", "rating.state", "rating.burst_id")
    rows = f"""
        SELECT {thread.day_of("r.created_at")} AS day, r.department_id, r.hall_id, '' AS label,
            {thread.one_if(COUNTED)} AS part, 1 AS whole, {_NOBODY}
        FROM {RATINGS} AND {thread.in_months("r.created_at")}
    """  # noqa: S608 - constants of our own; values are parameters


class RatedBad(thread.Indicator):
    """The lowest two levels, of all that count."""

    key, notices, better, leads = "rated_bad", (135, 141), "less", "rectifications"
    fields = ("rating.given_at", "rating.level", "rating.state", "rating.burst_id")
    rows = f"""
        SELECT {_GIVEN}, '' AS label, {thread.one_if(_BAD)} AS part, 1 AS whole, {_NOBODY}
        FROM {RATINGS} AND {_COUNTED}
    """  # noqa: S608 - as above


class BadReasons(thread.Indicator):
    """The national reasons that were given for bad ratings; a row says about which item, too."""

    key, notices, unit, better, leads = "bad_reasons", (141, 139), "count", "less", "rectifications"
    fields = ("rating.given_at", "rating.level", "rating.tags")
    rows = f"""
        SELECT {_GIVEN}, tag AS label, 1 AS part, 0 AS whole, {_NOBODY}, r.item_id
        FROM {RATED_TAGS} AND {_COUNTED} AND {_BAD}
    """  # noqa: S608 - as above


class LeftOut(thread.Indicator):
    """Ratings in none of the figures: excluded by two officers, or in a burst that nobody has let through."""

    key, notices, unit, better = "ratings_left_out", (139,), "count", "less"
    fields = ("rating.given_at", "rating.state", "rating.burst_id")
    rows = f"""
        SELECT {_GIVEN}, '' AS label, 1 AS part, 0 AS whole, {_NOBODY}
        FROM {RATINGS} AND {thread.in_months("r.given_at")} AND NOT ({COUNTED})
    """  # noqa: S608 - as above


_OF_RATINGS_THAT_COUNT = f"""
    FROM rectification w JOIN rating r ON r.id = w.rating_id
    WHERE {thread.real("w.thread_id")} AND {thread.in_months("w.created_at")} AND ({COUNTED})
"""
_ASSIGNED = f"{thread.day_of('w.created_at')} AS day, w.department_id, w.hall_id, '' AS label"
_WORK = "w.id, NULL::uuid AS thread_id, NULL::text AS what"


class Reopened(thread.Indicator):
    """Answers whoever rated did not accept, of all answers to bad ratings that count."""

    key, notices, better, leads = "reopened", (137, 138), "less", "rectifications"
    fields = ("rectification.created_at", "rectification.answered_at", "rectification.reopened_at")
    rows = f"""
        SELECT {_ASSIGNED}, {thread.one_if("w.reopened_at IS NOT NULL")} AS part,
            {thread.one_if("w.answered_at IS NOT NULL OR w.reopened_at IS NOT NULL")} AS whole, {_WORK}
        {_OF_RATINGS_THAT_COUNT}
    """


_TODAY = thread.day_of("$3::timestamptz")
# What was asked for once more has no answer until there is another.
_ANSWERED = "CASE WHEN w.reopened_at IS NULL OR w.answered_at >= w.reopened_at THEN w.answered_at END"


class CalledBack(thread.Indicator):
    """Named bad ratings that were called back about in time, of those called back or whose day is over."""

    key, notices, leads = "called_back", (137,), "rectifications"
    fields = ("rectification.created_at", "rectification.called_back_at", "rectification.call_back_on")
    rows = f"""
        SELECT {_ASSIGNED}, {thread.one_if(f"{thread.day_of('w.called_back_at')} <= w.call_back_on")} AS part,
            1 AS whole, {_WORK}
        {_OF_RATINGS_THAT_COUNT} AND w.call_back_on IS NOT NULL
            AND (w.called_back_at IS NOT NULL OR w.call_back_on < {_TODAY})
    """


class RectifiedInTime(thread.Indicator):
    """Bad ratings answered on the last day of their time or before, of those answered or whose time is over."""

    key, notices, leads = "rectified_in_time", (137, 138), "rectifications"
    fields = ("rectification.created_at", "rectification.answered_at", "rectification.due_on")
    rows = f"""
        SELECT {_ASSIGNED}, {thread.one_if(f"{thread.day_of(_ANSWERED)} <= w.due_on")} AS part, 1 AS whole, {_WORK}
        {_OF_RATINGS_THAT_COUNT} AND ({_ANSWERED} IS NOT NULL OR w.due_on < {_TODAY})
    """


def reason(code: str) -> str:
    """Say a national reason in its own words; its code, where it is no longer among them."""
    known = tags_known().get(code)
    return code if known is None else known.name
