"""The administrator's calendar: a State Council notice is looked at before it changes a single day."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct
from sanic import Blueprint

from server.actor import Role, Staff
from server.console.frame import frame
from server.features.catalogue import service as catalogue
from server.kit import clock, texts
from server.web import Redirect, access
from server.web.html import url
from server.web.pages import Shown, page

blueprint = Blueprint("console_holidays", url_prefix="/console/holidays")
ADMINISTRATOR = access.staff(Role.ADMINISTRATOR)
MOST_CHARACTERS = 20_000


class CalendarQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which year; `changed` is how many days were just changed."""

    year: Annotated[int, Meta(ge=2000, le=2100)] | None = None
    changed: Annotated[int, Meta(ge=0, le=400)] | None = None


class NoticeForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """A notice as it was published, or as its file of days."""

    notice: Annotated[str, Meta(min_length=1, max_length=MOST_CHARACTERS)]


@page(blueprint, "GET", "", access=ADMINISTRATOR)
async def calendar(actor: Staff, query: CalendarQuery) -> Shown:
    """Show the days of a year that are not as their weekday says, and ask for a notice."""
    return "holidays.html", await _year(actor, query.year, changed=query.changed)


@page(blueprint, "POST", "/preview", access=ADMINISTRATOR)
async def preview(actor: Staff, form: NoticeForm) -> Shown:
    """Show what a notice would change; nothing is changed yet."""
    content = _content(form.notice)
    found = await catalogue.preview_holidays(actor, content, _name(actor))
    return "holidays.html", await _year(actor, found.year, preview=found, notice=form.notice)


@page(blueprint, "POST", "/import", access=ADMINISTRATOR)
async def take(actor: Staff, form: NoticeForm) -> Redirect:
    """Take the notice that was looked at."""
    report = await catalogue.take_holidays(actor, _content(form.notice), _name(actor))
    return Redirect(url("/console/holidays", year=report.years[0], changed=report.changed))


def _content(notice: str) -> bytes:
    typed = notice.strip()
    return typed.encode() if typed.startswith("{") else catalogue.read_notice(typed)


def _name(actor: Staff) -> str:
    return texts.text(actor.locale, "console.holidays.notice")


async def _year(actor: Staff, year: int | None, **more: object) -> dict[str, object]:
    shown = year or clock.today().year
    days = await catalogue.calendar_days(date(shown, 1, 1), date(shown, 12, 31))
    context: dict[str, object] = {"preview": None, "notice": "", "changed": None}
    return frame(
        actor,
        "holidays",
        year=shown,
        special=[day for day in days if day.name or day.working != (day.day.weekday() < 5)],
        provisional=any(day.provisional for day in days),
        weekday=lambda day: texts.text(actor.locale, f"common.weekday.{day.isoweekday() % 7}"),
        **context | more,
    )
