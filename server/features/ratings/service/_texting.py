"""A clerk sends the link to a rating by SMS: to whoever was served last, to the number they say, once."""

from __future__ import annotations

from server import db
from server.actor import Staff
from server.errors import Conflict, FieldError, InvalidInput
from server.features.queue import service as queue
from server.features.ratings.models import RatingState
from server.features.ratings.service._opening import of_visit
from server.features.ratings.service._texts import keep_text
from server.kit import checks

_KNOWN = "SELECT true FROM rating_text WHERE rating_id = $1"


@db.transactional
async def text_link(actor: Staff, served: queue.Served, phone: str) -> None:
    """Send somebody whom a window has just served the link to rate that visit, to the number they say.

    Raises InvalidInput for no mobile number, Conflict `ratings.already_given`, `ratings.texted`: one a service.
    """
    number = checks.mobile(phone)
    if number is None:
        raise InvalidInput("invalid_input", fields=(FieldError("phone", "bad_format"),))
    rating = await of_visit(served)
    if rating.state is not RatingState.OPEN:
        raise Conflict("ratings.already_given")
    if not await keep_text(rating.id, number, actor):
        raise Conflict("ratings.texted")


async def may_text(served: queue.Served) -> bool:
    """Say whether the link to a visit's rating can be sent by SMS still."""
    rating = await of_visit(served)
    return rating.state is RatingState.OPEN and not await db.fetchval(_KNOWN, rating.id)
