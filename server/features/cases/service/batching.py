"""A room behind the door of cases: papers on their way to a department, in batches both sides sign for."""

from server.features.cases.schemas import BatchOut
from server.features.cases.service._batch_views import batch, batches
from server.features.cases.service._batches import (
    count_line,
    hand_over_batch,
    open_batch,
    put_on_batch,
    receive_batch,
    settle_line,
    take_off_batch,
)

__all__ = [
    "BatchOut",
    "batch",
    "batches",
    "count_line",
    "hand_over_batch",
    "open_batch",
    "put_on_batch",
    "receive_batch",
    "settle_line",
    "take_off_batch",
]
