"""Tables of certificates and the rules of one row."""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, Self
from uuid import UUID

from tortoise import fields
from tortoise.expressions import Q
from tortoise.models import Model

from server.db import Sealed
from server.kit import clock
from server.kit.ids import new_id

if TYPE_CHECKING:
    from datetime import date

    from tortoise.queryset import QuerySet

CONSTRAINTS = (
    "certificate_type_key_key",
    "certificate_type_code_check",
    "certificate_type_form_check",
    "certificate_number_key",
    "certificate_state_check",
    "certificate_validity_check",
    "certificate_issue_key",
    "certificate_status_index_key",
    "certificate_change_verb_check",
    "certificate_change_state_check",
    "certificate_change_second_check",
    "certificate_showing_name_check",
    "certificate_scan_way_check",
    "certificate_consent_state_check",
    "certificate_consent_read_check",
)


class CertificateState(enum.StrEnum):
    """What the issuer says of a certificate; `expired` is also what the date says of a valid one."""

    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


def standing_of(state: CertificateState, until: date | None) -> CertificateState:
    """Say how a certificate stands today: a valid one whose time is over has expired."""
    over = state is CertificateState.VALID and until is not None and until < clock.today()
    return CertificateState.EXPIRED if over else state


class CertificateType(Model):
    """A kind of certificate. `layout` rows {key, label, source, public, masked}: what it says and who may read it.

    `form`: "card" or "sheet", how it is drawn. `validity_months` where the guide says nothing of it; `issuer_id` is the
    department in whose name it is issued, where that is not the one that decides.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    key = fields.TextField()
    name = fields.TextField()
    type_code = fields.TextField()
    colour = fields.TextField()
    layout: list[dict[str, Any]] = fields.JSONField()
    form = fields.TextField(default="card")
    validity_months: int | None = fields.SmallIntField(null=True)
    issuer_id: UUID | None = fields.UUIDField(null=True)

    class Meta:
        table = "certificate_type"


class Certificate(Model):
    """One certificate. `content` is all that it says; `payload` the signed message that goes into codes: what strangers
    may read of it, and a hash of the content, so that one signature covers both.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    number = fields.TextField()
    type_id = fields.UUIDField()
    thread_id = fields.UUIDField()
    person_id = fields.UUIDField()
    enterprise_id = fields.UUIDField(null=True)
    department_id = fields.UUIDField()
    version = fields.SmallIntField(default=1)
    state = fields.CharEnumField(CertificateState, default=CertificateState.VALID)
    content_sealed = fields.BinaryField()
    content: Sealed[Any] = Sealed("content_sealed", kind="json")
    payload_sealed = fields.BinaryField(null=True)
    payload: Sealed[str | None] = Sealed("payload_sealed", nullable=True)
    key_id = fields.TextField()
    signed_at = fields.DatetimeField()
    status_index = fields.IntField()
    status_changed_at = fields.DatetimeField()
    valid_from = fields.DateField()
    valid_until = fields.DateField(null=True)
    issued_by = fields.UUIDField(null=True)
    sample = fields.BooleanField()

    class Meta:
        table = "certificate"

    @classmethod
    def of_parties(cls, persons: tuple[UUID, ...], enterprises: tuple[UUID, ...]) -> QuerySet[Self]:
        """Reach what these people and enterprises hold: the only door for a citizen."""
        return cls.filter(Q(person_id__in=persons, enterprise_id=None) | Q(enterprise_id__in=enterprises))

    @property
    def holder_id(self) -> UUID | None:
        """Name the person who holds it: nobody where it is an enterprise's, for whoever applied may have left."""
        return None if self.enterprise_id else self.person_id

    @property
    def standing(self) -> CertificateState:
        """Say how it stands today."""
        return standing_of(self.state, self.valid_until)


class ChangeVerb(enum.StrEnum):
    """What can be done to a certificate. The first two take something from its holder, so they need two persons."""

    SUSPEND = "suspend"
    REVOKE = "revoke"
    RESUME = "resume"
    EXPIRE = "expire"
    SUPERSEDE = "supersede"
    SIGN_AGAIN = "sign_again"


class CertificateChange(Model):
    """One thing done to a certificate, or asked for: on what basis, by whom, and who was the second.

    `of_matter`: decided in the matter it came from, where two persons had to agree already. Time's own have no staff.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    certificate_id = fields.UUIDField()
    verb = fields.CharEnumField(ChangeVerb)
    basis = fields.TextField()
    state = fields.TextField()
    staff_id = fields.UUIDField(null=True)
    answered_by = fields.UUIDField(null=True)
    answered_at = fields.DatetimeField(null=True)
    of_matter = fields.BooleanField(default=False)

    class Meta:
        table = "certificate_change"


class StatusList(Model):
    """A published list: a signed message with two bits for every certificate, by its `status_index`."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    next_at = fields.DatetimeField()
    size = fields.IntField()
    key_id = fields.TextField()
    body = fields.BinaryField()

    class Meta:
        table = "certificate_status_list"


class CertificateShowing(Model):
    """Ten minutes of codes for one phone. Its secret is not stored: it is made from the name and a key of ours."""

    name = fields.CharField(max_length=16, primary_key=True)
    created_at = fields.DatetimeField(default=clock.now)
    certificate_id = fields.UUIDField()
    account_id = fields.UUIDField()
    session_id = fields.UUIDField()
    ended_at = fields.DatetimeField(null=True)

    class Meta:
        table = "certificate_showing"


class CertificateConsent(Model):
    """What an enterprise asked to read, what for, and what became of it. `until` ends the asking, or the yes."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    certificate_id = fields.UUIDField()
    enterprise_id = fields.UUIDField()
    account_id = fields.UUIDField()
    purpose = fields.TextField()
    state = fields.TextField(default="asked")
    until = fields.DatetimeField()
    answered_at = fields.DatetimeField(null=True)
    read_at = fields.DatetimeField(null=True)

    class Meta:
        table = "certificate_consent"


class CertificateScan(Model):
    """One check. `account_id` is empty for a stranger, `certificate_id` where the code was of none.

    `way`: from a phone ("shown"), from paper ("printed"), by the signed text alone ("text"), or "none".
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    certificate_id = fields.UUIDField(null=True)
    token = fields.TextField()
    account_id = fields.UUIDField(null=True)
    result = fields.TextField()
    way = fields.TextField()

    class Meta:
        table = "certificate_scan"
