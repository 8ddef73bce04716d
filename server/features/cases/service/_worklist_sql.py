"""The statements of the work list: each place of the officer's is read along an index, and the places put together.

Values reach a statement as parameters; what stands in braces is our own.
"""

from __future__ import annotations

from collections.abc import Mapping

from server.features.cases.models import TO_DECIDE

# A phone has sent a paper that was to follow, and nobody has looked at it.
_FOLLOWED = """EXISTS (SELECT 1 FROM tolerance t
    JOIN material m ON m.case_id = t.case_id AND m.rule_key = ANY (t.keys) AND m.file_id IS NOT NULL
    WHERE t.case_id = c.id AND t.closed_at IS NULL AND NOT EXISTS (
        SELECT 1 FROM material_check k WHERE k.case_id = m.case_id AND k.rule_key = m.rule_key))"""
# What else holds on a tab. A theme is accepted as one, its items stand behind it; decided is each of them. What was
# never handed in is nobody's business, though it was withdrawn.
ONLY: Mapping[str, str] = {
    "accept": "c.parent_id IS NULL",
    "decide": "NOT c.whole",
    "done": "c.submitted_at IS NOT NULL",
    "refuse": "c.proposal_sealed IS NOT NULL",
    "routed": "c.routed_at IS NOT NULL",
    "followed": _FOLLOWED,
}
# Amber lies between what is past the law, which would all be read before it, and what is in time: it is read by the
# last day of the law, one day after the other, of which there are as many as a procedure has days.
_DAYS = """CROSS JOIN LATERAL (SELECT {today}::date + n AS day FROM generate_series(0, (
    SELECT max(d.law_on) - {today}::date FROM case_record d
    WHERE d.department_id = place.id AND d.state IN ({states}))) AS t (n)) AS last"""
_OF_DAY = "c.law_on = last.day AND "
_STATES = ", ".join(f"'{state.value}'" for state in TO_DECIDE)
_FOUND = """
    SELECT id, key FROM (
        SELECT found.* FROM unnest($1::uuid[]) AS place (id) {days} CROSS JOIN LATERAL (
            SELECT c.id, c.{by} AS key FROM case_record c WHERE c.department_id = place.id AND {of_day}{rest}
            ORDER BY c.{by} {way}, c.id {way} LIMIT $3) AS found
        UNION
        SELECT found.* FROM unnest($2::uuid[]) AS place (id) CROSS JOIN LATERAL (
            SELECT c.id, c.{by} AS key FROM case_record c WHERE c.hall_id = place.id AND {rest}
            ORDER BY c.{by} {way}, c.id {way} LIMIT $3) AS found
    ) AS every ORDER BY key {way}, id {way} LIMIT $3
"""
_COUNTED = """
    SELECT count(*) FROM (
        SELECT found.id FROM unnest($1::uuid[]) AS place (id) {days} CROSS JOIN LATERAL (
            SELECT c.id FROM case_record c WHERE c.department_id = place.id AND {of_day}{rest}
            ORDER BY c.{by} {way} LIMIT $3) AS found
        UNION
        SELECT found.id FROM unnest($2::uuid[]) AS place (id) CROSS JOIN LATERAL (
            SELECT c.id FROM case_record c WHERE c.hall_id = place.id AND {rest}
            ORDER BY c.{by} {way} LIMIT $3) AS found
    ) AS every
"""


def found_in(today: str, rest: str, by: str, *, down: bool) -> str:
    """Write the statement of one page: `$1` departments, `$2` halls, `$3` how many; `today` names a parameter, or not.

    With it the cases of a department are read by the law's last day.
    """
    return _FOUND.format(**_read(today), rest=rest, by=by, way="DESC" if down else "ASC")


def counted_in(today: str, rest: str, by: str, *, down: bool) -> str:
    """Write the statement that counts, no further than `$3` in each place (and each day)."""
    return _COUNTED.format(**_read(today), rest=rest, by=by, way="DESC" if down else "ASC")


def _read(today: str) -> dict[str, str]:
    if not today:
        return {"days": "", "of_day": ""}
    return {"days": _DAYS.format(today=today, states=_STATES), "of_day": _OF_DAY}
