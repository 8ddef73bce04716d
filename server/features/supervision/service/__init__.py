"""The door of supervision: what stands red and amber by place, the matters behind it, and the figures of a period."""

from server.features.supervision.schemas import ScorePolicy
from server.features.supervision.service._board import LIGHTS, Board, Place, Standing, board, kinds, matters
from server.features.supervision.service._bulletins import (
    WAKE,
    BulletinView,
    bulletin_file,
    bulletins,
    draw_bulletin,
    forget_bulletins,
    order_bulletin,
)
from server.features.supervision.service._counting import count_everything, count_lately
from server.features.supervision.service._exporting import figures_csv
from server.features.supervision.service._figures import Figure, Figures, Share, figure, figures
from server.features.supervision.service._periods import Period, period, periods
from server.features.supervision.service._reach import LOOKERS, READERS, Chosen, View, view_of
from server.features.supervision.service._score import Part, Score, public_score
from server.features.supervision.service._telling import period_said, value_said

__all__ = [
    "LIGHTS",
    "LOOKERS",
    "READERS",
    "WAKE",
    "Board",
    "BulletinView",
    "Chosen",
    "Figure",
    "Figures",
    "Part",
    "Period",
    "Place",
    "Score",
    "ScorePolicy",
    "Share",
    "Standing",
    "View",
    "board",
    "bulletin_file",
    "bulletins",
    "count_everything",
    "count_lately",
    "draw_bulletin",
    "figure",
    "figures",
    "figures_csv",
    "forget_bulletins",
    "kinds",
    "matters",
    "order_bulletin",
    "period",
    "period_said",
    "periods",
    "public_score",
    "value_said",
    "view_of",
]
