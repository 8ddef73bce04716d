"""The rules of corrections at the desk: how many working days there are to mend, by area, from a day on."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import frame
from server.features.cases import service as cases
from server.features.cases.service import CorrectionRule
from server.kit import clock
from server.web import Redirect, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_correction_rules", url_prefix="/console/correction-rules")
ADMINISTRATOR = access.staff(Role.ADMINISTRATOR)
Days = Annotated[int, Meta(ge=1, le=400)]


class RuleForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """A rule: where, from which day until which, its days, and why."""

    region_code: Annotated[str, Meta(pattern=r"^[0-9]{2,12}$")]
    least_days: Days
    usual_days: Days
    most_days: Days
    first_on: date
    last_on: date | None = None
    reason: Annotated[str, Meta(min_length=1, max_length=200)]


@page(blueprint, "GET", "", access=ADMINISTRATOR)
async def rules(actor: Staff) -> Shown:
    """Show the rules by area."""
    return "correction_rules.html", frame(
        actor, "correction_rules", rows=await cases.correction_rules(actor), today=clock.today()
    )


@page(blueprint, "POST", "", access=ADMINISTRATOR)
async def set_rule(actor: Staff, form: RuleForm) -> Redirect:
    """Make a rule for an area from a day on."""
    await cases.set_correction_rule(
        actor,
        CorrectionRule(
            region_code=form.region_code,
            least_days=form.least_days,
            usual_days=form.usual_days,
            most_days=form.most_days,
            first_on=form.first_on,
            last_on=form.last_on,
            reason=form.reason,
        ),
    )
    return Redirect("/console/correction-rules")
