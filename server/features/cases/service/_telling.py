"""一次性告知: everything to mend is told at once, in writing, and nothing that could have been seen is told later."""

from __future__ import annotations

from uuid import UUID

from msgspec import convert, to_builtins

from server import db
from server.actor import Role, Staff, System
from server.errors import Conflict, FieldError, InvalidInput
from server.features.cases import messages
from server.features.cases.models import ApprovalReference, Case, Material, MaterialCheck, Telling
from server.features.cases.schemas import Correction, CorrectionLine, CorrectionPolicy
from server.features.cases.service._desk import case_for, within
from server.features.cases.service._front import number_of, on_record, tell
from server.features.cases.service._originals import open_pre_review
from server.features.cases.service._paper import LOCALE, give_notice
from server.features.cases.service._pledges import by_phone
from server.features.cases.service._receiving import stop_receiving
from server.features.cases.service._resolve import held_by_office
from server.features.cases.service._rules import applies, asked_of
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideContent, GuideView
from server.features.documents import service as documents
from server.features.thread import service as thread
from server.kit import clock
from server.kit.texts import text


@db.transactional
async def ask_correction(
    actor: Staff, case_id: UUID, lines: list[CorrectionLine], *, days: int | None = None, why: str = ""
) -> None:
    """Tell everything that must be mended, once. Each line names a material or question of the guide.

    What was marked missing or wrong is told along with `lines`, whether it stands in them or not. A second round needs
    a hall manager's reason (`why`), and is about what was told before or came since.

    Refuses `cases.correction_empty`, `.correction_outside_guide`, `.corrected_once`, `.could_have_been_seen`,
    and `invalid_input` for days that are too few or too many.
    """
    case = await case_for(actor, "ask_correction", case_id)
    guide = await catalogue.guide(case.guide_id)
    rule = await catalogue.policy(CorrectionPolicy, case.region_code)
    days = rule.usual_days if days is None else days
    if not rule.least_days <= days <= rule.most_days:
        raise InvalidInput("invalid_input", fields=(FieldError("days", "out_of_range"),))
    content = asked_of(guide, case.situation)
    lines = await _everything(case, lines)
    await _require_guide(case, lines, askable(content))
    reason = await _allowed(actor, case, lines, await _seen(case, content), why)
    await tell_to_mend(actor, case, guide, lines, days=days, why=reason)
    await on_record(actor, "cases.correction_asked", case)


async def tell_to_mend(
    actor: Staff | System,
    case: Case,
    guide: GuideView,
    lines: list[CorrectionLine],
    *,
    days: int,
    verb: str = "ask_correction",
    by: UUID | None = None,
    why: str | None = None,
) -> None:
    """Send everything that is to be mended, by `verb`; `by` answers for it where no officer does it now."""
    content = asked_of(guide, case.situation)
    names = askable(content)
    seen = await _seen(case, content)
    due_on = await catalogue.add_working_days(clock.today(), days)
    case.correction = to_builtins(Correction(lines=lines, asked_at=clock.now(), due_on=due_on))
    await case.move(verb, actor)
    await stop_receiving(case)
    telling = Telling(
        case_id=case.id,
        round=await Telling.filter(case_id=case.id).count() + 1,
        guide_id=guide.id,
        due_on=due_on,
        staff_id=actor.staff_id if isinstance(actor, Staff) else by,
    )
    telling.lines, telling.seen, telling.why = to_builtins(lines), seen, why
    await telling.save(force_create=True)
    await give_notice(
        actor, case, guide, "correction", asked=[(names[line.key], line.reason) for line in lines], mend_by=due_on
    )
    await thread.record(case.thread_id, "cases.correction_asked", actor, case_id=str(case.id))
    number = await number_of(case)
    await tell(
        case, messages.CorrectionAsked(case_id=str(case.id), number=number, item=guide.item.name, at=clock.now())
    )


def askable(content: GuideContent) -> dict[str, str]:
    """Name every line of the guide that can be mended by the applicant, by its key."""
    names = {rule.key: rule.name for rule in content.materials if rule.exempt is None}
    return names | {field.key: field.label for field in content.form}


async def _everything(case: Case, lines: list[CorrectionLine]) -> list[CorrectionLine]:
    """Put what the officer writes and what was marked on the list together: the officer's words go first."""
    said = {line.key: await documents.printable(line.reason) for line in lines}
    for check in await MaterialCheck.filter(case_id=case.id).exclude(verdict="received").order_by("created_at"):
        said.setdefault(check.rule_key, check.reason or text(LOCALE, "cases.not_handed_in"))
    if not said:
        raise InvalidInput("cases.correction_empty")
    return [CorrectionLine(key=key, reason=reason) for key, reason in said.items()]


async def _require_guide(case: Case, lines: list[CorrectionLine], names: dict[str, str]) -> None:
    if foreign := [FieldError(f"lines.{line.key}", "unknown_field") for line in lines if line.key not in names]:
        raise InvalidInput("cases.correction_outside_guide", fields=tuple(foreign))
    held = await held_by_office(case.id)
    promised = await by_phone(case)
    again = [FieldError(f"lines.{line.key}", "on_file") for line in lines if line.key in held]
    again += [FieldError(f"lines.{line.key}", "pledged") for line in lines if line.key in promised]
    if again:
        raise InvalidInput("cases.correction_outside_guide", fields=tuple(again))


async def _seen(case: Case, content: GuideContent) -> dict[str, str]:
    """Say what lies before the office for every line it can ask for: the answer, or which papers."""
    held: dict[str, list[str]] = {rule.key: [] for rule in content.materials if applies(rule.when, case.form)}
    for row in await Material.filter(case_id=case.id).order_by("place", "id"):
        held.setdefault(row.rule_key, []).append(str(row.file_id or row.source))
    for named in await ApprovalReference.filter(case_id=case.id):
        held.setdefault(named.rule_key, []).append(named.said["number"])
    answers = {field.key: case.form.get(field.key, "") for field in content.form if applies(field.when, case.form)}
    if (passed := await open_pre_review(case)) is not None:
        # The original on the counter is something nobody had seen before.
        for key in passed.keys:
            held.setdefault(key, []).append("original")
    return answers | {key: " ".join(papers) for key, papers in held.items()}


async def _allowed(actor: Staff, case: Case, lines: list[CorrectionLine], seen: dict[str, str], why: str) -> str | None:
    """Let the first round pass; a second one only with a superior's reason, about what was told or is new."""
    earlier = await Telling.filter(case_id=case.id).order_by("round")
    if not earlier:
        return None
    if not why.strip() or not await within(actor, case, Role.HALL_MANAGER):
        raise Conflict("cases.corrected_once")
    told = {line.key for one in earlier for line in convert(one.lines, list[CorrectionLine])}
    before = earlier[-1].seen
    overlooked = [
        FieldError(f"lines.{line.key}", "could_have_been_seen")
        for line in lines
        if line.key not in told and before.get(line.key) == seen.get(line.key)
    ]
    if overlooked:
        raise InvalidInput("cases.could_have_been_seen", fields=tuple(overlooked))
    return await documents.printable(why)
