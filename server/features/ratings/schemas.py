"""What comes in and what goes out."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta, Struct

from server.features.ratings.models import Level

Token = Annotated[str, Meta(min_length=1, max_length=64)]
# Long enough that nobody guesses one that a phone made up by itself.
Secret = Annotated[str, Meta(pattern=r"\A(?:[A-Za-z0-9_-]{22,64})?\Z")]


class FormQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """The token of the scanned QR, and the secret of a phone that has rated."""

    token: Token
    secret: Secret = ""


class TagOut(Struct, kw_only=True):
    """A national reason tag; `shown` ones are seen at once, the rest on demand."""

    code: str
    text: str
    shown: bool


class LevelOut(Struct, kw_only=True):
    """One of the five levels with its tags."""

    level: Level
    stars: int
    text: str
    tags: list[TagOut]


class AnswerOut(Struct, kw_only=True):
    """What became of a bad rating. `judge_until` is there while the answer may be judged; once it may be reopened."""

    state: str
    due_on: date
    answer: str | None
    answered_at: datetime | None
    judge_until: date | None
    may_reopen: bool
    satisfied: bool | None


class FormOut(Struct, kw_only=True):
    """The rating page, nothing chosen beforehand. Whether it is `rated` everybody reads; what was `given`, its rater.

    `enterprise` is in whose name it is given, or was: shown to those alone who act for it.

    `secret` is offered while it waits: given and kept with a rating, it shows later whose that was.
    A bad rating may have so many `pictures` more: only those who mend what was wrong look at them.
    """

    title: str
    subject: str
    subject_text: str
    department: str
    levels: list[LevelOut]
    rated: bool
    given: Level | None
    enterprise: str | None
    secret: str | None
    longest_words: int
    pictures: int
    rectification: AnswerOut | None
    change_until: datetime | None


# What a phone may say of its way here; the other channels are known by who takes the rating.
Via = Literal["web", "mobile", "code", "sms"]


MOST_PICTURES = 3


class RatingPictureQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """The rating that a picture is for, and the secret of a phone that has rated."""

    token: Token
    secret: Secret = ""


class RateIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """One rating."""

    token: Token
    level: Level
    tags: Annotated[list[Annotated[str, Meta(max_length=8)]], Meta(max_length=8)] = []
    words: Annotated[str, Meta(max_length=150)] = ""
    via: Via = "web"
    pictures: Annotated[list[UUID], Meta(max_length=MOST_PICTURES)] = []
    secret: Secret = ""


BEHALVES = ("self", "family", "agent")
Behalf = Literal["self", "family", "agent"]


class Caller(Struct, kw_only=True):
    """Who called to rate, and for whom: themselves, their family, or as an agent."""

    name: str
    phone: str
    behalf: Behalf


class FiguresQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Of which item; of all without."""

    item_id: UUID | None = None


class FiguresOut(Struct, kw_only=True):
    """What is told in public: what counts, and how many do not, excluded by two officers or not looked into yet.

    `average` and `bad` are of the first `told`, whole batches of `fewest`: null where fewer have rated.
    """

    number: int
    fewest: int
    told: int
    average: float | None
    bad: int | None
    excluded: int
    looked_into: int


class BurstOut(Struct, kw_only=True):
    """Too many at once, from one place on the network or at one window."""

    id: UUID
    kind: str
    number: int
    bad: int
    first_at: datetime
    last_at: datetime
    places: list[str]


class HeldOut(Struct, kw_only=True):
    """One rating to look at, without who gave it."""

    id: UUID
    item: str
    office: str
    level_text: str
    words: str | None
    given_at: datetime


class WatchOut(Struct, kw_only=True):
    """Everything that waits for a supervisor's look, and what came from browsers that staff use."""

    bursts: list[BurstOut]
    held: list[HeldOut]
    from_staff: list[HeldOut]


class PlaceQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """The poster that was scanned, or a number's slip: one of the two."""

    token: Token | None = None
    slip: Token | None = None


class PlaceLine(Struct, kw_only=True):
    """A visit or case that waits for a rating, and the code it is given by."""

    token: str
    title: str
    subject_text: str
    department: str
    since: datetime


class PlaceOut(Struct, kw_only=True):
    """What may be rated where one stands. Nobody's is shown to whoever is not logged in, except by a slip they hold."""

    place: str
    lines: list[PlaceLine]


class JudgeIn(Struct, kw_only=True, forbid_unknown_fields=True):
    """What whoever rated says to the answer; `words` say what is still wrong."""

    token: Token
    satisfied: bool
    words: Annotated[str, Meta(max_length=150)] = ""
    secret: Secret = ""


class RectificationOut(Struct, kw_only=True):
    """What the rater may expect."""

    due_on: date


class RatingOut(Struct, kw_only=True):
    """The rating as it was taken."""

    id: UUID
    level: Level
    rectification: RectificationOut | None


class RatingRef(Struct, kw_only=True):
    """The rating of a thread: where it is given, or that it was; `answer_token` leads to the answer to one's own."""

    token: str | None
    given: bool
    subject: str
    answer_token: str | None = None


class DeskRectification(Struct, kw_only=True):
    """A rectification: what was said, not who said it. `number` would name the rater to the officer concerned.

    So only those who verify see it, and of the moment everybody sees the day alone.
    """

    id: UUID
    number: str | None
    item: str
    department: str
    level: Level
    level_text: str
    tags: list[str]
    words: str | None
    words_held: bool
    rated_on: date
    due_on: date
    days_left: int
    light: str
    state: str
    state_text: str
    hall_id: UUID | None
    escalated: int
    reopened: bool
    call_back_on: date | None


class DeedOut(Struct, kw_only=True):
    """One thing that was done about it, by whom, and what was written; `held` words of people a supervisor reads."""

    at: datetime
    deed: str
    by: str | None
    words: str | None
    held: bool


class ExclusionOut(Struct, kw_only=True):
    """A wish to leave the rating out of the count. `own` is whether the actor asked: somebody else decides."""

    id: UUID
    kind: str
    reason: str
    by: str
    own: bool


class WorkOut(Struct, kw_only=True):
    """One rectification with everything done about it, and what the actor may do now.

    `call_first`: whoever rated under their name is to be called before it is answered.
    """

    line: DeskRectification
    rating_id: UUID
    pictures: list[UUID]
    founded: bool | None
    answer: str | None
    called_back_at: datetime | None
    call_first: bool
    judge_until: date | None
    satisfied: bool | None
    deeds: list[DeedOut]
    exclusion: ExclusionOut | None
    may: list[str]


class CallBack(Struct, kw_only=True):
    """Whom to call: a masked name, and the number."""

    name: str | None
    phone: str
