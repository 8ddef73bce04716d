"""The link to a rating by SMS: one a service, to a number that is kept sealed until it is sent and forgotten then."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from server import db
from server.actor import Actor, Staff, System
from server.features.audit import service as audit
from server.features.identity import service as identity
from server.features.ratings.models import Rating, RatingState
from server.features.ratings.service._about import about
from server.kit import clock
from server.kit.ids import new_id
from server.ports import SendError, Sms, Verdict

TEXT = "rating_invite"
TEXT_WAKE = "rating_texts"
BY_ITSELF = System(name="ratings")
# Whoever has not been asked within three days is not asked any more.
USEFUL = timedelta(days=3)
_LEASE = timedelta(seconds=60)
_PAUSES = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))

_KEEP = """
INSERT INTO rating_text (id, created_at, rating_id, staff_id, phone_sealed, state, run_at)
VALUES ($1, $2, $3, $4, $5, 'waiting', $2) ON CONFLICT (rating_id) DO NOTHING RETURNING id
"""
_CLAIM = """
UPDATE rating_text SET state = 'sending', attempt = attempt + 1, run_at = $2
WHERE id = (
    SELECT id FROM rating_text WHERE ended_at IS NULL AND run_at <= $1
    ORDER BY run_at LIMIT 1 FOR UPDATE SKIP LOCKED)
RETURNING id, created_at, rating_id, phone_sealed, attempt
"""
# Whoever has lost the lease writes nothing any more.
_END = """
UPDATE rating_text SET state = $3, reason = $4, ended_at = $5, phone_sealed = NULL
WHERE id = $1 AND attempt = $2 AND state = 'sending'
"""
_LATER = "UPDATE rating_text SET state = 'waiting', run_at = $3 WHERE id = $1 AND attempt = $2 AND state = 'sending'"


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
    now = clock.now()
    row = await db.fetchrow(_CLAIM, now, now + _LEASE)
    if row is None:
        return 0
    rating = await Rating.get(id=row["rating_id"])
    if rating.state is not RatingState.OPEN:
        await _end(row, "too_late", "given")
    elif now > row["created_at"] + USEFUL:
        await _end(row, "too_late", "days")
    else:
        await _send(row, rating, sms)
    return 1


async def _send(row: db.Record, rating: Rating, sms: Sms) -> None:
    subject = await about(rating)
    phone = db.unseal("rating_text", "phone_sealed", row["id"], row["phone_sealed"])
    try:
        await sms.send(phone, TEXT, {"subject": subject.number or subject.title, "link": f"/q/{rating.token}?via=sms"})
    except SendError as failure:
        if failure.verdict is Verdict.FINAL or row["attempt"] > len(_PAUSES):
            await _end(row, "dead", failure.code)
        else:
            await db.execute(_LATER, row["id"], row["attempt"], clock.now() + _PAUSES[row["attempt"] - 1])
        return
    await _end(row, "sent", None)


async def _end(row: db.Record, state: str, reason: str | None) -> None:
    await db.execute(_END, row["id"], row["attempt"], state, reason, clock.now())
