"""What each phone wants to be told by which way. Nobody has to say anything: left alone, every way is wanted."""

from __future__ import annotations

from uuid import UUID

from server import db
from server.actor import Citizen
from server.errors import NotFound
from server.features.identity import service as identity
from server.features.push.schemas import TopicOut, TopicsOut, Wanted
from server.features.push.service import _credits as credits_of
from server.features.push.service._kinds import Message, kinds
from server.features.push.service._ways import subscribe_templates
from server.kit import clock, texts
from server.kit.ids import new_id

_ALL = Wanted(wechat=True, sms=True)

_OF = "SELECT topic, wechat, sms FROM push_preference WHERE account_id = $1"
_ONE = "SELECT wechat, sms FROM push_preference WHERE account_id = $1 AND topic = $2"
_PUT = """
    INSERT INTO push_preference (id, created_at, account_id, topic, wechat, sms) VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (account_id, topic) DO UPDATE SET wechat = excluded.wechat, sms = excluded.sms
"""


async def wanted(account_id: UUID | None, topic: str) -> Wanted:
    """Say by which ways a phone wants one kind of news."""
    row = None if account_id is None else await db.fetchrow(_ONE, account_id, topic)
    return _ALL if row is None else Wanted(wechat=row["wechat"], sms=row["sms"])


async def topics(actor: Citizen) -> TopicsOut:
    """Show what there is to be told, what I want of it, and whether WeChat would carry the next."""
    chosen = {
        row["topic"]: Wanted(wechat=row["wechat"], sms=row["sms"]) for row in await db.fetch(_OF, actor.account_id)
    }
    standings = await credits_of.standings([actor.account_id])
    held = {template_id for (_, template_id), standing in standings.items() if standing.held > 0}
    found = []
    for topic, said in _topics().items():
        carriers = [template for kind in said for template in subscribe_templates(kind)]
        if not carriers:
            continue
        found.append(
            TopicOut(
                topic=topic,
                title=texts.text(actor.locale, f"push.topic.{topic}.title"),
                note=texts.text(actor.locale, f"push.topic.{topic}.note"),
                wanted=chosen.get(topic, _ALL),
                carried=all(any(one.id in held for one in subscribe_templates(kind)) for kind in said),
                lasting=carriers[0].long_term,
                by_sms=any(kind.sms for kind in said),
                ask=next((one.id for one in carriers if one.id not in held), carriers[0].id),
            )
        )
    return TopicsOut(
        topics=found,
        main_switch=await credits_of.is_on(actor.account_id),
        wechat=bool(await identity.wechat_logins([actor.account_id])),
    )


@db.transactional
async def want(actor: Citizen, topic: str, wish: Wanted) -> TopicsOut:
    """Choose the ways for one kind of news, from the next message on. Raises NotFound for one there is not."""
    if topic not in _topics():
        raise NotFound
    await db.execute(_PUT, new_id(), clock.now(), actor.account_id, topic, wish.wechat, wish.sms)
    return await topics(actor)


def _topics() -> dict[str, list[type[Message]]]:
    found: dict[str, list[type[Message]]] = {}
    for kind in kinds().values():
        if kind.template is not None:
            found.setdefault(kind.template, []).append(kind)
    return found
