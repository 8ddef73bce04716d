"""What WeChat tells an account's own server: events, in the JSON and in the XML it has for them."""

from typing import Any, Literal
from xml.sax.saxutils import escape

import msgspec

__all__ = ["AccountKind", "Event", "changed", "followed", "job_finished", "popup", "sent", "unfollowed"]

AccountKind = Literal["program", "service"]
Rows = list[dict[str, str]]


class Event(msgspec.Struct, kw_only=True):
    """`rows` are a List; in XML it stands inside an element called `inside`."""

    account: AccountKind
    openid: str
    name: str
    at: int
    values: dict[str, str | int] = {}
    rows: Rows = []
    inside: str = ""

    def as_json(self, to: str, *, always_list: bool) -> bytes:
        body: dict[str, Any] = {**self._head(to), **self.values}
        if self.inside:
            # One row arrives as an object, several as a list: as it is in the field.
            body["List"] = self.rows if always_list or len(self.rows) != 1 else self.rows[0]
        return msgspec.json.encode(body)

    def as_xml(self, to: str) -> bytes:
        parts = [_element(name, value) for name, value in (self._head(to) | self.values).items()]
        if self.inside:
            lists = "".join(f"<List>{''.join(_element(*cell) for cell in row.items())}</List>" for row in self.rows)
            parts.append(f"<{self.inside}>{lists}</{self.inside}>")
        return f"<xml>{''.join(parts)}</xml>".encode()

    def _head(self, to: str) -> dict[str, str | int]:
        return {
            "ToUserName": to,
            "FromUserName": self.openid,
            "CreateTime": self.at,
            "MsgType": "event",
            "Event": self.name,
        }


def popup(openid: str, at: float, choices: dict[str, str]) -> Event:
    """The person has answered a popup."""
    rows = [
        {"TemplateId": template_id, "SubscribeStatusString": choice, "PopupScene": "0"}
        for template_id, choice in choices.items()
    ]
    return _program("subscribe_msg_popup_event", "SubscribeMsgPopupEvent", openid, at, rows)


def changed(openid: str, at: float, template_id: str) -> Event:
    """The person has turned a message off; turning it on again is not told."""
    rows = [{"TemplateId": template_id, "SubscribeStatusString": "reject"}]
    return _program("subscribe_msg_change_event", "SubscribeMsgChangeEvent", openid, at, rows)


def sent(openid: str, at: float, template_id: str, msgid: str, *, code: int, status: str) -> Event:
    """What came of a subscribe message that was accepted."""
    rows = [{"TemplateId": template_id, "MsgID": msgid, "ErrorCode": str(code), "ErrorStatus": status}]
    return _program("subscribe_msg_sent_event", "SubscribeMsgSentEvent", openid, at, rows)


def job_finished(openid: str, at: float, msgid: str, status: str) -> Event:
    """What came of a template message that was accepted; the id is spelt `MsgID` here."""
    values: dict[str, str | int] = {"MsgID": int(msgid), "Status": status}
    return Event(account="service", openid=openid, name="TEMPLATESENDJOBFINISH", at=int(at), values=values)


def followed(openid: str, at: float) -> Event:
    return Event(account="service", openid=openid, name="subscribe", at=int(at), values={"EventKey": ""})


def unfollowed(openid: str, at: float) -> Event:
    return Event(account="service", openid=openid, name="unsubscribe", at=int(at), values={"EventKey": ""})


def _program(name: str, inside: str, openid: str, at: float, rows: Rows) -> Event:
    return Event(account="program", openid=openid, name=name, at=int(at), rows=rows, inside=inside)


def _element(name: str, value: str | int) -> str:
    if isinstance(value, int):
        return f"<{name}>{value}</{name}>"
    safe = f"<![CDATA[{value}]]>" if "]]>" not in value else escape(value)
    return f"<{name}>{safe}</{name}>"
