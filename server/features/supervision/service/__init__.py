"""The door of supervision: what stands red and amber by place, the matters behind it, and the figures of a period."""

from server.features.supervision.schemas import ScorePolicy, WalkPolicy
from server.features.supervision.service import _watched as _watched
from server.features.supervision.service._assigning import LONGEST as LONGEST_ASSIGNMENT
from server.features.supervision.service._assigning import MOST_DAYS as MOST_ASSIGNED_DAYS
from server.features.supervision.service._assigning import (
    AssignmentView,
    answer_assignment,
    assign,
    assignments,
    close_assignment,
    open_assignments,
)
from server.features.supervision.service._behind import BehindRow, Which, behind
from server.features.supervision.service._board import LIGHTS, Board, Place, Standing, board, kinds, matter, matters
from server.features.supervision.service._bulletins import (
    WAKE,
    BulletinView,
    bulletin_file,
    bulletins,
    draw_bulletin,
    forget_bulletins,
    make_quarterly,
    new_quarterly,
    order_bulletin,
)
from server.features.supervision.service._counting import count_everything, count_lately
from server.features.supervision.service._exporting import figures_csv
from server.features.supervision.service._figures import Figure, Figures, Share, figure, figures
from server.features.supervision.service._periods import Period, period, periods
from server.features.supervision.service._reach import LOOKERS, READERS, Chosen, View, view_of
from server.features.supervision.service._reasons import ReasonRow, reasons
from server.features.supervision.service._sampling import (
    ANSWERS,
    MOST_DRAWN,
    QUESTIONS,
    DrawView,
    SampleView,
    check_sample,
    draw,
    draw_sample,
    draws,
)
from server.features.supervision.service._score import Part, Score, public_score, published_score
from server.features.supervision.service._telling import change_said, period_said, scope_said, share_said
from server.features.supervision.service._testing import (
    CodeShown,
    code_shown,
    end_forgotten,
    end_walk,
    enter_walk,
    sees_walks,
    show_code,
)
from server.features.supervision.service._walking import WalkView, begin_walk, next_step, walk, walks

__all__ = [
    "ANSWERS",
    "LIGHTS",
    "LONGEST_ASSIGNMENT",
    "LOOKERS",
    "MOST_ASSIGNED_DAYS",
    "MOST_DRAWN",
    "QUESTIONS",
    "READERS",
    "WAKE",
    "AssignmentView",
    "BehindRow",
    "Board",
    "BulletinView",
    "Chosen",
    "CodeShown",
    "DrawView",
    "Figure",
    "Figures",
    "Part",
    "Period",
    "Place",
    "ReasonRow",
    "SampleView",
    "Score",
    "ScorePolicy",
    "Share",
    "Standing",
    "View",
    "WalkPolicy",
    "WalkView",
    "Which",
    "answer_assignment",
    "assign",
    "assignments",
    "begin_walk",
    "behind",
    "board",
    "bulletin_file",
    "bulletins",
    "change_said",
    "check_sample",
    "close_assignment",
    "code_shown",
    "count_everything",
    "count_lately",
    "draw",
    "draw_bulletin",
    "draw_sample",
    "draws",
    "end_forgotten",
    "end_walk",
    "enter_walk",
    "figure",
    "figures",
    "figures_csv",
    "forget_bulletins",
    "kinds",
    "make_quarterly",
    "matter",
    "matters",
    "new_quarterly",
    "next_step",
    "open_assignments",
    "order_bulletin",
    "period",
    "period_said",
    "periods",
    "public_score",
    "published_score",
    "reasons",
    "scope_said",
    "sees_walks",
    "share_said",
    "show_code",
    "view_of",
    "walk",
    "walks",
]
