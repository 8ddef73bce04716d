"""What people agreed to receive: one acceptance in WeChat is one message, a long-term one lasts until withdrawn."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

import msgspec

from server import db
from server.actor import Citizen
from server.errors import InvalidInput
from server.features.push.models import Reason
from server.features.push.schemas import Outcome, Subscriptions
from server.features.push.service._templates import Template, template_of
from server.kit import clock
from server.kit.ids import new_id

KEPT = timedelta(days=90)
# The phone and WeChat both tell of one tap, within seconds of each other.
_SAME_TAP = timedelta(minutes=10)

_REPORT = """
    INSERT INTO subscription_report (id, created_at, account_id, nonce, body_hash) VALUES ($1, $2, $3, $4, $5)
    ON CONFLICT DO NOTHING RETURNING id
"""
_REPORTED = "SELECT body_hash FROM subscription_report WHERE account_id = $1 AND nonce = $2"
_FORGET = """
    DELETE FROM subscription_report WHERE id IN (
        SELECT id FROM subscription_report WHERE created_at < $1 LIMIT 10000)
"""
# `unmatched` counts what one side has told and the other has not: above nothing the phone is ahead, below it WeChat is.
# Whoever comes second only evens it out.
_ACCEPT = """
    INSERT INTO subscription_credit AS credit
        (id, created_at, account_id, template_id, balance, long_term, accepted_at, unmatched, unmatched_at)
    VALUES ($1, $2, $3, $4, $5, $6, $2, $7, $2)
    ON CONFLICT (account_id, template_id) DO UPDATE SET
        balance = credit.balance + CASE
            WHEN credit.unmatched * excluded.unmatched < 0 AND credit.unmatched_at > $8 THEN 0
            ELSE excluded.balance END,
        unmatched = greatest(least(
            CASE WHEN credit.unmatched_at > $8 THEN credit.unmatched ELSE 0 END + excluded.unmatched, 1000), -1000),
        unmatched_at = $2,
        long_term = credit.long_term OR excluded.long_term,
        accepted_at = $2, rejected_at = NULL, banned_at = NULL
"""
_REJECT = """
    INSERT INTO subscription_credit AS credit (id, created_at, account_id, template_id, rejected_at)
    VALUES ($1, $2, $3, $4, $2)
    ON CONFLICT (account_id, template_id) DO UPDATE SET rejected_at = $2, long_term = false,
        balance = least(credit.balance, coalesce($5::int, credit.balance))
"""
_BAN = """
    INSERT INTO subscription_credit (id, created_at, account_id, template_id, banned_at) VALUES ($1, $2, $3, $4, $2)
    ON CONFLICT (account_id, template_id) DO UPDATE SET banned_at = $2
"""
_SWITCH = """
    INSERT INTO subscription_switch (id, created_at, account_id, is_on) VALUES ($1, $2, $3, $4)
    ON CONFLICT (account_id) DO UPDATE SET is_on = excluded.is_on, created_at = excluded.created_at
        WHERE subscription_switch.is_on <> excluded.is_on
"""
_IS_ON = "SELECT coalesce((SELECT is_on FROM subscription_switch WHERE account_id = $1), true)"
_STANDINGS = """
    SELECT credit.account_id, credit.template_id, credit.rejected_at, credit.long_term,
        CASE WHEN switch.is_on IS FALSE OR credit.banned_at IS NOT NULL THEN 0
             WHEN credit.long_term THEN 1 ELSE credit.balance END AS held,
        CASE WHEN switch.is_on IS FALSE THEN 'main_switch'
             WHEN credit.banned_at IS NOT NULL THEN 'banned'
             WHEN credit.rejected_at IS NOT NULL THEN 'rejected'
             WHEN credit.accepted_at IS NOT NULL THEN 'used_up' ELSE 'not_agreed' END AS why
    FROM subscription_credit AS credit LEFT JOIN subscription_switch AS switch ON switch.account_id = credit.account_id
    WHERE credit.account_id = ANY($1)
"""
_SPEND = """
    UPDATE subscription_credit AS credit SET balance = greatest(credit.balance - spent.times, 0)
    FROM (SELECT account_id, template_id, count(*)::int AS times
          FROM unnest($1::uuid[], $2::text[]) AS sent (account_id, template_id) GROUP BY 1, 2) AS spent
    WHERE credit.account_id = ANY($1) AND credit.account_id = spent.account_id
        AND credit.template_id = spent.template_id AND NOT credit.long_term
"""
_FORFEIT = """
    UPDATE subscription_credit AS credit SET balance = 0, long_term = false
    FROM unnest($1::uuid[], $2::text[]) AS refused (account_id, template_id)
    WHERE credit.account_id = ANY($1) AND credit.account_id = refused.account_id
        AND credit.template_id = refused.template_id
