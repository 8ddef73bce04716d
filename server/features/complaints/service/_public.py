"""Questions and answers that stand for everybody, beside the guide they are about."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from tortoise.expressions import Q

from server.features.complaints.models import Complaint
from server.features.complaints.schemas import PublicAnswer, PublicQuery
from server.features.complaints.service._work import title
from server.kit import clock
from server.kit.paging import Page, after, cursor_of
from server.kit.texts import text


async def public_answers(locale: str, query: PublicQuery) -> Page[PublicAnswer]:
    """List what was published, the newest first, of one item or of all, with these words in question or answer."""
    rows = Complaint.filter(published_at__isnull=False).order_by("-published_at", "-id")
    if query.item_id is not None:
        rows = rows.filter(item_id=query.item_id)
    if words := query.q.strip():
        rows = rows.filter(Q(public_question__icontains=words) | Q(public_answer__icontains=words))
    if (last := after(query.cursor, tuple[datetime, UUID])) is not None:
        rows = rows.filter(published_at__lte=last[0]).exclude(published_at=last[0], id__gte=last[1])
    found = await rows.limit(query.limit + 1)
    shown = found[: query.limit]
    following = cursor_of(shown[-1].published_at, shown[-1].id) if len(found) > query.limit else None
    return Page(items=[one for row in shown if (one := await public_of(row, locale)) is not None], next=following)


async def public_of(row: Complaint, locale: str) -> PublicAnswer | None:
    """Give what stands in public of one, if anything does."""
    if row.public_question is None or row.public_answer is None or row.answered_at is None:
        return None
    return PublicAnswer(
        id=row.id,
        kind_text=text(locale, f"complaints.kind.{row.kind.value}"),
        title=await title(row, locale),
        question=row.public_question,
        answer=row.public_answer,
        answered_on=row.answered_at.astimezone(clock.SHANGHAI).date(),
    )
