"""Whether WeChat will carry what is said next, and which templates to ask for so that it does."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from uuid import UUID

from server import db
from server.actor import Actor, Citizen
from server.features.identity import service as identity
from server.features.push.models import Reason
from server.features.push.schemas import Carried, WillCarry
from server.features.push.service import _credits as credits_of
from server.features.push.service import _followers as followers
from server.features.push.service._credits import NEVER_ASKED, Standing
from server.features.push.service._kinds import Message, kind_named
from server.features.push.service._templates import Template, templates
from server.features.push.service._ways import subscribe_templates, ways_of
from server.kit import clock, texts

# Older phones take three templates at once, and never one-time and long-term ones together.
MOST_ASKED = 3
# Whoever said no is not asked at every tap; their page still offers it.
RESPITE = timedelta(days=7)

_WAITING = """
    SELECT template, count(*) AS times FROM (
        SELECT template FROM outbox WHERE account_id = $1 AND state = 'pending' AND channel = 'wechat'
        LIMIT 100) AS next
    GROUP BY template
"""
_REJECTED = "SELECT template_id FROM subscription_credit WHERE account_id = $1 AND rejected_at > $2"

Kinds = Iterable[str | type[Message]]


async def templates_for(actor: Actor, *kinds: str | type[Message]) -> list[str]:
    """List the template ids to ask for on the next tap, at most three: those of the kinds that may not be sent yet.

    One-time and long-term templates are never mixed; those of the first kind named come first. What somebody has just
    said no to is left out.
    """
    if not isinstance(actor, Citizen):
        return []
    said_no = {row["template_id"] for row in await db.fetch(_REJECTED, actor.account_id, clock.now() - RESPITE)}
    _, lacking = await _shared_out(actor.account_id, _classes(kinds))
    return askable([template for template in lacking if template.id not in said_no])


def asked_first(*kinds: str | type[Message]) -> list[str]:
    """List the templates to ask somebody for who has never answered a popup, as `templates_for` would."""
    return askable(list({one.id: one for kind in _classes(kinds) for one in subscribe_templates(kind)}.values()))


async def will_carry(actor: Actor, kinds: Kinds) -> WillCarry:
    """Say for the next messages, in their order, how each will reach the phone, and what to ask for to mend it.

    Two that need the same template need two acceptances; what already waits to be sent is served first.
    """
    said = _classes(kinds)
    if not isinstance(actor, Citizen):
        return WillCarry(messages=[], ask=[], main_switch=True)
    account_id = actor.account_id
    reached, lacking = await _shared_out(account_id, said)
    has_wechat = bool(await identity.wechat_logins([account_id]))
    follows = bool(await followers.openids([account_id]))
    has_phone = await identity.account_phone(account_id) is not None
    lines = [
        _line(kind, why if has_wechat else Reason.UNREACHABLE, actor.locale, follows=follows, has_phone=has_phone)
        for kind, why in reached
    ]
    main_switch = await credits_of.is_on(account_id)
    return WillCarry(
        messages=lines, ask=askable(lacking) if has_wechat and main_switch else [], main_switch=main_switch
    )


def _line(kind: type[Message], why: Reason | None, locale: str, *, follows: bool, has_phone: bool) -> Carried:
    title = texts.text(locale, f"push.{kind.kind}.title")
    if why is None:
        return Carried(kind=kind.kind, title=title, by="wechat", why=None)
    if ways_of(kind).service is not None and follows:
        return Carried(kind=kind.kind, title=title, by="service", why=why)
    return Carried(kind=kind.kind, title=title, by="sms" if kind.sms and has_phone else "inbox", why=why)


async def _shared_out(
    account_id: UUID, kinds: Sequence[type[Message]]
) -> tuple[list[tuple[type[Message], Reason | None]], list[Template]]:
    """Deal out what the person agreed to: why each kind is not carried (None: it is), and the templates lacking."""
    standings = await credits_of.standings([account_id])
    held = {template_id: standing.held for (_, template_id), standing in standings.items()}
    for row in await db.fetch(_WAITING, account_id):
        template = templates().get(row["template"])
        if template is not None and not template.long_term:
            held[template.id] = held.get(template.id, 0) - row["times"]
    reached: list[tuple[type[Message], Reason | None]] = []
    lacking: dict[str, Template] = {}
    for kind in kinds:
        ways = subscribe_templates(kind)
        carrier = next((one for one in ways if held.get(one.id, 0) > 0), None)
        if carrier is not None:
            held[carrier.id] -= 0 if carrier.long_term else 1
            reached.append((kind, None))
        elif ways:
            standing = [standings.get((account_id, one.id), NEVER_ASKED) for one in ways]
            reached.append((kind, _why(standing)))
            lacking |= {one.id: one for one, so in zip(ways, standing, strict=True) if so.why is not Reason.BANNED}
    return reached, list(lacking.values())


def _why(standing: list[Standing]) -> Reason:
    return next((one.why for one in standing if one.why is not Reason.NOT_AGREED), Reason.NOT_AGREED)


def askable(lacking: list[Template]) -> list[str]:
    """Choose of the templates lacking those one popup may ask for."""
    return [one.id for one in lacking if one.long_term is lacking[0].long_term][:MOST_ASKED]


def _classes(kinds: Kinds) -> list[type[Message]]:
    named = [kind_named(kind) if isinstance(kind, str) else kind for kind in kinds]
    return [kind for kind in named if kind.template is not None]
