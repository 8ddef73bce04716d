"""Who is told of what is an enterprise's: whoever acts for it today, not whoever applied once and has left."""

from __future__ import annotations

from uuid import UUID

from server.features.identity import service as identity
from server.features.push.schemas import To
from server.features.push.service._kinds import Message
from server.features.push.service._plans import send


async def send_to_party(
    message: Message, *, person_id: UUID, enterprise_id: UUID | None, thread_id: UUID, dedupe: str
) -> None:
    """Say something of a person's or an enterprise's matter, in the caller's transaction, once for each `dedupe`."""
    to = await to_party(person_id, enterprise_id)
    # Where none of today's members has a phone none is told: the matter's own is that of whoever applied.
    phoneless = to.enterprise_id is not None and to.account_id is None
    await send(message, to=to, thread_id=None if phoneless else thread_id, dedupe=dedupe)


async def to_party(person_id: UUID, enterprise_id: UUID | None) -> To:
    """Name whom a message about a person's or an enterprise's matter is for; `person_id` is who applied.

    An enterprise's is in the inbox of everybody who acts for it; the phone told is the applicant's while they are among
    them, else that of whoever has been for longest. Without anybody it is for who came to a window for it, unless they
    have left it.
    """
    known = {} if enterprise_id is None else await identity.members(enterprise_id)
    today = [one for one, role in known.items() if role is not None]
    if enterprise_id is None or (not today and person_id not in known):
        return To(person_id=person_id)
    for one in sorted(today, key=lambda member: member != person_id):
        logins = await identity.accounts_of(one)
        if logins:
            told = next((login.id for login in logins if login.openid is not None), logins[0].id)
            return To(enterprise_id=enterprise_id, account_id=told)
    return To(enterprise_id=enterprise_id)
