"""One sender a channel: what it must know of people, how it asks, and what the answer means for credits."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from server import db
from server.features.identity import service as identity
from server.features.push.models import Channel, OutboxState, Reason
from server.features.push.service import _claim as outbox
from server.features.push.service import _credits as credits_of
from server.features.push.service import _followers as followers
from server.features.push.service import _ladder as ladder
from server.features.push.service._breaker import Breaker
from server.features.push.service._claim import Claimed, Outcome
from server.features.push.service._credits import NEVER_ASKED, Standing
from server.features.push.service._templates import Template, templates
from server.kit import clock
from server.ports import Ports, SendError, SubscribeMessage, TemplateMessage, Verdict

# A send that would begin this close to the end of the lease is left to whoever takes the message next.
_LEASE_MARGIN = timedelta(seconds=20)
_NOT_AGREED = "43101"
_NOT_FOLLOWING = "43004"
_SAID_ALREADY = "40241"

_log = logging.getLogger(__name__)


class Sender:
    """Sends on one channel. What it knows of people is fetched with each batch, in one question."""

    channel: Channel

    def __init__(self, ports: Ports, breaker: Breaker) -> None:
        self._ports = ports
        self._breaker = breaker

    async def claim(self, limit: int) -> list[Claimed]:
        """Take a batch and look up what sending it needs."""
        allowed = await self._breaker.allows(limit)
        rows = await outbox.claim(self.channel, allowed) if allowed else []
        if rows:
            self._breaker.lets()
            await self._prepare(rows)
        return rows

    async def send(self, row: Claimed) -> Outcome:
        """Send one message; whatever happens, there is an outcome."""
        try:
            return await self._dealt_with(row)
        finally:
            self._breaker.tried()

    async def _dealt_with(self, row: Claimed) -> Outcome:
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
            return ladder.doubted(row, Reason.BROKEN)
        if outcome.state is OutboxState.SENT:
            self._breaker.worked()
        return outcome

    async def record(self, done: list[tuple[Claimed, Outcome]]) -> None:
        """Write outcomes, what they mean for credits, and the next way where this one has ended."""
        if all(outcome.state is OutboxState.SENT for _, outcome in done) and not self._unsettled:
            await outbox.record_sent(done)
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
        elif error.verdict is Verdict.FINAL or error.rest is not None:
            # It is about this one message or person; the channel is well.
            self._breaker.worked()
        else:
            self._breaker.failed(error.code)

    @property
    def _unsettled(self) -> bool:
        return self._breaker.unsaved

    async def _prepare(self, rows: list[Claimed]) -> None:
        raise NotImplementedError

    async def _try(self, row: Claimed) -> Outcome:
        raise NotImplementedError

    async def _settle(self, done: list[tuple[Claimed, Outcome]]) -> None:
        """Nothing to settle on most channels."""


class WeChatSender(Sender):
    """Subscribe messages of the mini-program: each costs an acceptance, unless it was given for good."""

    channel = Channel.WECHAT

    def __init__(self, ports: Ports, breaker: Breaker) -> None:
        super().__init__(ports, breaker)
        self._standings: dict[tuple[UUID, str], Standing] = {}
        self._held: dict[tuple[UUID, str], int] = {}
        self._forfeited: list[tuple[UUID, str]] = []
        self._logins: dict[UUID, identity.WeChatLogin] = {}

    async def _prepare(self, rows: list[Claimed]) -> None:
        ids = {row.account_id for row in rows if row.account_id is not None}
        standings, logins = await credits_of.standings(ids), await identity.wechat_logins(ids)
        # Nobody else sends to these people until this batch is written back, so this is what there is.
        self._standings |= standings
        self._held |= {key: standing.held for key, standing in standings.items()}
        self._logins |= logins

    async def _try(self, row: Claimed) -> Outcome:
        login = self._logins.get(row.account_id) if row.account_id else None
        if login is None or row.account_id is None:
            return ladder.refused(row, Reason.UNREACHABLE)
        why: str = Reason.NOT_AGREED
        for name in row.payload.ways if row.payload.ways is not None else (row.payload.template,):
            template = templates().get(name)
            if template is None:
                continue
            key = (row.account_id, template.id)
            if self._held.get(key, 0) <= 0:
                why = self._standings.get(key, NEVER_ASKED).why if why == Reason.NOT_AGREED else why
                continue
            try:
                return await self._ask(row, name, template, login)
            except SendError as error:
                if error.code != _NOT_AGREED:
                    raise
                # It is normal: what we counted was more than there was. Perhaps another template is agreed to.
                self._breaker.worked()
                self._held[key] = 0
                self._forfeited.append(key)
                why = error.code
        return ladder.refused(row, why)

    async def _ask(self, row: Claimed, name: str, template: Template, login: identity.WeChatLogin) -> Outcome:
        message = SubscribeMessage(
            openid=login.openid,
            template_id=template.id,
            page=row.payload.page,
            data={template.fields[field]: value for field, value in row.payload.values_for(name).items()},
            locale=login.locale,
        )
        msgid = await self._ports.wechat.send_subscribe(message)
        if row.account_id is not None and not template.long_term:
            self._held[row.account_id, template.id] -= 1
        return ladder.sent(row, msgid, template.id)

    @property
    def _unsettled(self) -> bool:
        return super()._unsettled or bool(self._forfeited)

    async def _settle(self, done: list[tuple[Claimed, Outcome]]) -> None:
        await credits_of.spend(
            (row.account_id, outcome.template_id)
            for row, outcome in done
            if outcome.state is OutboxState.SENT and row.account_id is not None and outcome.template_id is not None
        )
        forfeited, self._forfeited = self._forfeited, []
        await credits_of.forfeit(forfeited)


class ServiceSender(Sender):
    """Template messages of the service account, to whoever follows it. The same message twice is sent once."""

    channel = Channel.SERVICE

    def __init__(self, ports: Ports, breaker: Breaker) -> None:
        super().__init__(ports, breaker)
        self._openids: dict[UUID, str] = {}

    async def _prepare(self, rows: list[Claimed]) -> None:
        self._openids |= await followers.openids({row.account_id for row in rows if row.account_id is not None})

    async def _try(self, row: Claimed) -> Outcome:
        template = templates().get(row.payload.service or "")
        openid = self._openids.get(row.account_id) if row.account_id else None
        if template is None or openid is None:
            return ladder.refused(row, Reason.UNREACHABLE)
        values = row.payload.values_for(row.payload.service or "")
        message = TemplateMessage(
            openid=openid,
            template_id=template.id,
            page=row.payload.page,
            data={template.fields[field]: value for field, value in values.items()},
            client_msg_id=row.id.hex,
        )
        try:
            return ladder.sent(row, await self._ports.service_account.send_template(message))
        except SendError as error:
            if error.code == _NOT_FOLLOWING:
                await followers.leaves(openid)
            elif error.code == _SAID_ALREADY and row.doubts:
                # Nobody knew whether it had been taken. It had.
                return ladder.sent(row, "")
            raise


class SmsSender(Sender):
    """Text messages, to the phone's number or the one left at a window."""

    channel = Channel.SMS

    async def _prepare(self, rows: list[Claimed]) -> None:
        """A phone number is fetched for each message: there are few, and none is kept in memory."""

    async def _try(self, row: Claimed) -> Outcome:
        phone = await identity.phone_to_text(row.account_id, row.person_id)
        if phone is None:
            return ladder.refused(row, Reason.UNREACHABLE)
        return ladder.sent(row, await self._ports.sms.send(phone, row.payload.template, row.payload.values))
