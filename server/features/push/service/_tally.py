"""How sending goes, counted by the statements that end messages: nothing waits for a counter or counts a big table.

One row a statement, channel and template. The statement names what it ends `ended`, with the columns of ENDED.
"""

from __future__ import annotations

# Whoever has not agreed is no fault of ours, and no cure helps but asking.
NOT_AGREED = "('not_agreed', 'used_up', 'rejected', 'main_switch', 'banned', '43101')"
ENDED = "outbox.id, outbox.channel, outbox.template, outbox.state, outbox.reason, outbox.ended_at, outbox.due_at"
# A message that WeChat itself reports as arrived, before we knew that it had been taken, has been handed over.
COUNTED = f"""
    counted AS (
        INSERT INTO push_tally (created_at, channel, template, sent, in_time, not_agreed, refused, dead, too_late)
        SELECT max(ended_at), channel, template,
            count(*) FILTER (WHERE state IN ('sent', 'delivered')),
            count(*) FILTER (WHERE state IN ('sent', 'delivered') AND ended_at <= due_at + interval '10 seconds'),
            count(*) FILTER (WHERE state = 'refused' AND reason IN {NOT_AGREED}),
            count(*) FILTER (WHERE state = 'refused' AND reason NOT IN {NOT_AGREED}),
            count(*) FILTER (WHERE state = 'dead'),
            count(*) FILTER (WHERE state = 'too_late')
        FROM ended WHERE ended_at IS NOT NULL GROUP BY channel, template)
"""  # noqa: S608 - our own words
DEAD_AT_ONCE = """
    INSERT INTO push_tally (created_at, channel, template, sent, in_time, not_agreed, refused, dead, too_late)
    VALUES ($1, $2, $3, 0, 0, 0, 0, 1, 0)
"""
