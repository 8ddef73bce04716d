"""Rules that areas set for themselves, at the desk: what usually holds, what was set where from which day, and why."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

import msgspec
from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import frame
from server.features.cases import service as cases
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import Policy
from server.features.complaints import service as complaints
from server.features.delivery import service as delivery
from server.features.ratings import service as ratings
from server.features.supervision import service as supervision
from server.kit import clock
from server.web import Redirect, access
from server.web.pages import Shown, page

blueprint = Blueprint("console_policies", url_prefix="/console/policies")
ADMINISTRATOR = access.staff(Role.ADMINISTRATOR)
KINDS: dict[str, type[Policy]] = {
    one.kind: one
    for one in (
        cases.CorrectionPolicy,
        cases.PledgePolicy,
        delivery.CollectionPolicy,
        ratings.RectificationPolicy,
        ratings.PublicPolicy,
        complaints.ComplaintPolicy,
        supervision.ScorePolicy,
        supervision.WalkPolicy,
    )
}


class SpanForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """Where, from which day until which, and why; each kind adds its own numbers."""

    region_code: Annotated[str, Meta(pattern=r"^[0-9]{2,12}$")]
    first_on: date
    last_on: date | None = None
    reason: Annotated[str, Meta(min_length=1, max_length=200)]


@page(blueprint, "GET", "", access=ADMINISTRATOR)
async def kinds(actor: Staff) -> Shown:
    """Show the kinds of rules there are, and what usually holds."""
    known = [(name, catalogue.terms_of(kind)) for name, kind in KINDS.items()]
    return "policies.html", frame(actor, "policies", kinds=known)


def _give_pages(kind: type[Policy]) -> None:
    """Give a kind its list and its form, which has the numbers that the kind declares."""
    declared = [(field.name, field.type) for field in msgspec.structs.fields(kind)]
    form_of_kind = msgspec.defstruct(
        f"{kind.__name__}Form", declared, bases=(SpanForm,), kw_only=True, forbid_unknown_fields=True, module=__name__
    )

    async def rules(actor: Staff) -> Shown:
        rows = await catalogue.set_policies(actor, kind)
        terms = catalogue.terms_of(kind)
        return "policy.html", frame(actor, "policies", kind=kind.kind, terms=terms, rows=rows, today=clock.today())

    async def set_rule(actor: Staff, form: Any) -> Redirect:  # noqa: ANN401 - the struct made above
        span = catalogue.PolicySpan(
            region_code=form.region_code, first_on=form.first_on, last_on=form.last_on, reason=form.reason
        )
        terms = kind(**{name: getattr(form, name) for name in kind.__struct_fields__})
        await catalogue.set_policy(actor, span, terms)
        return Redirect(f"/console/policies/{kind.kind}")

    rules.__name__, set_rule.__name__ = kind.kind, f"set_{kind.kind}"
    set_rule.__annotations__["form"] = form_of_kind
    page(blueprint, "GET", f"/{kind.kind}", access=ADMINISTRATOR)(rules)
    page(blueprint, "POST", f"/{kind.kind}", access=ADMINISTRATOR)(set_rule)


for _kind in KINDS.values():
    _give_pages(_kind)
