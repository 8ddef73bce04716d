"""The privacy text: read it, agree to it, take the agreement back."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server import db
from server.features.audit import service as audit
from server.features.identity.models import PRIVACY_VERSION, Consent
from server.features.identity.schemas import MeOut, PrivacyOut
from server.features.identity.service import _ledger, _me, _phone
from server.kit import clock, texts

if TYPE_CHECKING:
    from server.actor import Actor, Citizen


def privacy(actor: Actor, *, hall: str = "", phone: str = "") -> PrivacyOut:
    """Give the privacy text in force, in the reader's language; a hall's telephone, if known, takes questions."""
    paragraphs: list[str] = []
    while (found := texts.find(actor.locale, f"identity.privacy.p{len(paragraphs) + 1}")) is not None:
        paragraphs.append(found)
    key = "identity.privacy.ask_hall" if phone else "identity.privacy.ask"
    paragraphs.append(texts.text(actor.locale, key, hall=hall, phone=phone))
    title = texts.text(actor.locale, "identity.privacy.title")
    return PrivacyOut(version=PRIVACY_VERSION, title=title, paragraphs=paragraphs)


async def consent(actor: Citizen, version: str) -> MeOut:
    """Agree to the privacy text. Raises Conflict when the version is not the one in force."""
    async with db.tx():
        account, session = await _phone.hold(actor)
        await _ledger.agree(account.id, version, actor)
        account = await _phone.settle(actor, account, session)
    return await _me.me_of(account.id, session.id, actor.locale)


async def withdraw_consent(actor: Citizen) -> MeOut:
    """Take consent back: from now on nothing new about the person is taken in until they agree again."""
    async with db.tx():
        withdrawn = await Consent.filter(account_id=actor.account_id, withdrawn_at=None).update(
            withdrawn_at=clock.now()
        )
        if withdrawn:
            await audit.record(actor, "identity.consent_withdrawn", "account", actor.account_id)
    return await _me.me_of(actor.account_id, actor.session_id, actor.locale)
