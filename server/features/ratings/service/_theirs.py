"""Whose a rating is: their login's that gave it, their enterprise's, or whoever's has the secret kept on the phone.

The code alone proves nothing: it stands on the clerk's second screen, on the tablet and in the desk's lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from server import db
from server.actor import Actor, Citizen
from server.features.identity import service as identity
from server.features.ratings.models import Channel, Rating
from server.features.thread import service as thread
from server.kit import ids

# The hall's own machines are many people's; a call is the office's: nobody takes a secret home from there.
OF_MANY = (Channel.TABLET, Channel.KIOSK, Channel.PHONE)


@dataclass(frozen=True, slots=True)
class Rater:
    """Who asks about a rating, the secrets that came along from the phone's own store and the browser's, and for which
    enterprises they may act today.
    """

    actor: Actor
    secrets: tuple[str, ...] = ()
    enterprises: tuple[UUID, ...] = ()

    def gave(self, rating: Rating) -> bool:
        """Say whether the rating is theirs."""
        if rating.enterprise_id is not None and rating.enterprise_id in self.enterprises:
            return True
        if rating.account_id is not None:
            return isinstance(self.actor, Citizen) and self.actor.account_id == rating.account_id
        return rating.secret is not None and any(
            known(rating, one) == bytes(rating.secret) for one in self.secrets if one
        )


async def rater_of(actor: Actor, *secrets: str) -> Rater:
    """Say who asks."""
    mine = (await identity.parties(actor)).enterprise_ids if isinstance(actor, Citizen) else ()
    return Rater(actor, secrets, mine)


async def enterprise_for(rater: Rater, rating: Rating) -> UUID | None:
    """Tell in whose name somebody rates: their enterprise's, where the matter is its own."""
    if not rater.enterprises or rating.thread_id is None:
        return None
    owner = (await thread.get(rating.thread_id)).enterprise_id
    return owner if owner in rater.enterprises else None


def known(rating: Rating, secret: str) -> bytes:
    """Give what is kept of a secret: of no use to whoever reads the table, and good for one rating."""
    return db.blind_index("rating_secret", f"{rating.id} {secret}")


def offered() -> str:
    """Make a secret for whoever is about to rate."""
    return ids.token()
