"""Tables of the catalogue."""

from __future__ import annotations

import enum

from tortoise import fields
from tortoise.contrib.postgres.fields import ArrayField
from tortoise.models import Model

from server.kit import clock
from server.kit.ids import new_id

CONSTRAINTS = (
    "region_code_check",
    "region_parent_check",
    "department_uscc_key",
    "department_uscc_check",
    "department_name_key",
    "hall_kind_check",
    "window_number_key",
    "item_code_key",
    "item_kind_check",
    "item_guide_check",
    "guide_version_key",
    "guide_published_key",
    "guide_scheduled_key",
    "guide_cause_check",
    "guide_second_check",
    "fee_item_name_key",
    "fee_item_most_check",
    "guide_standard_live_key",
    "guide_standard_level_check",
    "guide_difference_key",
    "guide_difference_digest_check",
    "guide_draft_item_key",
    "guide_draft_state_check",
    "guide_draft_proposed_check",
    "calendar_day_day_key",
    "search_index_item_key",
    "search_index_words_index",
    "search_miss_query_key",
)


class GuideState(enum.StrEnum):
    """`scheduled` waits for its day, `published` is the one in force, `superseded` was."""

    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    SUPERSEDED = "superseded"


class Region(Model):
    """An administrative area. Its code begins with its parent's: what lies below is found by prefix."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    code = fields.TextField()
    name = fields.TextField()
    level = fields.SmallIntField()
    parent_code = fields.TextField(null=True)

    class Meta:
        table = "region"


class Department(Model):
    """An authority. Its unified social credit code is kept only when both its checks are right."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    key = fields.TextField()
    name = fields.TextField()
    uscc = fields.TextField(null=True)
    region_code = fields.TextField()
    phone = fields.TextField(null=True)
    sample = fields.BooleanField(default=False)

    class Meta:
        table = "department"


class Hall(Model):
    """A place people go to: hall, town centre, village point, partner point, kiosk, locker bank."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    key = fields.TextField()
    name = fields.TextField()
    kind = fields.TextField()
    region_code = fields.TextField()
    address = fields.TextField()
    phone = fields.TextField(null=True)
    hours_text = fields.TextField()
    latitude = fields.FloatField(null=True)
    longitude = fields.FloatField(null=True)
    sample = fields.BooleanField(default=False)
    pinyin = fields.TextField(default="")

    class Meta:
        table = "hall"


class Window(Model):
    """A desk in a hall and the skills it is staffed with."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    hall_id = fields.UUIDField()
    number = fields.SmallIntField()
    name = fields.TextField()
    skills: list[str] = ArrayField("TEXT")
    open = fields.BooleanField(default=True)

    class Meta:
        table = "window"


class ServiceItem(Model):
    """One thing a department does. The lower half repeats its guide in force, so that lists need no join."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    code = fields.TextField()
    local_code = fields.TextField(null=True)
    name = fields.TextField()
    kind = fields.TextField()
    department_id = fields.UUIDField()
    region_code = fields.TextField()
    implementer = fields.TextField(null=True)
    audience: list[str] = ArrayField("TEXT")
    themes: list[str] = ArrayField("TEXT", default=list)
    heat = fields.IntField(default=0)
    active = fields.BooleanField(default=True)
    sample = fields.BooleanField(default=False)
    source = fields.TextField(default="")
    guide_id = fields.UUIDField(null=True)
    tags: list[str] = ArrayField("TEXT", default=list)
    visits = fields.SmallIntField(null=True)
    promise_days = fields.SmallIntField(null=True)
    handling = fields.TextField(null=True)
    online = fields.BooleanField(default=False)
    bookable = fields.BooleanField(default=False)
    skill = fields.TextField(null=True)

    class Meta:
        table = "item"


class Guide(Model):
    """One numbered version of everything about an item. The database refuses to change its words."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    item_id = fields.UUIDField()
    version = fields.IntField()
    state = fields.CharEnumField(GuideState, max_length=20)
    content: dict[str, object] = fields.JSONField()
    reason = fields.TextField()
    effective_on = fields.DateField()
    published_at = fields.DatetimeField()
    published_by = fields.UUIDField(null=True)

    cause = fields.TextField(default="need")
    drafted_by = fields.UUIDField(null=True)

    class Meta:
        table = "guide"


class GuideDraft(Model):
    """A guide being written: one an item. `proposed` waits for a second person."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    item_id = fields.UUIDField()
    base_version = fields.IntField(null=True)
    state = fields.TextField()
    content: dict[str, object] = fields.JSONField()
    cause = fields.TextField(default="need")
    reason = fields.TextField(default="")
    effective_on = fields.DateField(null=True)
    revision = fields.IntField(default=1)
    edited_by = fields.UUIDField(null=True)
    edited_at = fields.DatetimeField()
    proposed_by = fields.UUIDField(null=True)

    class Meta:
        table = "guide_draft"


class Fee(Model):
    """One fee that may be asked for. `most_fen` is its standard."""

    id = fields.UUIDField(primary_key=True, default=new_id)
    created_at = fields.DatetimeField(default=clock.now)
    name = fields.TextField()
    basis = fields.TextField()
    unit = fields.TextField()
    most_fen = fields.IntField()
    active = fields.BooleanField(default=True)

    class Meta:
        table = "fee_item"
