"""What is watched of the cases: those on a clock, the opinions other departments owe, and how it went each month."""

from __future__ import annotations

from server.features.cases.models import OPEN
from server.features.thread import service as thread

# By light, for today: the same as `thread.Clock.light`, which a test compares.
LIT = {
    "red": "c.law_on < {} AND c.paused_on IS NULL",
    "amber": "c.promise_on < {} AND c.law_on >= {} AND c.paused_on IS NULL",
    "green": "c.promise_on >= {} AND c.paused_on IS NULL",
    "black": "c.paused_on IS NOT NULL",
}
_STANDING = """
c.department_id, c.hall_id, c.law_on AS due_on,
CASE WHEN c.paused_on IS NOT NULL OR c.law_on < $1 THEN NULL WHEN c.promise_on < $1 THEN c.law_on
    ELSE c.promise_on END AS turns_on,
CASE WHEN c.paused_on IS NOT NULL THEN 'black' WHEN c.law_on < $1 THEN 'red' WHEN c.promise_on < $1 THEN 'amber'
    ELSE 'green' END AS light
"""
_ACCEPT = f"""
SELECT c.id, c.thread_id, NULL::text AS number, {_STANDING} FROM case_record c
WHERE c.state = 'submitted' AND c.parent_id IS NULL AND c.promise_on IS NOT NULL
"""  # noqa: S608 - constants of our own; values are parameters
_DECIDE = f"""
SELECT c.id, c.thread_id, NULL::text AS number, {_STANDING} FROM case_record c
WHERE c.state IN ('accepted', 'accepted_with_deficiency', 'in_review') AND NOT c.whole AND c.promise_on IS NOT NULL
"""  # noqa: S608 - as above
# An opinion is owed by its last day; that day and the one before are amber. Of a case that has ended none is owed.
_OPINIONS = f"""
SELECT c.id, c.thread_id, NULL::text AS number, r.department_id, c.hall_id, r.due_on,
    CASE WHEN r.due_on < $1 THEN NULL WHEN r.due_on <= $1 + 1 THEN r.due_on ELSE r.due_on - 2 END AS turns_on,
    CASE WHEN r.due_on < $1 THEN 'red' WHEN r.due_on <= $1 + 1 THEN 'amber' ELSE 'green' END AS light
FROM review_task r JOIN case_record c ON c.id = r.case_id WHERE r.state = 'open'
    AND c.state IN ({", ".join(f"'{state}'" for state in OPEN)})
"""  # noqa: S608 - as above

thread.watch(thread.Watch(kind="accept", open=_ACCEPT))
thread.watch(thread.Watch(kind="decide", open=_DECIDE))
thread.watch(thread.Watch(kind="opinions", open=_OPINIONS))


# --- figures --------------------------------------------------------------------------------------------------------

# What was accepted and decided; a theme is its items.
_DECIDED = f"{thread.in_months('c.decided_at')} AND c.accepted_at IS NOT NULL AND NOT c.whole"
_ACCEPTED = f"{thread.in_months('c.accepted_at')} AND NOT c.whole"
_DECIDED_ON = f"{thread.day_of('c.decided_at')} AS day, c.department_id, c.hall_id, '' AS label"
_ACCEPTED_ON = f"{thread.day_of('c.accepted_at')} AS day, c.department_id, c.hall_id, '' AS label"
_CASE = "c.id, c.thread_id, NULL::text AS what"


# Past its promise and not decided: it will never be kept. One whose clock stands still is not late.
_BROKEN = f"""
c.promise_on >= $1 AND c.promise_on < $2 AND c.promise_on < {thread.day_of("$3::timestamptz")}
    AND c.state IN ('accepted', 'accepted_with_deficiency', 'in_review') AND c.paused_on IS NULL AND NOT c.whole
"""


class PromiseKept(thread.Indicator):
    """Decided on the promised day or before; what is past its promise and not decided is not kept."""

    key, notices, leads = "promise_kept", (38, 89, 153), "decide"
    fields = ("case_record.decided_at", "case_record.promise_on")
    rows = f"""
        SELECT {_DECIDED_ON}, {thread.one_if(f"{thread.day_of('c.decided_at')} <= c.promise_on")} AS part, 1 AS whole,
            {_CASE}
        FROM case_record c WHERE {_DECIDED} AND c.promise_on IS NOT NULL
        UNION ALL
        SELECT c.promise_on, c.department_id, c.hall_id, '', 0, 1, {_CASE}
        FROM case_record c WHERE {_BROKEN}
    """  # noqa: S608 - constants of our own; values are parameters


