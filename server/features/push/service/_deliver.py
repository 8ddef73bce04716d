"""The worker's part: sends what the outbox holds, WeChat first, and goes on to the next way where one ends."""

from __future__ import annotations

import asyncio
import logging
from datetime import timedelta
from uuid import UUID

from server import db
from server.features.identity import service as identity
from server.features.push.models import Channel, OutboxState
from server.features.push.service import _claim as outbox
from server.features.push.service import _credits as credits_of
from server.features.push.service import _ladder as ladder
from server.features.push.service._breaker import Breaker
from server.features.push.service._claim import Claimed, Outcome
from server.features.push.service._pump import Pump
from server.features.push.service._templates import templates
from server.kit import clock
from server.ports import Ports, SendError, SubscribeMessage, Verdict

IN_FLIGHT = {Channel.WECHAT: 64, Channel.SMS: 8}
# A send that would begin this close to the end of the lease is left to whoever takes the message next.
_LEASE_MARGIN = timedelta(seconds=20)
_NOT_AGREED = "43101"

_log = logging.getLogger(__name__)


async def deliver(ports: Ports, channel: Channel) -> int:
    """Do one round on a channel and give the number of messages dealt with."""
    swept = await sweep(channel)
    state = await outbox.state_of(channel)
    if state.paused:
        return swept
    way = _WAYS[channel](ports, Breaker(channel, probing=state.probing))
    pump = Pump(
        claim=way.claim,
        send=way.send,
        record=way.record,
        release=ladder.released,
        interrupted=lambda row: ladder.doubted(row, ladder.LOST),
        in_flight=IN_FLIGHT[channel],
    )
    return swept + await pump.run()


@db.transactional
async def sweep(channel: Channel) -> int:
    """Settle messages whose worker has gone: they may have been sent, so they count as doubted."""
    done = [(row, ladder.doubted(row, ladder.LOST)) for row in await outbox.lapsed(channel)]
    await outbox.record(done)
    for row, outcome in done:
        _log.warning("message %s: the worker that held it is gone, it is now %s", row.id, outcome.state.value)
        await ladder.next_way(row, outcome, channel)
    return len(done)


@db.transactional
async def lose_patience() -> int:
    """Go on by SMS with what WeChat has kept waiting for too long."""
    paused = (await outbox.state_of(Channel.WECHAT)).paused
    rows = await outbox.impatient(paused=paused)
    for row in rows:
        await ladder.next_way(row, ladder.refused(row, "impatient"), Channel.WECHAT)
    return len(rows)


class _Way:
    """Sends on one channel. What it knows of people is fetched with each batch, in one question."""

    channel: Channel

    def __init__(self, ports: Ports, breaker: Breaker) -> None:
        self._ports = ports
        self._breaker = breaker

    async def claim(self, limit: int) -> list[Claimed]:
        """Take a batch and look up what sending it needs."""
        rows = await outbox.claim(self.channel, self._breaker.allows(limit))
        if rows:
            await self._prepare(rows)
        return rows

    async def send(self, row: Claimed) -> Outcome:
        """Send one message; whatever happens, there is an outcome."""
        now = clock.now()
        if now >= row.deadline:
            return ladder.too_late(row)
        if self._breaker.open or now >= row.lease_until - _LEASE_MARGIN:
            return ladder.released(row, self._breaker.until)
        try:
            outcome = await self._try(row)
        except SendError as error:
            self._note(row, error)
            return ladder.failed(row, error)
        except Exception:  # noqa: BLE001 - it is logged, with its trace
            # One poisonous message must not take the others down with it.
            _log.exception("message %s (%s) broke the sender", row.id, row.kind)
            return ladder.doubted(row, "broken")
        self._breaker.worked()
        return outcome

    async def record(self, done: list[tuple[Claimed, Outcome]]) -> None:
        """Write outcomes, what they mean for credits, and the next way where this one has ended."""
        if all(outcome.state is OutboxState.SENT for _, outcome in done) and not self._breaker.unsaved:
            await outbox.record_sent(done, [self._template_id(row) for row, _ in done])
            return
        async with db.tx():
            mine = await outbox.record(done)
            await self._settle(done)
            for row, outcome in done:
                if row.id in mine:
                    await ladder.next_way(row, outcome, self.channel)
            await self._breaker.save()

    def _note(self, row: Claimed, error: SendError) -> None:
        if error.alarm:
            _log.error(
                "message %s (%s): %s says %s; somebody must mend this", row.id, row.kind, self.channel, error.code
            )
        if error.verdict is Verdict.PAUSE:
            self._breaker.rest(error.pause or timedelta(minutes=5), error.code)
        elif error.verdict is not Verdict.FINAL:
            self._breaker.failed(error.code)
        else:
            self._breaker.worked()

    async def _prepare(self, rows: list[Claimed]) -> None:
        raise NotImplementedError

    async def _try(self, row: Claimed) -> Outcome:
        raise NotImplementedError

    def _template_id(self, _row: Claimed) -> str | None:
        """Name the WeChat template a message cost a credit of; none on other channels."""
        return None

    async def _settle(self, done: list[tuple[Claimed, Outcome]]) -> None:
        """Nothing to settle on most channels."""


