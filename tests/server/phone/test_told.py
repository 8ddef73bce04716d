"""At each step of a matter its person is told by WeChat, and the timeline, the inbox and the phone say the same."""

from __future__ import annotations

from server.config import Settings
from server.features.cases import service as cases
from server.features.cases.schemas import CorrectionLine
from server.features.delivery import service as delivery
from server.features.push import service as push
from server.ports import Ports
from tests.conftest import Clock
from tests.factories.cases import SIGNED, office, shelved, submitted
from tests.factories.push import agree, reached, running, with_sandbox
from tests.fixtures_web import Client

LINE = CorrectionLine(key="id_card", reason="照片模糊，请重拍。")


async def test_each_step_is_told_as_it_happens(
    client: Client, ports: Ports, clock: Clock, settings: Settings, database: None
) -> None:
    async with running(settings) as sandbox:
        outside = with_sandbox(ports, sandbox)
        at, to = await office(), await reached(sandbox, credits=0)
        for template in push.templates().values():
            if template.account == "mini":
                sandbox.world.subscriptions.grant(to.phone.openid, template.id, 1)
                await agree(to.someone, template.id)
        who = await submitted(client, ports, at, to.someone)
        clerk, reviewer = at.clerk.actor, at.reviewer.actor

        async def told() -> tuple[str, str, str, str]:
            """The newest step, what the inbox says of it and how it came, and the page WeChat's card opens."""
            clock.advance(seconds=1)
            while await push.deliver(outside, push.Channel.WECHAT):
                pass
            step = (await who.screen())["steps"][-1]["name"]
            newest = (await who.phone.get("/api/v1/inbox")).json["items"][0]
            card = sandbox.messages(to.phone)[-1]
            assert newest["thread_id"] == str(who.thread_id)
            assert card.page == newest["page"].removeprefix("/")
            return step, newest["kind"], newest["delivery"], card.title

        await cases.ask_correction(clerk, who.id, [LINE])
        assert await told() == ("cases.correction_asked", "cases.correction_asked", "wechat", "办理进度提醒")
        again = [{"key": "id_card", "file_id": str((await who.picture("#ffffff")).id)}]
        who.case = (await who.phone.get(f"/api/v1/cases/{who.id}")).json
        assert (await who.post("submit", await who.application(materials=again))).status == 200
        await cases.accept(clerk, who.id)
        assert await told() == ("cases.accepted", "cases.accepted", "wechat", "办理进度提醒")
        await cases.grant(reviewer, ports.signer, who.id, None)
        assert await told() == ("delivery.preparing", "cases.granted", "wechat", "办结通知")
        await shelved(clerk, reviewer, who.thread_id)
        assert await told() == ("delivery.ready_to_collect", "delivery.ready_to_collect", "wechat", "领取通知")
        code = (await who.screen())["delivery"]["pickup_code"]
        card = [field.value for field in sandbox.messages(to.phone)[-1].fields]
        assert (code, at.hall.name, "工作日8:30–12，14–17:30") == (card[0], card[2], card[3])
        await delivery.hand_over(clerk, code, identity_checked=True, signature=SIGNED)
        assert await told() == ("thread.closed", "ratings.invited", "wechat", "评价邀请")
        assert to.someone.name not in str(sandbox.messages(to.phone))


async def test_whoever_is_told_by_sms_reads_what_has_happened(
    client: Client, ports: Ports, settings: Settings, database: None
) -> None:
    async with running(settings) as sandbox:
        at, to = await office(), await reached(sandbox, credits=0)
        who = await submitted(client, ports, at, to.someone)
        await cases.accept(at.clerk.actor, who.id)
        for channel in (push.Channel.WECHAT, push.Channel.SMS):
            await push.deliver(with_sandbox(ports, sandbox), channel)
        (text,) = [one.text for one in sandbox.world.sms_to(to.someone.phone)]
        assert "已受理" in text
