"""What comes in and what goes out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

Result = Literal[
    "valid",
    "expired",
    "revoked",
    "suspended",
    "superseded",
    "future",
    "key_lost",
    "code_expired",
    "reused",
    "other_device",
    "unknown",
    "broken",
    "forged",
    "altered",
    "cut",
    "wrong_type",
    "unknown_key",
    "stale_list",
    "unsure",
]

Key = Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]


class FieldRule(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """One line of a kind of certificate.

    `source` is `holder.name`, `holder.number`, `issued_on`, `valid_until` or `form.<key>`. A `public` line is shown
    to whoever scans; a `masked` one is then shown in part.
    """

    key: Key
    label: Annotated[str, Meta(min_length=1, max_length=40)]
    source: Annotated[str, Meta(min_length=1, max_length=80)]
    public: bool = False
    masked: Literal["name", "document"] | None = None


class TypeIn(Struct, kw_only=True, forbid_unknown_fields=True, frozen=True):
    """A kind of certificate as an operator describes it. `type_code`: USCC of the defining ministry and 3 digits.

    `form` is how it is drawn; `validity_months` holds where the guide says nothing of how long it is good.
    """

    key: Key
    name: Annotated[str, Meta(min_length=1, max_length=60)]
    type_code: Annotated[str, Meta(pattern="^[0-9A-Z]{21}$")]
    colour: Annotated[str, Meta(pattern="^#[0-9a-f]{6}$")]
    fields: Annotated[list[FieldRule], Meta(min_length=1, max_length=30)]
    form: Literal["card", "sheet"] = "card"
    validity_months: Annotated[int, Meta(ge=1, le=1200)] | None = None


class TypeRow(Struct, kw_only=True):
    """A kind in the catalogue. Without `issuer` the department that decides issues it; `valid`: how many there are."""

    key: str
    name: str
    type_code: str
    colour: str
    form: str
    validity_months: int | None
    issuer_id: UUID | None
    issuer: str | None
    fields: list[FieldRule]
    valid: int


class FieldValue(Struct, kw_only=True):
    """One line as it is shown."""

    label: str
    value: str


class CertificateCard(Struct, kw_only=True):
    """A certificate in the wallet: masked, until the holder opens it.

    `basis` and `changed_at` say why and since when it does not count, where it does not.
    """

    id: UUID
    type_key: str
    type: str
    number_masked: str
    holder: str
    issuer: str
    valid_from: date
    valid_until: date | None
    state: str
    state_text: str
    basis: str | None
    changed_at: datetime | None
    colour: str
    sample: bool
    whose: Literal["own", "family", "enterprise"]
    thread_id: UUID


class ScanOut(Struct, kw_only=True):
    """One look by somebody who scanned."""

    at: datetime
    who: str
    result: str
    result_text: str


ConsentState = Literal["asked", "given", "refused", "read", "lapsed"]


class ConsentAskIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which check it follows, for which enterprise, and what for."""

    check_id: UUID
    enterprise_id: UUID
    purpose: Annotated[str, Meta(min_length=1, max_length=100)]


class ConsentAnswerIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """Yes or no."""

    agree: bool


class ConsentView(Struct, kw_only=True):
    """What an enterprise asks to read; `labels` are the lines it would see, `mine` says that the reader asked."""

    id: UUID
    enterprise: str
    purpose: str
    type: str
    holder: str
    number_masked: str
    labels: list[str]
    state: ConsentState
    state_text: str
    asked_at: datetime
    answered_at: datetime | None
    read_at: datetime | None
    until: datetime | None
    mine: bool
    can: list[str]


class ConsentFields(Struct, kw_only=True):
    """All that a certificate says, read once."""

    consent: ConsentView
    number: str
    fields: list[FieldValue]


class CertificateOut(Struct, kw_only=True):
    """A certificate as its holder reads it, and who has looked at it."""

    card: CertificateCard
    number: str
    fields: list[FieldValue]
    scans: list[ScanOut]
    consents: list[ConsentView]
    printed_until: date | None
    can: list[str]


class PresentationOut(Struct, kw_only=True):
    """What to show for the next ten minutes: `urls` one after the other, each for `refresh_seconds`.

    `token` is the first one's. Counted from when they came, whatever the phone's clock says.
    """

    token: str
    urls: list[str]
    expires_at: datetime
    refresh_seconds: int


class PrintedOut(Struct, kw_only=True):
    """A code for paper: its address, with the signed text for whoever checks without network."""

    url: str
    expires_at: datetime


class CheckIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """A scanned token, the whole scanned address, or a certificate's signed text."""

    token: Annotated[str, Meta(min_length=1, max_length=6500)]


class CheckOut(Struct, kw_only=True):
    """What a scan may show. Only `valid` is a yes; every other `result` says why not, and shows nothing else.

    `check_id`: by it a logged-in reader may ask for more.
    """

    result: Result
    result_text: str
    type: str | None
    holder: str | None
    number_masked: str | None
    issuer: str | None
    valid_until: date | None
    fields: list[FieldValue]
    sample: bool
    checked_at: datetime
    host: str
    check_id: UUID | None


class KeyOut(Struct, kw_only=True):
    """A public key (32 bytes, base64url). A `compromised` one proves nothing of what it signed from that moment on."""

    key_id: str
    algorithm: str
    public_key: str
    signs_from: datetime
    compromised_from: datetime | None
    state: Literal["current", "coming", "former", "compromised"]


class KeysOut(Struct, kw_only=True):
    """Every key certificates and status lists are signed with: keep them, and check without us."""

    issuer: str
    keys: list[KeyOut]


class StatusListOut(Struct, kw_only=True):
    """How the status list stands, for the board of keys."""

    issued_at: datetime
    next_at: datetime
    size: int
    key_id: str
    fresh: bool


class ChangeOut(Struct, kw_only=True):
    """One thing done to a certificate, or asked for."""

    id: UUID
    at: datetime
    verb: str
    basis: str
    of_matter: bool
    state: str
    by: str | None
    second: str | None
    can: list[str]


class DeskRow(Struct, kw_only=True):
    """A certificate in its department's list; `asked`: something waits for a second officer."""

    card: CertificateCard
    issued_at: datetime
    thread_number: str
    asked: bool


class WindowRow(Struct, kw_only=True):
    """A valid certificate of somebody at the window, and until when a code on paper is good."""

    card: CertificateCard
    printed_until: date | None


class DeskCertificate(Struct, kw_only=True):
    """A certificate as an officer of its department sees it."""

    card: CertificateCard
    number: str
    version: int
    key_id: str
    signed_at: datetime
    key_lost: bool
    thread_number: str
    changes: list[ChangeOut]
    can: list[str]
