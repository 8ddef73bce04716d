"""The link to a rating by SMS: one a service, to a number that is kept sealed until it is sent and forgotten then."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from server import db
from server.actor import Actor, Staff, System
from server.features.audit import service as audit
from server.features.identity import service as identity
from server.features.push import service as push
from server.features.ratings.models import Rating, RatingState
from server.features.ratings.service._about import about
from server.kit import clock
from server.kit.ids import new_id
from server.ports import Sms

TEXT = "rating_invite"
TEXT_WAKE = "rating_texts"
BY_ITSELF = System(name="ratings")
# Whoever has not been asked within three days is not asked any more.
USEFUL = timedelta(days=3)

_KEEP = """
INSERT INTO rating_text (id, created_at, rating_id, staff_id, phone_sealed, state, run_at)
VALUES ($1, $2, $3, $4, $5, 'waiting', $2) ON CONFLICT (rating_id) DO NOTHING RETURNING id
"""
_OUTBOX = push.TextOutbox("rating_text", sealed="phone_sealed", gives="created_at, rating_id")


async def text_without_app(rating: Rating, person_id: UUID) -> None:
    """Send the link to somebody who has no login and left a number, in the caller's transaction."""
    if await identity.accounts_of(person_id):
        return
    phone = await identity.phone_to_text(None, person_id)
    if phone is not None:
        await keep_text(rating.id, phone, BY_ITSELF)


async def keep_text(rating_id: UUID, phone: str, actor: Actor) -> bool:
    """Let the link be sent, in the caller's transaction; False where it was before."""
    kept = new_id()
    sealed = db.seal("rating_text", "phone_sealed", kept, phone)
    staff_id = actor.staff_id if isinstance(actor, Staff) else None
    if await db.fetchval(_KEEP, kept, clock.now(), rating_id, staff_id, sealed) is None:
        return False
    await audit.record(actor, "ratings.texted", "rating", rating_id)
    await db.notify(TEXT_WAKE)
    return True


async def send_texts(sms: Sms) -> int:
    """Send the link that waits longest, and give how many were dealt with: one or none."""
    return await _OUTBOX.send_next(sms, _written)


async def _written(row: db.Record, phone: str) -> push.Text:
    rating = await Rating.get(id=row["rating_id"])
    if rating.state is not RatingState.OPEN:
        raise push.TooLateError("given")
    if clock.now() > row["created_at"] + USEFUL:
        raise push.TooLateError("days")
    subject = await about(rating)
    link = f"/q/{rating.token}?via=sms"
    return push.Text(phone, TEXT, {"subject": subject.number or subject.title, "link": link})