"""


class ToldBy(enum.IntEnum):
    """Which side tells of an acceptance."""

    PHONE = 1
    WECHAT = -1


class Standing(msgspec.Struct, frozen=True, gc=False):
    """How a person stands with one template: how many messages it may carry, and why not where it is none.

    A long-term agreement counts as one that is never used up.
    """

    held: int
    why: Reason
    long_term: bool = False
    rejected: bool = False


NEVER_ASKED = Standing(0, Reason.NOT_AGREED)


@db.transactional
async def report_popup(actor: Citizen, report: Subscriptions) -> None:
    """Take one popup into the account. Raises InvalidInput where its nonce belonged to another one."""
    if not await note_subscriptions(actor, report):
        said = await db.fetchval(_REPORTED, actor.account_id, report.nonce)
        if said not in (None, _fingerprint(report)):
            raise InvalidInput("idempotency_key_reused")


@db.transactional
async def note_subscriptions(actor: Citizen, report: Subscriptions) -> bool:
    """Take what the person chose along with a deed into the account; gives whether it was new.

    The same nonce again changes nothing: a deed is never refused for the popup beside it, whose own report it is not.
    Templates that are not ours (any more) are passed over: an old phone must not fail for it.
    """
    noted = await db.fetchval(_REPORT, new_id(), clock.now(), actor.account_id, report.nonce, _fingerprint(report))
    if noted is None:
        return False
    if report.main_switch is not None:
        await switch(actor.account_id, on=report.main_switch)
    # A popup asks for a template once, so a report counts it once.
    for template_id, outcome in {result.template_id: result.outcome for result in report.results}.items():
        await choose(actor.account_id, template_id, outcome, ToldBy.PHONE)
    return True


def _fingerprint(report: Subscriptions) -> bytes:
    return hashlib.sha256(msgspec.json.encode(report)).digest()


async def choose(account_id: UUID, template_id: str, outcome: Outcome, told_by: ToldBy) -> None:
    """Take one choice into the account, in the caller's transaction."""
    template = template_of(template_id)
    if template is None:
        return
    now = clock.now()
    if outcome == "accept":
        await grant(account_id, template, told_by)
        await switch(account_id, on=True)
    elif outcome == "reject":
        await db.execute(_REJECT, new_id(), now, account_id, template.id, None)
    elif outcome == "ban":
        await db.execute(_BAN, new_id(), now, account_id, template.id)


async def turn_off(account_id: UUID, template_id: str) -> None:
    """Believe WeChat that the person wants none of these any more: what they agreed to before is gone."""
    template = template_of(template_id)
    if template is not None:
        await db.execute(_REJECT, new_id(), clock.now(), account_id, template.id, 0)


async def switch(account_id: UUID, *, on: bool) -> None:
    """Note whether the person takes messages of the mini-program at all. Nothing noted means that they do."""
    if not on or not await db.fetchval(_IS_ON, account_id):
        await db.execute(_SWITCH, new_id(), clock.now(), account_id, on)


async def is_on(account_id: UUID) -> bool:
    """Say whether the person takes messages of the mini-program at all."""
    found: bool = await db.fetchval(_IS_ON, account_id)
    return found


async def forget_reports() -> int:
    """Remove the marks of popups reported long ago: no phone repeats them any more."""
    done = await db.execute(_FORGET, clock.now() - KEPT)
    return int(done.removeprefix("DELETE "))


async def grant(account_id: UUID, template: Template, told_by: ToldBy) -> None:
    """Count one acceptance, unless the other side has told of the same one."""
    once, now = 0 if template.long_term else 1, clock.now()
    await db.execute(
        _ACCEPT,
        new_id(),
        now,
        account_id,
        template.id,
        once,
        template.long_term,
        told_by.value,
        now - _SAME_TAP,
    )


async def standings(account_ids: Iterable[UUID]) -> dict[tuple[UUID, str], Standing]:
    """Give how people stand, by account and template id; templates they were never asked for are left out."""
    return {
        (row["account_id"], row["template_id"]): Standing(
            row["held"], Reason(row["why"]), row["long_term"], row["rejected_at"] is not None
        )
        for row in await db.fetch(_STANDINGS, list(account_ids))
    }


async def spend(sent: Iterable[tuple[UUID, str]]) -> None:
    """Take one credit for each message WeChat accepted, by account and template id."""
    await _each(_SPEND, sent)


async def forfeit(refused: Iterable[tuple[UUID, str]]) -> None:
    """WeChat says there is nothing left: believe it."""
    await _each(_FORFEIT, refused)


async def _each(sql: str, pairs: Iterable[tuple[UUID, str]]) -> None:
    # In one order, so that two workers never wait for each other in a circle.
    ordered = sorted(pairs)
    if ordered:
        await db.execute(sql, [account for account, _ in ordered], [template for _, template in ordered])
