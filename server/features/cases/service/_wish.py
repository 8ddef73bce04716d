"""How the result should reach the person: chosen when applying, changed until it is handed over."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from msgspec import to_builtins

from server import db
from server.actor import Citizen
from server.errors import Conflict, FieldError, InvalidInput, NotFound
from server.features.cases.models import OPEN, Case, CaseState
from server.features.cases.schemas import DeliveryIn, DeliveryWish
from server.features.cases.service._family import parts_of
from server.features.cases.service._rules import delivery_methods
from server.features.cases.service._view import case_for
from server.features.cases.service._ways import delivery_of
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import GuideView, HallView
from server.features.identity import service as identity
from server.kit import clock

# Handed in, and not over: whether a granted one can still be changed is known by whoever delivers it.
CHANGEABLE = (*OPEN, CaseState.GRANTED)


@dataclass(frozen=True, slots=True, kw_only=True)
class WishView:
    """How a result is wished for, what else is offered, and whether the case still lets it be changed."""

    case_id: UUID
    wish: DeliveryWish
    methods: list[str]
    halls: list[HallView]
    banks: list[HallView]
    several: bool
    changeable: bool


async def wish_of(actor: Citizen, thread_id: UUID) -> WishView:
    """Show how the result of one of my matters should reach me. Raises NotFound."""
    case = await _handed_in(actor, thread_id)
    guide = await catalogue.guide(case.guide_id)
    methods = delivery_methods(guide)
    # What may come without anybody looking at a document may lie in a locker.
    banks = await catalogue.locker_banks() if "post" in methods else []
    return WishView(
        case_id=case.id,
        wish=delivery_of(case) or DeliveryWish(method="none"),
        methods=methods
        if not banks
        else [*methods[: methods.index("post")], "locker", *methods[methods.index("post") :]],
        banks=banks,
        halls=await catalogue.halls(keys=guide.content.hall_keys or None),
        several=case.whole or case.parent_id is not None,
        changeable=case.state in CHANGEABLE,
    )


@db.transactional
async def change_wish(actor: Citizen, thread_id: UUID, given: DeliveryIn) -> list[tuple[UUID, DeliveryWish]]:
    """Wish for another way; of a theme for all its items. Gives each case with what it is now to have.

    The caller answers for what is granted already. Refuses `cases.wrong_state`, `invalid_input`; raises NotFound.
    """
    case = await case_for(actor, (await _handed_in(actor, thread_id)).id, lock=True)
    if case.state not in CHANGEABLE:
        raise Conflict("cases.wrong_state")
    guide = await catalogue.guide(case.guide_id)
    wish = await _to_locker(guide, given) if given.method == "locker" else (await settled(actor, guide, given))[0]
    changed = [(case.id, await _keep(case, wish))]
    for one in await parts_of(case.id, lock=True) if case.whole else []:
        if one.state in CHANGEABLE:
            own = fitting(wish, await catalogue.guide(one.guide_id), case.hall_id)
            changed.append((one.id, await _keep(one, own)))
    return changed


async def wish_for_counter(case_id: UUID, hall_id: UUID) -> DeliveryWish:
    """Have the result of a granted case come to a counter, in the transaction of whoever delivers it.

    The caller has checked who asks. Refuses `cases.wrong_state`.
    """
    case = await Case.filter(id=case_id).select_for_update().get()
    if case.state is not CaseState.GRANTED:
        raise Conflict("cases.wrong_state")
    return await _keep(case, DeliveryWish(method="counter", hall_id=hall_id))


async def still_granted(case_ids: Collection[UUID]) -> list[UUID]:
    """Say which of these cases are granted as before: nothing of what was taken back is handed out."""
    found = await Case.filter(id__in=list(case_ids), state=CaseState.GRANTED)
    return [case.id for case in found]


async def wanted_delivery(thread_id: UUID) -> tuple[Case, DeliveryWish]:
    """Tell how the newest case of a thread wants its result delivered."""
    case = await Case.filter(thread_id=thread_id).order_by("-created_at").first()
    if case is None:
        raise NotFound
    return case, delivery_of(case) or DeliveryWish(method="none")


async def settled(actor: Citizen, guide: GuideView, given: DeliveryIn) -> tuple[DeliveryWish, UUID]:
    """Check a wish, fix the address it names, and choose the hall. Refuses `invalid_input`, `cases.not_online`."""
    hall_id = handling_hall(guide, await catalogue.halls(keys=guide.content.hall_keys or None), given)
    return wish_for(given, await _address(actor, given)), hall_id


def wish_for(given: DeliveryIn, address: identity.Postal | None = None) -> DeliveryWish:
    """Give a wish as it is kept; an address it does not need is left out."""
    by_post = given.method == "post"
    return DeliveryWish(
        method=given.method,
        hall_id=given.hall_id if given.method in ("counter", "locker") else None,
        together=given.together,
        address_id=given.address_id if by_post else None,
        address=address,
    )


def fitting(wished: DeliveryWish | None, guide: GuideView, hall_id: UUID | None) -> DeliveryWish:
    """Give the wish for one item of a theme: as it was wished, where the item's result can be had so."""
    wish = wished or DeliveryWish(method="none")
    methods = delivery_methods(guide)
    method = wish.method if wish.method in methods else methods[0]
    if wish.method == "locker" and "post" in methods:
        return wish
    by_post = method == "post"
    return DeliveryWish(
        method=method,  # type: ignore[arg-type] # one of the guide's
        hall_id=wish.hall_id or hall_id if method == "counter" else None,
        together=wish.together,
        address_id=wish.address_id if by_post else None,
        address=wish.address if by_post else None,
    )


