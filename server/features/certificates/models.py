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
    from tortoise.queryset import QuerySet

CONSTRAINTS = (
    "certificate_type_key_key",
    "certificate_type_code_check",
    "certificate_number_key",
    "certificate_state_check",
    "certificate_validity_check",
    "certificate_issue_key",
)


class CertificateState(enum.StrEnum):
    """What the issuer says of a certificate; `expired` is also what the date says of a valid one."""

    VALID = "valid"
    SUSPENDED = "suspended"
    REVOKED = "revoked"
    EXPIRED = "expired"
    SUPERSEDED = "superseded"


class CertificateType(Model):
    """A kind of certificate. `layout` rows {key, label, source, public, masked}: what it says and who may read it."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    key = fields.TextField()
    name = fields.TextField()
    type_code = fields.TextField()
    colour = fields.TextField()
    layout: list[dict[str, Any]] = fields.JSONField()

    class Meta:
        table = "certificate_type"


class Certificate(Model):
    """One certificate. `content` is what was signed, sealed at rest; the signature covers its canonical JSON."""

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
    signature = fields.BinaryField()
    key_id = fields.TextField()
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
    def standing(self) -> CertificateState:
        """Say how it stands today: a valid one whose time is over has expired."""
        over = self.valid_until is not None and self.valid_until < clock.today()
        return CertificateState.EXPIRED if over and self.state is CertificateState.VALID else self.state


class CertificateScan(Model):
    """One check of one certificate; `account_id` is empty for a stranger."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    certificate_id = fields.UUIDField()
    token = fields.TextField()
    account_id = fields.UUIDField(null=True)
    result = fields.TextField()

    class Meta:
        table = "certificate_scan"
