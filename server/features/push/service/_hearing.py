"""What the worker does with what arrived: each thing goes through the door it belongs to, once."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from uuid import UUID

from server import db
from server.features.push.models import Channel
from server.features.push.schemas import FollowEvent, Outcome, SentEvent, SubscribeEvent, TemplateFinished
from server.features.push.service import _arrivals as arrivals
from server.features.push.service import _events as doors
from server.features.push.service import _receipts as receipts
from server.features.push.service._arrivals import Arrived
from server.ports import Follower, OutsideError, Ports, WeChatEvent

_CHOICES: Mapping[str, Outcome] = {"accept": "accept", "reject": "reject", "ban": "ban", "filter": "filter"}

_log = logging.getLogger(__name__)


async def hear(ports: Ports) -> int:
    """Deal with what waits; gives the number of things dealt with. What cannot be done keeps nothing else up."""
    ids = await arrivals.due()
    if not ids:
        return 0
    try:
        return await _deal(ports, ids)
    except Exception as trouble:  # noqa: BLE001 - whatever it is, it is found out one by one
        _log.warning("one of %d things that arrived cannot be dealt with (%s)", len(ids), type(trouble).__name__)
    return sum([await _alone(ports, one) for one in ids])


async def _alone(ports: Ports, row_id: UUID) -> int:
    try:
        return await _deal(ports, [row_id])
    except Exception as trouble:  # noqa: BLE001 - it is logged, with its trace
        _log.exception("what arrived as %s failed", row_id)
        async with db.tx():
            (row,) = await arrivals.take([row_id]) or (None,)
            if row is not None:
                await arrivals.failed(row_id, row.failures, type(trouble).__name__)
        return 0


async def _deal(ports: Ports, ids: Sequence[UUID]) -> int:
    # WeChat is asked who follows before anything is locked: nobody outside is asked inside a transaction.
    followers = await _followers(ports, ids)
    async with db.tx():
        rows = await arrivals.take(ids)
        known = [row for row in rows if not _follows(row) or row.id in followers]
        await _tell(known, followers)
        await arrivals.done([row.id for row in known])
        for row in rows:
            if row not in known:
                await arrivals.failed(row.id, row.failures, "follower_unknown")
    return len(known)


async def _followers(ports: Ports, ids: Sequence[UUID]) -> dict[UUID, Follower]:
    async with db.tx():
        new = [row for row in await arrivals.take(ids) if _follows(row)]
    found = {}
    for row in new:
        if row.event is None:
            continue
        try:
            found[row.id] = await ports.service_account.follower(row.event.openid)
        except OutsideError as trouble:
            if trouble.final:
                found[row.id] = Follower(openid=row.event.openid, follows=True)
    return found


def _follows(row: Arrived) -> bool:
    return row.event is not None and row.event.name == "subscribe"


async def _tell(rows: Sequence[Arrived], followers: Mapping[UUID, Follower]) -> None:
    for row in rows:
        if row.report is not None:
            await receipts.take(receipts.Receipt(Channel.SMS, row.report.serial, problem=row.report.problem))
        elif row.event is not None:
            await _tell_event(row.event, followers.get(row.id))


async def _tell_event(event: WeChatEvent, follower: Follower | None) -> None:
    match event.name:
        case "subscribe_msg_popup_event":
            await doors.on_subscribe_popup(_choices(event))
        case "subscribe_msg_change_event":
            await doors.on_subscribe_change(_choices(event))
        case "subscribe_msg_sent_event":
            await doors.on_subscribe_sent(_sent(event))
        case "TEMPLATESENDJOBFINISH":
            await doors.on_template_finished(_finished(event))
        case "subscribe" if follower is not None and follower.follows:
            await doors.on_followed(FollowEvent(openid=event.openid, unionid=follower.unionid, event_key=event.key))
        case "subscribe" | "unsubscribe":
            # Whoever follows no more when we ask has left meanwhile, and that is told as well.
            await doors.on_unfollowed(FollowEvent(openid=event.openid, event_key=event.key))


def _choices(event: WeChatEvent) -> list[SubscribeEvent]:
    return [
        SubscribeEvent(
            openid=event.openid,
            template_id=row.get("TemplateId", ""),
            status=_CHOICES[row["SubscribeStatusString"]],
            event_key=event.key,
        )
        for row in event.rows
        if row.get("SubscribeStatusString") in _CHOICES
    ]


def _sent(event: WeChatEvent) -> list[SentEvent]:
    return [
        SentEvent(
            openid=event.openid,
            template_id=row.get("TemplateId", ""),
            msgid=row.get("MsgID", row.get("MsgId", "")),
            problem=None if row.get("ErrorCode") == "0" else _problem(row),
            event_key=event.key,
        )
        for row in event.rows
    ]


def _problem(row: Mapping[str, str]) -> str:
    return row.get("ErrorStatus", "")[:60] or row.get("ErrorCode", "")[:60] or "unknown"


def _finished(event: WeChatEvent) -> TemplateFinished:
    return TemplateFinished(
        openid=event.openid,
        # The page spells it MsgID, and elsewhere it is MsgId.
        msgid=event.values.get("MsgID", event.values.get("MsgId", "")),
        status=event.values.get("Status", "")[:60],
        event_key=event.key,
    )
