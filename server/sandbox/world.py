"""The whole sandbox in one object: its state and the parts that work on it."""

import logging
from pathlib import Path

import msgspec

from server.sandbox.clock import Clock
from server.sandbox.faults import Faults
from server.sandbox.journal import Journal
from server.sandbox.live import Hub
from server.sandbox.quotas import Quotas
from server.sandbox.settings import Settings
from server.sandbox.state import Account, FaceCheck, Link, Message, Phone, Sms, State
from server.sandbox.visible import VisibleCodes
from server.sandbox.wechat.codes import OneTimeCodes
from server.sandbox.wechat.phones import Phones
from server.sandbox.wechat.pusher import Pusher
from server.sandbox.wechat.subscriptions import Subscriptions
from server.sandbox.wechat.templates import SERVICE_FILE, read_templates
from server.sandbox.wechat.tokens import Tokens

__all__ = ["PhoneNumberGrant", "World"]

log = logging.getLogger("onetrip.sandbox")
INBOX_KEPT = 200
SMS_KEPT = 2_000


class PhoneNumberGrant(msgspec.Struct):
    """What a phone number code stands for."""

    openid: str
    number: str


class World:
    def __init__(self, settings: Settings, clock: Clock | None = None) -> None:
        self.settings = settings
        self.clock = clock or Clock()
        self.hub = Hub()
        self.journal = Journal()
        self.faults = Faults()
        self.service_templates = read_templates(SERVICE_FILE)
        self.pusher = Pusher(self.clock)
        self.unsaved = False
        self._build(read_state(settings) or self._first_state())

    def reset(self) -> None:
        """As after a first start: nothing sent, nothing granted, the invented phones."""
        self.clock.offset = 0.0
        self.faults.clear()
        self.journal.clear()
        self.pusher.forget()
        self._build(self._first_state())
        self.changed("resync")

    def changed(self, kind: str, phone: str | None = None) -> None:
        self.unsaved = True
        self.hub.publish(kind, phone)

    def next_msgid(self) -> int:
        self.state.next_msgid += 1
        return self.state.next_msgid

    def keep_message(self, phone: Phone, message: Message) -> None:
        inbox = self.state.inbox.setdefault(phone.openid, [])
        inbox.append(message)
        del inbox[:-INBOX_KEPT]
        self.changed("message", phone.key)

    def messages(self, phone: Phone) -> list[Message]:
        return self.state.inbox.get(phone.openid, [])

    def keep_service_message(self, phone: Phone, message: Message) -> None:
        chat = self.state.service_inbox.setdefault(phone.service_openid, [])
        chat.append(message)
        del chat[:-INBOX_KEPT]
        self.changed("message", phone.key)

    def service_messages(self, phone: Phone) -> list[Message]:
        return self.state.service_inbox.get(phone.service_openid, [])

    def keep_sms(self, sms: Sms) -> None:
        self.state.sms.append(sms)
        del self.state.sms[:-SMS_KEPT]
        phones = self.phones.by_number(sms.number)
        for phone in phones:
            self.changed("sms", phone.key)
        if not phones:
            self.changed("sms")

    def sms_to(self, number: str) -> list[Sms]:
        return [sms for sms in self.state.sms if sms.number == number and not sms.failed]

    def _first_state(self) -> State:
        return State(account=Account(send_latency=self.settings.send_latency))

    def _build(self, state: State) -> None:
        self.state = state
        self.account = state.account
        self.quotas = Quotas(self.clock)
        self.tokens = Tokens(self.clock)
        self.service_tokens = Tokens(self.clock)
        self.templates = read_templates()
        self.links: dict[str, Link] = {}
        self.face_checks: dict[str, FaceCheck] = {}
        self.client_msg_ids: dict[tuple[str, str], tuple[float, str]] = {}
        self.login_codes: OneTimeCodes[str] = OneTimeCodes(self.clock)
        self.phone_codes: OneTimeCodes[PhoneNumberGrant] = OneTimeCodes(self.clock)
        self.sending: set[str] = set()
        self.visible = VisibleCodes(self.clock)
        self.phones = Phones(state, self.clock, self.settings.appid, self.settings.service_appid)
        self.subscriptions = Subscriptions(state, self.clock, self.account, self.templates)
        for account, callback in self.settings.callbacks().items():
            self.pusher.configure(account, callback)
        if not state.phones:
            self.phones.add_samples()


def read_state(settings: Settings) -> State | None:
    """A file that cannot be read is put aside, so that the demo starts anyway and nothing is overwritten."""
    file = settings.state_file
    if file is None or not file.exists():
        return None
    try:
        return State.read(file.read_bytes())
    except (msgspec.DecodeError, msgspec.ValidationError):
        aside = file.with_suffix(".unreadable")
        file.replace(aside)
        log.warning("The sandbox's state could not be read and was moved to %s; it starts empty.", aside)
        return None


def write_state(file: Path, content: bytes) -> None:
    """Readable by its owner only; never half written."""
    file.parent.mkdir(parents=True, exist_ok=True)
    half = file.with_suffix(".half")
    half.touch(mode=0o600)
    half.write_bytes(content)
    half.replace(file)
