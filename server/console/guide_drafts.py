"""Writing a guide at the desk, page by page, with every fault beside it; a second person publishes it."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta, Struct
from sanic import Blueprint, Request

from server.actor import Role, Staff
from server.console import guide_forms
from server.console.frame import frame
from server.console.guide_words import Words
from server.errors import FieldError, InvalidInput, NotFound
from server.features.catalogue import service as catalogue
from server.features.catalogue.service import Cause, DraftTerms, GuideContent
from server.features.identity import service as identity
from server.kit import clock, texts
from server.web import Redirect, access, csrf
from server.web.html import url
from server.web.pages import Shown, page

blueprint = Blueprint("console_guide_drafts", url_prefix="/console/guides")
ADMINISTRATOR = access.staff(Role.ADMINISTRATOR)
FIRST = next(iter(guide_forms.SECTIONS))

Revision = Annotated[int, Meta(ge=1)]
Reason = Annotated[str, Meta(min_length=1, max_length=200)]


class BeginForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """From which version; the one in force, if none is named."""

    version: Annotated[int, Meta(ge=1, le=100_000)] | None = None


class RevisionForm(Struct, kw_only=True, forbid_unknown_fields=True):
    """The state of the draft that was looked at."""

    revision: Revision


class ReturnForm(RevisionForm, kw_only=True, forbid_unknown_fields=True):
    """Why it is given back."""

    reason: Reason


class ProposeForm(RevisionForm, kw_only=True, forbid_unknown_fields=True):
    """Why it is to be published, and from when."""

    cause: Cause
    reason: Reason
    effective_on: date | None = None


class SectionQuery(Struct, kw_only=True, forbid_unknown_fields=True):
    """`saved`: it was kept just now."""

    saved: bool = False


@page(blueprint, "POST", "/<item_id>/draft", access=ADMINISTRATOR)
async def begin(actor: Staff, item_id: UUID, form: BeginForm) -> Redirect:
    """Begin to write, or go on."""
    await catalogue.begin_draft(actor, item_id, form.version)
    return Redirect(f"/console/guides/{item_id}/draft/{FIRST}")


@page(blueprint, "GET", "/<item_id>/draft/<section>", access=ADMINISTRATOR)
async def section(actor: Staff, item_id: UUID, section: str, query: SectionQuery) -> Shown:
    """Show one page of the editor."""
    draft = await catalogue.draft(actor, item_id)
    if draft is None or section not in guide_forms.SECTIONS:
        raise NotFound
    words = Words(actor.locale)
    editors = [one for one in (draft.edited_by, draft.proposed_by) if one is not None]
    return "guide_draft.html", frame(
        actor,
        "guides",
        item=await catalogue.item(item_id),
        draft=draft,
        section=section,
        saved=query.saved,
        sections=[
            (name, sum(guide_forms.section_of(f.path) == name for f in draft.faults)) for name in guide_forms.SECTIONS
        ],
        faults=[(_mended_at(item_id, f), words.path(f.path.split(".")), words.fault(f)) for f in draft.faults],
        inputs=guide_forms.inputs(draft.content, section, await _choices(actor, draft.content), draft.faults),
        words=words,
        causes=("law", "devolved", "reorganised", "need"),
        today=clock.today(),
        own=actor.staff_id in editors,
        by=await identity.staff_labels(editors),
    )


def _mended_at(item_id: UUID, fault: FieldError) -> str:
    """Say on which page a fault is mended: a difference from above is mended or explained beside the standards."""
    if fault.code.startswith("standard_"):
        return f"/console/guides/{item_id}/standard"
    return f"/console/guides/{item_id}/draft/{guide_forms.section_of(fault.path)}"


@page(blueprint, "POST", "/<item_id>/draft/<section>", access=ADMINISTRATOR)
async def save(actor: Staff, item_id: UUID, section: str, request: Request) -> Redirect:
    """Keep one page of the editor."""
    draft = await catalogue.draft(actor, item_id)
    if draft is None or section not in guide_forms.SECTIONS:
        raise NotFound
    given = {name: values for name, values in csrf.form_of(request).items() if name != csrf.FIELD}
    revision = given.pop("revision", [""])[0]
    if not revision.isdecimal() or len(revision) > 9:
        raise InvalidInput("invalid_input", fields=(FieldError("revision", "bad_format"),))
    content = guide_forms.read(draft.content, section, given)
    await catalogue.save_draft(actor, item_id, int(revision), content)
    return Redirect(url(f"/console/guides/{item_id}/draft/{section}", saved="true"))


@page(blueprint, "POST", "/<item_id>/merge", access=ADMINISTRATOR)
async def merge(actor: Staff, item_id: UUID, form: RevisionForm) -> Redirect:
    """Put the lists of a theme together from its items."""
    await catalogue.merge_draft(actor, item_id, form.revision)
    return Redirect(url(f"/console/guides/{item_id}/draft/materials", saved="true"))


@page(blueprint, "POST", "/<item_id>/propose", access=ADMINISTRATOR)
async def propose(actor: Staff, item_id: UUID, form: ProposeForm) -> Redirect:
    """Hand it to a second person."""
    terms = DraftTerms(cause=form.cause, reason=form.reason, effective_on=form.effective_on)
    await catalogue.propose_draft(actor, item_id, form.revision, terms)
    return _back(item_id, "proposed")


@page(blueprint, "POST", "/<item_id>/publish", access=ADMINISTRATOR)
async def publish(actor: Staff, item_id: UUID, form: RevisionForm) -> Redirect:
    """Publish what somebody else has proposed."""
    await catalogue.publish_draft(actor, item_id, form.revision)
    return _back(item_id, "published")


@page(blueprint, "POST", "/<item_id>/return", access=ADMINISTRATOR)
async def give_back(actor: Staff, item_id: UUID, form: ReturnForm) -> Redirect:
    """Give it back to be worked over."""
    await catalogue.return_draft(actor, item_id, form.revision, form.reason)
    return _back(item_id, "returned")


@page(blueprint, "POST", "/<item_id>/drop", access=ADMINISTRATOR)
async def drop(actor: Staff, item_id: UUID, form: RevisionForm) -> Redirect:
    """Throw it away."""
    await catalogue.drop_draft(actor, item_id, form.revision)
    return _back(item_id, "dropped")


async def _choices(actor: Staff, content: GuideContent) -> guide_forms.Choices:
    """List what may be chosen where the guide refers to something."""
    shelves = [(theme.key, theme.name) for theme in await catalogue.themes(actor.locale)]
    return {
        "themes": shelves,
        "hall_keys": [(hall.key, hall.name) for hall in await catalogue.halls()],
        "skill": [
            (key, texts.find(actor.locale, f"catalogue.skill.{key}") or key)
            for key in dict.fromkeys((*await catalogue.skills(), content.skill))
        ],
        "materials": [(rule.key, rule.name) for rule in content.materials],
        "part": [(part.key, part.name or part.item) for part in content.parts],
        "parts": [(part.key, part.name or part.item) for part in content.parts],
        "then": [(one.key, one.question) for one in content.situations],
        "field": [(one.key, one.label) for one in content.form],
        "equals": [(choice.value, f"{one.label} · {choice.label}") for one in content.form for choice in one.choices],
    }


def _back(item_id: UUID, done: str) -> Redirect:
    return Redirect(url(f"/console/guides/{item_id}", done=done))
