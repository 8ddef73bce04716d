"""What is watched of ratings: rectifications on their clock (nobody learns who rated), and the figures of a month."""

from __future__ import annotations

from server.features.ratings.service._figures import COUNTED
from server.features.ratings.service._tokens import tags_known
from server.features.thread import service as thread

# The same as `Rectification.light`.
_OPEN = """
SELECT r.id, r.thread_id, NULL::text AS number, r.department_id, r.hall_id, r.due_on,
    CASE WHEN $1 >= r.red_on THEN NULL WHEN $1 >= r.red_on - 2 THEN r.red_on - 1 ELSE r.red_on - 3 END AS turns_on,
    CASE WHEN $1 >= r.red_on THEN 'red' WHEN $1 >= r.red_on - 2 THEN 'amber' ELSE 'green' END AS light
FROM rectification r WHERE r.closed_at IS NULL AND r.state IN ('assigned', 'verified', 'rectified', 'reopened')
"""

thread.watch(thread.Watch(kind="rectifications", open=_OPEN, numbered=False))


# Counted as in public: neither excluded by two officers nor in a burst that nobody has let through.
_COUNTED = f"{thread.in_months('r.given_at')} AND ({COUNTED})"
_BAD = "r.level IN ('dissatisfied', 'very_dissatisfied')"
_GIVEN = f"{thread.month_of('r.given_at')} AS month, r.department_id, r.hall_id"


class Rated(thread.Indicator):
    """Those who rated, of those who were asked to: nothing is ever filled in for anybody."""

    key, notices = "rated", (135, 136)
    counted = f"""
        SELECT {thread.month_of("r.created_at")} AS month, r.department_id, r.hall_id, '' AS label,
            count(r.level) AS part, count(*) AS whole
        FROM rating r WHERE {thread.in_months("r.created_at")} GROUP BY 1, 2, 3
    """  # noqa: S608 - no value is formatted in, here and below


class RatedBad(thread.Indicator):
    """The lowest two levels, of all that count."""

    key, notices, better, leads = "rated_bad", (135, 141), "less", "rectifications"
    counted = f"""
        SELECT {_GIVEN}, '' AS label, count(*) FILTER (WHERE {_BAD}) AS part, count(*) AS whole
        FROM rating r WHERE {_COUNTED} GROUP BY 1, 2, 3
    """  # noqa: S608


class BadReasons(thread.Indicator):
    """The national reasons that were given for bad ratings."""

    key, notices, unit, better, leads = "bad_reasons", (141, 139), "count", "less", "rectifications"
    counted = f"""
        SELECT {_GIVEN}, tag AS label, count(*) AS part, 0::bigint AS whole
        FROM rating r, jsonb_array_elements_text(r.tags) AS tag
        WHERE {_COUNTED} AND {_BAD} GROUP BY 1, 2, 3, tag
    """  # noqa: S608


class Reopened(thread.Indicator):
    """Answers whoever rated did not accept, of all answers to bad ratings."""

    key, notices, better, leads = "reopened", (137, 138), "less", "rectifications"
    counted = f"""
        SELECT {thread.month_of("r.created_at")} AS month, r.department_id, r.hall_id, '' AS label,
            count(*) FILTER (WHERE r.reopened_at IS NOT NULL) AS part,
            count(*) FILTER (WHERE r.answered_at IS NOT NULL OR r.reopened_at IS NOT NULL) AS whole
        FROM rectification r WHERE {thread.in_months("r.created_at")} GROUP BY 1, 2, 3
    """  # noqa: S608


def reason(code: str) -> str:
    """Say a national reason in its own words; its code, where it is no longer among them."""
    known = tags_known().get(code)
    return code if known is None else known.name