def handling_hall(guide: GuideView, halls: Collection[HallView], wish: DeliveryIn) -> UUID:
    """Choose the hall that takes the case in: the one wished for, else the guide's first; any, if it names none."""
    if wish.method not in delivery_methods(guide):
        raise InvalidInput("invalid_input", fields=(FieldError("delivery.method", "bad_format"),))
    known = [hall.id for hall in halls]
    if wish.hall_id is not None and wish.hall_id not in known:
        raise InvalidInput("invalid_input", fields=(FieldError("delivery.hall_id", "bad_format"),))
    if not known:
        raise Conflict("cases.not_online")
    return wish.hall_id or known[0]


async def _to_locker(guide: GuideView, given: DeliveryIn) -> DeliveryWish:
    """Check that what a guide yields may lie in a locker, and that somebody fills that bank."""
    if "post" not in delivery_methods(guide):
        raise InvalidInput("invalid_input", fields=(FieldError("delivery.method", "bad_format"),))
    if given.hall_id not in {bank.id for bank in await catalogue.locker_banks()}:
        raise InvalidInput("invalid_input", fields=(FieldError("delivery.hall_id", "bad_format"),))
    return wish_for(given)


async def _address(actor: Citizen, given: DeliveryIn) -> identity.Postal | None:
    if given.method != "post":
        return None
    if given.address_id is None:
        raise InvalidInput("invalid_input", fields=(FieldError("delivery.address_id", "required"),))
    try:
        return await identity.address(actor, given.address_id)
    except NotFound as missing:
        raise InvalidInput("invalid_input", fields=(FieldError("delivery.address_id", "bad_format"),)) from missing


async def _handed_in(actor: Citizen, thread_id: UUID) -> Case:
    parties = await identity.parties(actor)
    rows = Case.of_parties(parties.person_ids, parties.enterprise_ids)
    case = await rows.filter(thread_id=thread_id, submitted_at__not_isnull=True).order_by("-created_at").first()
    if case is None:
        raise NotFound
    return case


async def _keep(case: Case, wish: DeliveryWish) -> DeliveryWish:
    case.delivery = to_builtins(wish)
    case.updated_at = clock.now()
    await case.save(update_fields=["delivery_sealed", "updated_at"])
    return wish
