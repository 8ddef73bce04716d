"""What booking says to people."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import ClassVar

from server.features.push import service as push

PAGE = "/features/booking/pages/detail?id={booking_id}"
PLACE_AND_TIME: Mapping[str, str] = {"item": "item", "time": "starts_at", "place": "hall"}


class BookingAbout(push.Message, family=True):
    """What is said of one booking, and which."""

    page = PAGE
    booking_id: str
    item: str
    hall: str
    starts_at: datetime


class BookingNews(BookingAbout, family=True):
    """Worth a line in the inbox."""

    sms = False


class BookingResult(BookingAbout, family=True):
    """What the hall has answered: of use until the time it is about."""

    template = "booking_result"
    fields: ClassVar[Mapping[str, str]] = PLACE_AND_TIME
    priority = 2
    deadline = "starts_at"


class BookingReminder(BookingAbout, family=True):
    """What there is to do about it."""

    template = "booking_reminder"
    fields: ClassVar[Mapping[str, str]] = PLACE_AND_TIME


class BookingRequested(BookingNews):
    """The wish has arrived; the hall will answer."""

    kind = "booking.requested"


class BookingConfirmed(BookingResult):
    """The hall expects the person."""

    kind = "booking.confirmed"


class BookingDeclined(BookingResult):
    """The hall cannot take the person then; the reason is behind login."""

    kind = "booking.declined"


class BookingCancelled(BookingNews):
    """The place has been given back."""

    kind = "booking.cancelled"


class BookingMissed(BookingNews):
    """The person did not come; they can book again."""

    kind = "booking.no_show"
    deadline = timedelta(days=1)


class BookingExpired(BookingNews):
    """The hall has not answered in time; that is not the person's fault."""

    kind = "booking.expired"


class BookingOffered(BookingReminder):
    """A place is kept for the person until a moment; one tap takes it."""

    kind = "booking.offered"
    priority = 2
    deadline = "until"
    until: datetime


class BookingClosed(BookingResult):
    """The hall cannot keep a time that was confirmed; what it offers instead comes beside this."""

    kind = "booking.closed"


class WaitEnded(push.Message):
    """The day somebody waited for is closed; the tap leads to the other days there are."""

    kind = "booking.wait_ended"
    template = "service_notice"
    fields: ClassVar[Mapping[str, str]] = {"place": "hall", "day": "day"}
    page = "/features/booking/pages/pick?item={item_id}&hall={hall_id}"
    item_id: str
    hall_id: str
    item: str
    hall: str
    day: date


class BookingTomorrow(BookingReminder):
    """The day before: when, where, and that papers can be ticked off. On the day itself its words are wrong."""

    kind = "booking.tomorrow"
    deadline = "until"
    until: datetime


class BookingSoon(BookingReminder):
    """Two hours before."""

    kind = "booking.soon"
    priority = 2
    deadline = "starts_at"


# What follows a place taken, the soonest first: what its tap asks leave for.
NEXT = (BookingConfirmed, BookingTomorrow, "queue.called")


class AppealAnswered(push.Message, family=True):
    """What has become of an appeal against a missed visit."""

    page = PAGE
    sms = False
    booking_id: str
    item: str


class AppealGranted(AppealAnswered):
    """What was missed is not counted."""

    kind = "booking.appeal_granted"


class AppealRefused(AppealAnswered):
    """What was missed stays counted."""

    kind = "booking.appeal_refused"


class HallNotice(push.Message, family=True):
    """What may be broadcast: the fixed words of its kinds, filled with a hall of ours and a day."""

    template = "service_notice"
    fields: ClassVar[Mapping[str, str]] = {"place": "hall", "day": "day"}
    page = "/features/booking/pages/list"
    priority = 9
    hall: str
    day: date


@push.broadcastable(hall="hall", day="day")
class HallClosed(HallNotice):
    """A hall does not open on a day; whoever booked would come in vain."""

    kind = "booking.hall_closed"


@push.broadcastable(hall="hall", day="day", other="hall")
class HallMoved(HallNotice):
    """From a day on another hall does what this one did."""

    kind = "booking.hall_moved"
    other: str


@push.broadcastable(hall="hall", day="day")
class HallBusy(HallNotice):
    """Many people come that day. Good to know, not worth an SMS."""

    kind = "booking.hall_busy"
    sms = False


@push.broadcastable(day="day")
class OnlineDown(push.Message):
    """Applying by phone rests on a day, for maintenance."""

    kind = "booking.online_down"
    template = "service_notice"
    fields: ClassVar[Mapping[str, str]] = {"day": "day"}
    page = HallNotice.page
    priority = 9
    sms = False
    day: date
