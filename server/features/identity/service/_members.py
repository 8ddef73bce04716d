"""Clerks named by telephone number become people when the number's holder has verified their name."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from tortoise.expressions import Q

from server.features.identity.models import Membership
from server.kit import clock

if TYPE_CHECKING:
    from server.features.identity.models import Account

AWAITED = timedelta(days=30)  # a number nobody answered to may since belong to somebody else


async def welcome(account: Account) -> None:
    """Make the account's person the clerk that enterprises await under its number; from then on the person counts."""
    if account.person_id is None or account.phone_index is None:
        return
    awaited = await Membership.filter(
        phone_index=account.phone_index, person_id=None, ended_at=None, created_at__gt=clock.now() - AWAITED
    )
    for membership in awaited:
        known = Membership.filter(Q(enterprise_id=membership.enterprise_id, person_id=account.person_id, ended_at=None))
        if await known.exists():
            await Membership.filter(id=membership.id).update(ended_at=clock.now())
        else:
            await Membership.filter(id=membership.id).update(person_id=account.person_id)
