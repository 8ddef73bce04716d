"""The statement that gives places to many at once: every rule that must not be raced past, and every row."""

from __future__ import annotations

from server.db import promises
from server.features.audit import service as audit
from server.features.push import service as push
from server.features.thread import service as thread

# What a row of the batch carries into the statement, in the order of the type `booking_row`, and where it has it: one
# parameter for all rows, since an array a column costs more to write than what is in it. `$1` is the moment.
ROWS: tuple[tuple[str, str], ...] = (
    ("counter", "counter"),
    ("rank", "rank"),
    ("slot_id", "facts.wish.slot_id"),
    ("person_id", "facts.wish.person_id"),
    ("version", "facts.version"),
    ("enterprise_id", "facts.wish.enterprise_id"),
    ("account_id", "facts.wish.actor.account_id"),
    ("owner", "facts.wish.claim.owner"),
    ("key", "facts.wish.claim.key"),
    ("body_hash", "facts.wish.claim.fingerprint"),
    ("reply_sealed", "reply_sealed"),
    ("thread_id", "facts.opening.thread_id"),
    ("opens", "facts.opening.opens"),
    ("number", "facts.opening.number"),
    ("tail_index", "tail_index"),
    ("booking_id", "booking_id"),
    ("ticked", "ticked"),
    ("code", "code"),
    ("inbox_id", "said.inbox_id"),
    ("text_sealed", "said.text_sealed"),
    ("outbox_id", "said.outbox_id"),
    ("target", "said.target"),
    ("payload_sealed", "said.payload_sealed"),
    ("audit_id", "audit_id"),
    ("request_id", "facts.wish.actor.request_id"),
)
# What all rows of one item at one hall with one outcome share.
COUNTERS: tuple[tuple[str, str, str], ...] = (
    ("region_code", "text", "facts.place.hall.region_code"),
    ("item_id", "uuid", "facts.place.guide.item.id"),
    ("title", "text", "facts.place.guide.item.name"),
    ("guide_id", "uuid", "facts.place.guide.id"),
    ("hall_id", "uuid", "facts.place.hall.id"),
    ("state", "text", "state.value"),
    ("hold_until", "timestamptz", "hold_until"),
    ("step", "text", "step"),
    ("public", "boolean", "public"),
    ("kind", "text", "said.kind"),
    ("page", "text", "said.page"),
    ("template", "text", "said.template"),
    ("priority", "int", "said.priority"),
    ("retry_unknown", "boolean", "said.retry_unknown"),
    ("sms", "boolean", "said.sms"),
)
SLOTS = 3 + len(COUNTERS)

# Who comes first within a start time has it, as far as places are free: `rank` counts them from 1, the CHECK on the row
# is the last line.
GUARD = "r.rank <= l.free"


def statement(guard: str = GUARD) -> str:
    """Write it. Gives (place, verdict, booked) for each row; nothing in it fails for one row alone.

    The slots are locked in the order of their ids, so two batches never wait for each other in a circle, and what is
    free is read under the lock. A row goes on only if its booker's version is the one its limits were counted under,
    its thread is still as it was found, and its key is not taken: otherwise `booked` is false and it is asked again.
    """
    return f"""
{_chosen(guard)},
counted AS (
    INSERT INTO booker (person_id, created_at, version)
    SELECT person_id, $1, version + 1 FROM k WHERE verdict = 'take' ORDER BY person_id
    ON CONFLICT (person_id) DO UPDATE SET version = excluded.version WHERE booker.version = excluded.version - 1
    RETURNING person_id),
g AS NOT MATERIALIZED (SELECT k.* FROM k JOIN counted ON counted.person_id = k.person_id WHERE verdict = 'take'),
opened AS ({thread.opened_rows("g", at="$1")}),
continued AS ({thread.continued_rows("g", at="$1")}),
threaded AS NOT MATERIALIZED (
    SELECT g.* FROM g JOIN (SELECT id FROM opened UNION ALL SELECT id FROM continued) AS t ON t.id = g.thread_id),
claimed AS ({promises.claimed_rows("threaded", at="$1", status=201)}),
done AS MATERIALIZED (
    SELECT threaded.* FROM threaded JOIN claimed ON claimed.owner = threaded.owner AND claimed.key = threaded.key),
made AS (
    INSERT INTO booking (id, created_at, thread_id, slot_id, hall_id, item_id, guide_id, day, person_id, enterprise_id,
        account_id, state, code, ticked, hold_until)
    SELECT booking_id, $1, thread_id, slot_id, hall_id, item_id, guide_id, day, person_id, enterprise_id, account_id,
        state, code, ticked::jsonb, hold_until FROM done),
filled AS (
    UPDATE slot SET taken = taken + more.number
    FROM (SELECT slot_id, count(*)::int AS number FROM done GROUP BY 1) AS more
    WHERE slot.id = ANY(${SLOTS}::uuid[]) AND slot.id = more.slot_id),
steps AS ({thread.step_rows("done", at="$1")}),
codes AS ({thread.code_rows("done", at="$1", kind="booking")}),
told AS ({push.inbox_rows("done", at="$1")}),
sent AS ({push.outbox_rows("done", at="$1")}),
noted AS ({audit.entries("done", action="booking.made", subject="booking", at="$1")})
SELECT k.place::int AS place, k.verdict, done.booking_id IS NOT NULL AS booked
FROM k LEFT JOIN done ON done.place = k.place ORDER BY k.place
"""  # noqa: S608 - our own words


def _chosen(guard: str) -> str:
    """Write the part that locks the slots and says of each row whether there is a place for it."""
    rows = ", ".join(name for name, _ in ROWS)
    counters = ", ".join(f"${place}::{kind}[]" for place, (_, kind, _) in enumerate(COUNTERS, 3))
    return f"""WITH shared AS MATERIALIZED (
    SELECT * FROM unnest({counters}) WITH ORDINALITY AS t ({", ".join(name for name, _, _ in COUNTERS)}, counter)),
l AS MATERIALIZED (
    SELECT id, day, starts_at, capacity - taken AS free FROM slot
    WHERE id = ANY(${SLOTS}::uuid[]) AND NOT closed AND starts_at > $1 ORDER BY id FOR NO KEY UPDATE),
k AS MATERIALIZED (
    SELECT r.*, s.region_code, s.item_id, s.title, s.guide_id, s.hall_id, s.state, s.hold_until, s.step, s.public,
        s.kind, s.template, s.priority, s.retry_unknown, s.sms, l.day, l.starts_at AS deadline,
        replace(s.page, '{{booking_id}}', r.booking_id::text) AS page, s.kind || ':' || r.booking_id AS event,
        jsonb_build_object('booking_id', r.booking_id) AS step_data,
        (l.day + 1)::timestamp AT TIME ZONE 'Asia/Shanghai' AS code_until,
        CASE WHEN l.id IS NULL THEN 'gone' WHEN {guard} THEN 'take' ELSE 'full' END AS verdict
    FROM unnest($2::booking_row[]) WITH ORDINALITY AS r ({rows}, place)
        JOIN shared AS s ON s.counter = r.counter LEFT JOIN l ON l.id = r.slot_id)"""  # noqa: S608 - our own words


STATEMENT = statement()