class DaysOfPromise(thread.Indicator):
    """Days taken from acceptance to decision, of the days promised."""

    key, notices, better, leads = "days_of_promise", (99, 153, 156), "less", "decide"
    fields = ("case_record.accepted_at", "case_record.decided_at", "case_record.promise_on")
    rows = f"""
        SELECT {_DECIDED_ON}, {thread.day_of("c.decided_at")} - {thread.day_of("c.accepted_at")} AS part,
            greatest(0, c.promise_on - {thread.day_of("c.accepted_at")}) AS whole, {_CASE}
        FROM case_record c WHERE {_DECIDED} AND c.promise_on IS NOT NULL
    """  # noqa: S608 - as above


_VISITS = f"""
    (SELECT count(DISTINCT day) FROM (
        SELECT {thread.day_of("s.at")} AS day FROM step s WHERE s.thread_id = c.thread_id AND s.name IN {thread.VISITED}
        UNION ALL SELECT {thread.day_of("c.submitted_at")} WHERE c.channel = 'window') AS days)
"""  # noqa: S608 - as above
_VISIT_FIELDS = ("case_record.decided_at", "case_record.channel", "step.name", "step.at")


class OneVisit(thread.Indicator):
    """Decided with at most one visit (最多跑一次)."""

    key, notices, fields = "one_visit", (12, 153), _VISIT_FIELDS
    rows = f"""
        SELECT {_DECIDED_ON}, {thread.one_if(f"{_VISITS} <= 1")} AS part, 1 AS whole, {_CASE}
        FROM case_record c WHERE {_DECIDED}
    """  # noqa: S608 - as above


class ZeroVisit(thread.Indicator):
    """Decided without a visit (不见面)."""

    key, notices, fields = "zero_visit", (13, 153), _VISIT_FIELDS
    rows = f"""
        SELECT {_DECIDED_ON}, {thread.one_if(f"{_VISITS} = 0")} AS part, 1 AS whole, {_CASE}
        FROM case_record c WHERE {_DECIDED}
    """  # noqa: S608 - as above


class PapersSaved(thread.Indicator):
    """Papers nobody had to bring: shared, a certificate, taken over, pledged or named by its number."""

    key, notices, fields = "papers_saved", (20, 21, 156), ("case_record.decided_at", "material.source")
    rows = f"""
        SELECT {_DECIDED_ON}, count(*) FILTER (
            WHERE m.source IN ('shared', 'certificate', 'earlier_case', 'pledge', 'reference')) AS part,
            count(*) AS whole, {_CASE}
        FROM case_record c JOIN material m ON m.case_id = c.id WHERE {_DECIDED} GROUP BY c.id
    """  # noqa: S608 - as above


class WithDeficiency(thread.Indicator):
    """Accepted although a paper was to follow (容缺受理)."""

    key, notices, fields = "with_deficiency", (71,), ("case_record.accepted_at", "tolerance.case_id")
    rows = f"""
        SELECT {_ACCEPTED_ON}, {thread.one_if("EXISTS (SELECT 1 FROM tolerance t WHERE t.case_id = c.id)")} AS part,
            1 AS whole, {_CASE}
        FROM case_record c WHERE {_ACCEPTED}
    """  # noqa: S608 - as above


_LETS_FOLLOW = """EXISTS (SELECT 1 FROM jsonb_array_elements(g.content -> 'materials') AS rule
    WHERE rule ->> 'need' = 'deficiency')"""


class DeficiencyCoverage(thread.Indicator):
    """Approval items for enterprises whose guide lets a paper follow, of all of them, as they stood at a month's end.

    The notice wants all of them (涉企审批事项实行100%容缺受理). Public services (20) approve nothing. Months add up
    to the months of items, so that a longer period gives the mean.
    """

    key, notices, settles = "deficiency_coverage", (75,), True
    fields = ("item.audience", "guide.content")
    rows = f"""
        SELECT m.month::date AS day, i.department_id, NULL::uuid AS hall_id, '' AS label,
            {thread.one_if(_LETS_FOLLOW)} AS part, 1 AS whole, i.id, NULL::uuid AS thread_id, i.name AS what
        FROM generate_series($1::date::timestamp, $2::date - 1, interval '1 month') AS m (month)
            CROSS JOIN item i JOIN LATERAL (
                SELECT content FROM guide WHERE item_id = i.id AND state <> 'scheduled'
                    AND effective_on < m.month + interval '1 month' ORDER BY version DESC LIMIT 1) AS g ON true
        WHERE i.active AND 'enterprise' = ANY (i.audience) AND i.kind <> '20'
    """  # noqa: S608 - as above


class OneWindow(thread.Indicator):
    """Accepted in a hall without being sent on to a department first (一窗受理)."""

    key, notices = "one_window", (81, 84)
    fields = ("case_record.accepted_at", "case_record.hall_id", "case_record.routed_at")
    rows = f"""
        SELECT {_ACCEPTED_ON}, {thread.one_if("c.hall_id IS NOT NULL AND c.routed_at IS NULL")} AS part, 1 AS whole,
            {_CASE}
        FROM case_record c WHERE {_ACCEPTED}
    """  # noqa: S608 - as above