class _WeChatWay(_Way):
    channel = Channel.WECHAT

    def __init__(self, ports: Ports, breaker: Breaker) -> None:
        super().__init__(ports, breaker)
        self._balances: dict[tuple[UUID, str], int] = {}
        self._logins: dict[UUID, identity.WeChatLogin] = {}

    async def _prepare(self, rows: list[Claimed]) -> None:
        ids = {row.account_id for row in rows if row.account_id is not None}
        balances, logins = await asyncio.gather(credits_of.balances(ids), identity.wechat_logins(ids))
        self._balances |= balances
        self._logins |= logins

    async def _try(self, row: Claimed) -> Outcome:
        template = templates().get(row.payload.template)
        login = self._logins.get(row.account_id) if row.account_id else None
        if template is None or login is None or row.account_id is None:
            return ladder.refused(row, ladder.UNREACHABLE)
        key = (row.account_id, template.id)
        if self._balances.get(key, 0) <= 0:
            return ladder.refused(row, ladder.NOT_AGREED)
        if not template.long_term:
            self._balances[key] -= 1
        message = SubscribeMessage(
            openid=login.openid,
            template_id=template.id,
            page=row.payload.page,
            data={template.fields[name]: value for name, value in row.payload.values.items()},
            locale=login.locale,
        )
        return ladder.sent(row, await self._ports.wechat.send_subscribe(message))

    def _template_id(self, row: Claimed) -> str | None:
        template = templates().get(row.payload.template)
        return None if template is None else template.id

    async def _settle(self, done: list[tuple[Claimed, Outcome]]) -> None:
        spent, forfeited = [], []
        for row, outcome in done:
            template_id = self._template_id(row)
            if row.account_id is None or template_id is None:
                continue
            if outcome.state is OutboxState.SENT:
                spent.append((row.account_id, template_id))
            elif outcome.reason == _NOT_AGREED:
                forfeited.append((row.account_id, template_id))
        await credits_of.spend(spent)
        await credits_of.forfeit(forfeited)


class _SmsWay(_Way):
    channel = Channel.SMS

    async def _prepare(self, rows: list[Claimed]) -> None:
        """A phone number is fetched for each message: there are few, and none is kept in memory."""

    async def _try(self, row: Claimed) -> Outcome:
        phone = await self._phone(row)
        if phone is None:
            return ladder.refused(row, ladder.UNREACHABLE)
        return ladder.sent(row, await self._ports.sms.send(phone, row.payload.template, row.payload.values))

    async def _phone(self, row: Claimed) -> str | None:
        own = None if row.account_id is None else await identity.account_phone(row.account_id)
        return own if own or row.person_id is None else await identity.phone_of(row.person_id)


_WAYS: dict[Channel, type[_Way]] = {Channel.WECHAT: _WeChatWay, Channel.SMS: _SmsWay}
