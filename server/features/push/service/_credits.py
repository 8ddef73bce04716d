"""What people agreed to receive: one acceptance in WeChat is one message, a long-term one lasts until withdrawn."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from server import db
from server.actor import Actor, Citizen
from server.features.push.schemas import Subscriptions
from server.features.push.service._kinds import Message, kind_named, template_for
from server.features.push.service._templates import Template, template_of
from server.kit import clock
from server.kit.ids import new_id

# Older phones take three templates at once, and never one-time and long-term ones together.
MOST_ASKED = 3
KEPT = timedelta(days=90)

_REPORT = """
    INSERT INTO subscription_report (id, created_at, account_id, nonce) VALUES ($1, $2, $3, $4)
    ON CONFLICT DO NOTHING RETURNING id
"""
_FORGET = """
    DELETE FROM subscription_report WHERE id IN (
        SELECT id FROM subscription_report WHERE created_at < $1 LIMIT 10000)
"""
_ACCEPT = """
    INSERT INTO subscription_credit (id, created_at, account_id, template_id, balance, long_term)
    VALUES ($1, $2, $3, $4, $5, $6)
    ON CONFLICT (account_id, template_id) DO UPDATE SET
        balance = subscription_credit.balance + excluded.balance,
        long_term = subscription_credit.long_term OR excluded.long_term
"""
_WITHDRAW = "UPDATE subscription_credit SET long_term = false WHERE account_id = $1 AND template_id = $2"
_HELD = """
    SELECT template_id FROM subscription_credit WHERE account_id = $1 AND template_id = ANY($2)
        AND (balance > 0 OR long_term)
"""
_BALANCES = """
    SELECT account_id, template_id, CASE WHEN long_term THEN 1 ELSE balance END AS balance
    FROM subscription_credit WHERE account_id = ANY($1)
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


@db.transactional
async def note_subscriptions(actor: Citizen, report: Subscriptions) -> None:
    """Take what the person chose in the popup into the account; the same nonce again changes nothing.

    Templates that are not ours (any more) are passed over: an old phone must not fail for it.
    """
    noted = await db.fetchval(_REPORT, new_id(), clock.now(), actor.account_id, report.nonce)
    if noted is None:
        return
    # A popup asks for a template once, so a report counts it once.
    for template_id, outcome in {result.template_id: result.outcome for result in report.results}.items():
        template = template_of(template_id)
        if template is None:
            continue
        if outcome == "accept":
            await grant(actor.account_id, template)
        elif template.long_term:
            await db.execute(_WITHDRAW, actor.account_id, template.id)


async def forget_reports() -> int:
    """Remove the marks of popups reported long ago: no phone repeats them any more."""
    done = await db.execute(_FORGET, clock.now() - KEPT)
    return int(done.removeprefix("DELETE "))


async def grant(account_id: UUID, template: Template) -> None:
    """Count one acceptance."""
    once = 0 if template.long_term else 1
    await db.execute(_ACCEPT, new_id(), clock.now(), account_id, template.id, once, template.long_term)


async def templates_for(actor: Actor, *kinds: str | type[Message]) -> list[str]:
    """List the template ids to ask for on the next tap, at most three: those of the kinds that may not be sent yet.

    One-time and long-term templates are never mixed; those of the first kind named come first.
    """
    if not isinstance(actor, Citizen):
        return []
    wanted: dict[str, Template] = {}
    for kind in kinds:
        template = template_for(kind_named(kind) if isinstance(kind, str) else kind)
        if template is not None:
            wanted.setdefault(template.id, template)
    held = {row["template_id"] for row in await db.fetch(_HELD, actor.account_id, list(wanted))}
    lacking = [template for template in wanted.values() if template.id not in held]
    return [one.id for one in lacking if one.long_term is lacking[0].long_term][:MOST_ASKED]


async def balances(account_ids: Iterable[UUID]) -> dict[tuple[UUID, str], int]:
    """Give what may be sent, by account and template id; a long-term agreement counts as one that is never used up."""
    rows = await db.fetch(_BALANCES, list(account_ids))
    return {(row["account_id"], row["template_id"]): row["balance"] for row in rows}


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
