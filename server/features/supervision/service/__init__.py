"""The door of supervision: what stands red and amber by place, the matters behind it, and the figures of a period."""

from server.features.supervision.service._board import LIGHTS, Board, Place, Standing, board, kinds, matters
from server.features.supervision.service._counting import count_everything, count_lately
from server.features.supervision.service._figures import Figure, Figures, Share, figure, figures
from server.features.supervision.service._periods import Period, period, periods
from server.features.supervision.service._reach import READERS, Chosen, View

__all__ = [
    "LIGHTS",
    "READERS",
    "Board",
    "Chosen",
    "Figure",
    "Figures",
    "Period",
    "Place",
    "Share",
    "Standing",
    "View",
    "board",
    "count_everything",
    "count_lately",
    "figure",
    "figures",
    "kinds",
    "matters",
    "period",
    "periods",
]
