"""For whom a guide is: what is refused before anything is begun, and what an officer is warned of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from server.errors import Conflict
from server.features.catalogue import service as catalogue
from server.features.identity import service as identity
from server.kit import clock

if TYPE_CHECKING:
    from uuid import UUID

    from server.actor import Actor
    from server.features.cases.models import Case
    from server.features.catalogue.service import AgeMark, GuideView


def require_audience(guide: GuideView, enterprise_id: UUID | None) -> None:
    """Refuse `cases.enterprise_only` to a person, `cases.person_only` to an enterprise the guide is not for."""
    kind = "person" if enterprise_id is None else "enterprise"
    if kind not in guide.content.audience:
        raise Conflict("cases.enterprise_only" if kind == "person" else "cases.person_only")


async def require_age(actor: Actor, case: Case, guide: GuideView) -> None:
    """Refuse `cases.other_age` on a phone: a window may have reasons, and hears them.

    Counted today, in Shanghai; whose document does not say is asked at the window.
    """
    ages = guide.content.ages
    if ages is None or case.enterprise_id is not None:
        return
    if not catalogue.of_age(ages, (await identity.person(case.person_id)).age):
        rule = catalogue.ages_in_words(ages, actor.locale)
        page = f"/features/catalogue/pages/guide?id={guide.item.id}"
        raise Conflict("cases.other_age", page=page, item=guide.item.name, rule=rule)


async def age_of(case: Case, guide: GuideView, locale: str) -> AgeMark | None:
    """Warn whoever decides of an applicant of another age on the day it was handed in, or of no known age."""
    if guide.content.ages is None or case.enterprise_id is not None:
        return None
    on = clock.today() if case.submitted_at is None else case.submitted_at.astimezone(clock.SHANGHAI).date()
    person = await identity.person(case.person_id)
    return catalogue.age_mark(guide.content.ages, person.age_on(on), locale)
