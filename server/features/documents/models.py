"""Tables of documents."""

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
    "file_media_type_check",
    "file_size_check",
    "file_owner_check",
    "file_exhibit_check",
    "file_pixels_check",
    "file_state_check",
    "upload_size_check",
    "upload_received_check",
    "upload_part_pkey",
    "notice_number_key",
    "notice_code_key",
    "seal_use_power_check",
    "seal_use_paper_key",
)


class FileState(enum.StrEnum):
    """The row is there before its bytes come and after they have gone, so that a crash leaves nothing unaccounted."""

    ARRIVING = "arriving"
    KEPT = "kept"
    LEAVING = "leaving"


class File(Model):
    """One uploaded paper. Its bytes lie sealed in the file store under its id.

    `width` and `height` are a picture's, in dots as it is kept; null for a PDF and for what came before they were kept.
    `held_for` is the thread whose draft uses it, seen by nobody but the applicant; `thread_id` the one it was handed
    in to. A picture beside what somebody said belongs to nobody's login: it was `offered_to` a rating or complaint
    whose code was at hand, and is seen by who works on it once it is an `exhibit_of` it.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    account_id = fields.UUIDField(null=True)
    person_id = fields.UUIDField(null=True)
    staff_id = fields.UUIDField(null=True)
    thread_id = fields.UUIDField(null=True)
    held_for = fields.UUIDField(null=True)
    offered_to: UUID | None = fields.UUIDField(null=True)
    exhibit_of: UUID | None = fields.UUIDField(null=True)
    state = fields.CharEnumField(FileState, default=FileState.ARRIVING)
    name_sealed = fields.BinaryField()
    name = Sealed("name_sealed")
    media_type = fields.TextField()
    size = fields.IntField()
    digest = fields.BinaryField()
    has_thumb = fields.BooleanField()
    width: int | None = fields.IntField(null=True)
    height: int | None = fields.IntField(null=True)

    class Meta:
        table = "file"

    @classmethod
    def of_account(cls, account_id: UUID) -> QuerySet[Self]:
        """Reach the files an account has uploaded: the only door for a citizen."""
        return cls.filter(account_id=account_id, state=FileState.KEPT)

    @classmethod
    def of_staff(cls, staff_id: UUID) -> QuerySet[Self]:
        """Reach the files a member of staff has uploaded."""
        return cls.filter(staff_id=staff_id, state=FileState.KEPT)

    @classmethod
    def of_thread(cls, thread_id: UUID, *, drafts: bool) -> QuerySet[Self]:
        """Reach what was handed in to a thread, with `drafts` also what is held for it.

        The caller has checked who may see the thread.
        """
        handed_in = Q(thread_id=thread_id)
        return cls.filter(handed_in | Q(held_for=thread_id) if drafts else handed_in, state=FileState.KEPT)

    @classmethod
    def beside(cls, subject_id: UUID) -> QuerySet[Self]:
        """Reach the pictures of a rating or complaint; the caller has checked who may see it."""
        return cls.filter(exhibit_of=subject_id, state=FileState.KEPT)

    @property
    def key(self) -> str:
        """Name the file in the store; spread over folders by its random end."""
        return f"{self.id.hex[-2:]}/{self.id.hex}"

    @property
    def thumb_key(self) -> str:
        """Name the small picture in the store."""
        return f"{self.key}.thumb"


class PartedUpload(Model):
    """A file on its way, in parts. `received` bytes of `size` are here; `file_id` is what became of it."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    account_id = fields.UUIDField()
    name_sealed = fields.BinaryField()
    name = Sealed("name_sealed")
    size = fields.IntField()
    received = fields.IntField(default=0)
    file_id = fields.UUIDField(null=True)

    class Meta:
        table = "upload"

    @classmethod
    def of_account(cls, account_id: UUID) -> QuerySet[Self]:
        """Reach the uploads an account has begun: the only door."""
        return cls.filter(account_id=account_id)


class Notice(Model):
    """A numbered paper given to a person. The PDF is drawn from `facts`, which never change."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    number = fields.TextField()
    kind = fields.TextField()
    thread_id = fields.UUIDField()
    facts_sealed = fields.BinaryField()
    facts: Sealed[Any] = Sealed("facts_sealed", kind="json")
    code = fields.TextField()

    class Meta:
        table = "notice"


class SealUse(Model):
    """One use of a department's approval seal: who, on which paper, under what power. Rows are only ever added.

    `power`: an officer's `own`; a `hall`'s or a `delegation`'s, by the instrument numbered `under`; that of a `kind` of
    certificate, which stands in this department's name whoever decides; the `rules` of the guide; or a paper that
    makes `itself`, on a day of the law or with the applicant's own deed.
    """

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    department_id = fields.UUIDField()
    thread_id = fields.UUIDField()
    paper_id = fields.UUIDField()
    kind = fields.TextField()
    number = fields.TextField()
    power = fields.TextField()
    under: str | None = fields.TextField(null=True)
    staff_id = fields.UUIDField(null=True)
    for_id = fields.UUIDField(null=True)

    class Meta:
        table = "seal_use"
