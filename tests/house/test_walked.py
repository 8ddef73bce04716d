"""Whatever is watched or measured leaves out what test persons did, or says here why none of it can be theirs."""

from __future__ import annotations

from server.features.supervision import service as supervision
from server.features.thread import service as thread
from server.kit.ids import WALKED

# Rows that name no thread, and no id of somebody: nothing a person does is among them.
NOBODYS = {
    "assignments": "what supervisors ask of departments",
    "data_requests": "asked by real people only: access.verified_in_earnest",
    "deficiency_coverage": "guides, not matters",
    "in_ten_seconds": "tallies: nothing is sent to a test person",
}
_NAMES_NONE = "NULL::uuid AS thread_id"
_AROUND = thread.real("happened.thread_id")


def test_every_figure_leaves_test_persons_out() -> None:
    assert supervision.kinds(), "every feature is there"
    # One condition is around every indicator; it can read no thread where there is none.
    kinds = {name: one.rows.replace(_AROUND, "") for name, one in thread.measured().items()}
    kinds |= {name: one.open for name, one in thread.watched().items()}
    forgetful = [name for name, sql in kinds.items() if _NAMES_NONE in sql and str(WALKED) not in sql]
    assert sorted(forgetful) == sorted(NOBODYS)


def test_every_indicator_is_read_past_them() -> None:
    assert all(_AROUND in one.rows for one in thread.measured().values())
