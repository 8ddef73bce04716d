"""What is said to whoever wrote: a number and how it stands; the answer is behind login."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import ClassVar

from server.features.push import service as push


class ComplaintNews(push.Message, family=True):
    """What is said of one complaint."""

    template = "case_progress"
    fields: ClassVar[Mapping[str, str]] = {"number": "number", "item": "item", "time": "at"}
    page = "/features/complaints/pages/one?token={token}"
    priority = 4
    sms = False
    token: str
    number: str
    item: str
    at: datetime


class Answered(ComplaintNews):
    """There is an answer, and a say in whether it is one."""

    kind = "complaints.answered"


class Extended(ComplaintNews):
    """The answer takes longer; until when, and why, is there to be read."""

    kind = "complaints.extended"
    until_on: date


class Published(ComplaintNews):
    """What somebody pointed out was taken up: the answer stands beside the guide, without their name."""

    kind = "complaints.published"
    priority = 6
