"""Subscribe messages as the person sees them: the popup, the switches, and the credits that come of them."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from server.sandbox.clock import Clock
from server.sandbox.state import Account, Choice, CreditChange, CreditReason, State, Subscription
from server.sandbox.wechat.templates import Template

__all__ = ["Asked", "PopupError", "Subscriptions"]

MOST_TEMPLATES = 5
LEDGER_KEPT = 5_000
OK = "requestSubscribeMessage:ok"


class PopupError(Exception):
    """wx.requestSubscribeMessage fails with this code and text."""

    def __init__(self, errcode: int, text: str) -> None:
        self.errcode = errcode
        self.text = f"requestSubscribeMessage:fail {text}"
        super().__init__(self.text)


class Asked(msgspec.Struct):
    """`ask` are the templates the popup shows; `settled` has the answers that need no popup."""

    ask: list[Template]
    settled: dict[str, str]


class Subscriptions:
    def __init__(self, state: State, clock: Clock, account: Account, templates: Mapping[str, Template]) -> None:
        self._held = state.subscriptions
        self.ledger = state.ledger
        self._clock = clock
        self._account = account
        self._templates = templates

    def of(self, openid: str) -> Subscription:
        return self._held.setdefault(openid, Subscription())

    def ask(self, openid: str, tmpl_ids: object) -> Asked:
        """Checks a request as WeChat's client does and says what the popup has to show."""
        ids = self._checked(openid, tmpl_ids)
        kept = self.of(openid).kept
        asked, settled, titles = [], {}, set[str]()
        for template in (self._templates[tmpl_id] for tmpl_id in ids):
            if template.id in self._account.banned_templates:
                settled[template.id] = "ban"
            elif template.title in titles:
                settled[template.id] = "filter"
            elif template.id in kept:
                settled[template.id] = kept[template.id]
            else:
                asked.append(template)
            titles.add(template.title)
        return Asked(asked, settled)

    def answer(self, openid: str, tmpl_ids: object, accepted: Sequence[str], *, always: bool) -> dict[str, str]:
        """The popup's end: `accepted` are the ticked ones. Every accept adds a credit, also a remembered one."""
        asked = self.ask(openid, tmpl_ids)
        result: dict[str, str] = dict(asked.settled)
        for template in asked.ask:
            choice: Choice = "accept" if template.id in accepted else "reject"
            result[template.id] = choice
            if always:
                self.of(openid).kept[template.id] = choice
        for tmpl_id, choice_made in result.items():
            if choice_made in {"accept", "reject"}:
                self._book(openid, self._templates[tmpl_id], accepted=choice_made == "accept")
        return {**result, "errMsg": OK}

    def setting(self, openid: str) -> dict[str, Any]:
        """wx.getSetting withSubscriptions: only remembered choices are listed."""
        held = self.of(openid)
        return {"mainSwitch": held.main_switch, "itemSettings": dict(held.kept)}

    def set_main_switch(self, openid: str, *, on: bool) -> None:
        self.of(openid).main_switch = on

    def keep(self, openid: str, template_id: str, choice: Choice) -> None:
        """The person changes a message in the settings; turning it off forfeits what was agreed."""
        held = self.of(openid)
        held.kept[template_id] = choice
        if choice == "reject":
            held.long_term[template_id] = False
            left = held.credits.pop(template_id, 0)
            self._write(openid, template_id, -left, "turned_off")

    def grant(self, openid: str, template_id: str, count: int) -> int:
        """Credits without a popup, for tests and load."""
        held = self.of(openid)
        if self._templates[template_id].kind == "long":
            held.long_term[template_id] = count > 0
        held.credits[template_id] = max(0, held.credits.get(template_id, 0) + count)
        self._write(openid, template_id, count, "granted")
        return held.credits[template_id]

    def may_send(self, openid: str, template: Template) -> bool:
        held = self.of(openid)
        if not held.main_switch:
            return False
        if template.kind == "long":
            return held.long_term.get(template.id, False)
        return held.credits.get(template.id, 0) > 0

    def spend(self, openid: str, template: Template) -> None:
        if template.kind == "long":
            self._write(openid, template.id, 0, "sent")
            return
        self.of(openid).credits[template.id] -= 1
        self._write(openid, template.id, -1, "sent")

    def _checked(self, openid: str, tmpl_ids: object) -> list[str]:
        if not isinstance(tmpl_ids, list) or not tmpl_ids:
            raise PopupError(10001, "TmplIds can't be empty")
        if not all(isinstance(tmpl_id, str) for tmpl_id in tmpl_ids):
            raise PopupError(10004, "Invalid template id")
        if len(tmpl_ids) > MOST_TEMPLATES:
            raise PopupError(20003, "Templates count out of max bounds")
        ids = list(dict.fromkeys(tmpl_ids))
        if any(tmpl_id not in self._templates for tmpl_id in ids):
            raise PopupError(20001, "No template data return, verify the template id exist")
        if len({self._templates[tmpl_id].kind for tmpl_id in ids}) > 1:
            raise PopupError(20002, "Templates type must be same")
        if self._account.subscribe_banned:
            raise PopupError(20005, "This app has been banned")
        if not self.of(openid).main_switch:
            raise PopupError(20004, "The main switch is switched off")
        return ids

    def _book(self, openid: str, template: Template, *, accepted: bool) -> None:
        held = self.of(openid)
        if template.kind == "long":
            held.long_term[template.id] = accepted
        elif accepted:
            held.credits[template.id] = held.credits.get(template.id, 0) + 1
        self._write(openid, template.id, int(accepted), "accepted" if accepted else "rejected")

    def _write(self, openid: str, template_id: str, change: int, reason: CreditReason) -> None:
        balance = self.of(openid).credits.get(template_id, 0)
        self.ledger.append(
            CreditChange(
                at=self._clock.now(),
                openid=openid,
                template_id=template_id,
                change=change,
                balance=balance,
                reason=reason,
            )
        )
        if len(self.ledger) > LEDGER_KEPT + 500:
            del self.ledger[: len(self.ledger) - LEDGER_KEPT]
