"""What WeChat tells of by itself: what people chose, how a message ended, who follows the service account.

Each door may be called again with the same event, and in any order; each takes one event or a list of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import TypeVar

from server import db
from server.features.identity import service as identity
from server.features.push.models import Channel
from server.features.push.schemas import FollowEvent, SentEvent, SubscribeEvent, TemplateFinished
from server.features.push.service import _credits as credits_of
from server.features.push.service import _followers as followers
from server.features.push.service import _receipts as receipts
from server.kit import clock
from server.kit.ids import new_id

KEPT = timedelta(days=7)

_FIRST = """
    INSERT INTO push_event (id, created_at, key_index) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING RETURNING id
"""
_FORGET = "DELETE FROM push_event WHERE id IN (SELECT id FROM push_event WHERE created_at < $1 LIMIT 10000)"

Event = TypeVar("Event")


@db.transactional
async def on_subscribe_popup(events: SubscribeEvent | Sequence[SubscribeEvent]) -> None:
    """Count what a person chose in the popup; the phone tells of it too, and both together count once."""
    for event in _each(events):
        account_id = await identity.account_by_openid(event.openid)
        if account_id is not None and await _first("popup", event.event_key, event.openid, event.template_id):
            await credits_of.choose(account_id, event.template_id, event.status, credits_of.ToldBy.WECHAT)


@db.transactional
async def on_subscribe_change(events: SubscribeEvent | Sequence[SubscribeEvent]) -> None:
    """Note what a person changed in their settings. Only turning off is told; turning on again shows in the popup."""
    for event in _each(events):
        account_id = await identity.account_by_openid(event.openid)
        if account_id is None or not await _first("change", event.event_key, event.openid, event.template_id):
            continue
        if event.status == "reject":
            await credits_of.turn_off(account_id, event.template_id)


@db.transactional
async def on_subscribe_sent(events: SentEvent | Sequence[SentEvent]) -> None:
    """End messages of the mini-program: they arrived, or WeChat failed and the next way is taken."""
    for event in _each(events):
        if await _first("sent", event.event_key, event.openid, event.msgid or event.template_id):
            account_id = await identity.account_by_openid(event.openid)
            await receipts.take(
                receipts.Receipt(
                    channel=Channel.WECHAT,
                    provider_id=event.msgid,
                    account_id=account_id,
                    template_id=event.template_id,
                    problem=event.problem,
                )
            )


@db.transactional
async def on_template_finished(events: TemplateFinished | Sequence[TemplateFinished]) -> None:
    """End messages of the service account: they arrived, or failed and the next way is taken."""
    for event in _each(events):
        if await _first("finished", event.event_key, event.openid, event.msgid):
            problem = None if event.status == "success" else event.status
            await receipts.take(receipts.Receipt(Channel.SERVICE, event.msgid, problem=problem))


@db.transactional
async def on_followed(events: FollowEvent | Sequence[FollowEvent]) -> None:
    """Remember a follower of the service account: with a unionid their phone can be reached there."""
    for event in _each(events):
        if await _first("followed", event.event_key, event.openid):
            await followers.follows(event.openid, event.unionid)


@db.transactional
async def on_unfollowed(events: FollowEvent | Sequence[FollowEvent]) -> None:
    """Forget a follower's binding."""
    for event in _each(events):
        if await _first("unfollowed", event.event_key, event.openid):
            await followers.leaves(event.openid)


async def forget_events() -> int:
    """Remove the marks of events long past: WeChat repeats one for seconds."""
    done = await db.execute(_FORGET, clock.now() - KEPT)
    return int(done.removeprefix("DELETE "))


def _each(events: Event | Sequence[Event]) -> Sequence[Event]:
    return events if isinstance(events, Sequence) else (events,)


async def _first(what: str, *parts: str) -> bool:
    index = db.blind_index("push.event", "\x1f".join((what, *parts)))
    return await db.fetchval(_FIRST, new_id(), clock.now(), index) is not None
