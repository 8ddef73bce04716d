"""How the papers stand that follow after acceptance, for the phone and for the desk alike."""

from __future__ import annotations

from uuid import UUID

from server.actor import Actor, Citizen
from server.features.cases.models import TO_ACCEPT, Case, CaseState, Commitment, Material, MaterialCheck, Tolerance
from server.features.cases.schemas import CommitmentOut, Following, FollowingLine
from server.features.catalogue.service import GuideContent
from server.features.documents import service as documents


async def live_commitment(case: Case, *, lock: bool = False) -> Commitment | None:
    """Find the commitment that lies with the applicant to be signed."""
    if case.state not in TO_ACCEPT:
        return None
    rows = Commitment.filter(case_id=case.id, state="offered")
    return await (rows.select_for_update() if lock else rows).first()


async def close_commitment(case: Case) -> None:
    """Take the words back that lie with the applicant, in the caller's transaction: the office has answered."""
    await Commitment.filter(case_id=case.id, state="offered").update(state="closed")


async def lines_of(case: Case, keys: list[str], content: GuideContent) -> list[FollowingLine]:
    """Say of each paper whether it is there. What a phone has sent is received once an officer has looked at it."""
    held: dict[str, list[Material]] = {key: [] for key in keys}
    for row in await Material.filter(case_id=case.id, rule_key__in=keys):
        held[row.rule_key].append(row)
    checks = {row.rule_key: row for row in await MaterialCheck.filter(case_id=case.id, rule_key__in=keys)}
    names = {rule.key: rule.name for rule in content.materials}
    return [_line(key, names.get(key, key), held[key], checks.get(key)) for key in keys]


def _line(key: str, name: str, held: list[Material], check: MaterialCheck | None) -> FollowingLine:
    if not held:
        return FollowingLine(key=key, name=name, state="awaited")
    if check is not None and check.verdict == "wrong":
        return FollowingLine(key=key, name=name, state="returned", reason=check.reason)
    sent = any(row.file_id for row in held)
    looked_at = not sent or (check is not None and check.verdict == "received")
    return FollowingLine(key=key, name=name, state="received" if looked_at else "sent")


async def following(case: Case, content: GuideContent, actor: Actor) -> Following | None:
    """Say what the applicant may sign, or has still to send and until when; None where nothing follows.

    What they have chosen and not sent is theirs alone to see.
    """
    known = await Tolerance.get_or_none(case_id=case.id)
    if known is None:
        offered = await live_commitment(case)
        if offered is None:
            return None
        lines = await lines_of(case, offered.keys, content)
        return Following(state="offered", lines=lines, due_on=offered.due_on, commitment=_out(offered))
    signed = await Commitment.get_or_none(case_id=case.id, state="signed")
    running = case.state is CaseState.ACCEPTED_WITH_DEFICIENCY
    lines = await lines_of(case, known.keys, content)
    if running and isinstance(actor, Citizen):
        await _put_unsent(known, lines)
    whole = all(line.state == "received" for line in lines)
    return Following(
        state="done" if whole else "open" if running else "late",
        lines=lines,
        due_on=known.due_on,
        commitment=None if signed is None else _out(signed),
    )


async def _put_unsent(known: Tolerance, lines: list[FollowingLine]) -> None:
    chosen = [(one["key"], UUID(one["file_id"])) for one in known.unsent]
    found = await documents.files([file_id for _, file_id in chosen])
    for line in lines:
        line.unsent = [found[file_id] for key, file_id in chosen if key == line.key and file_id in found]


def _out(row: Commitment) -> CommitmentOut:
    signed_at = row.answered_at if row.state == "signed" else None
    return CommitmentOut(id=row.id, version=row.version, lines=row.lines, sign_by=row.sign_by, signed_at=signed_at)
