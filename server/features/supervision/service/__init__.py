"""The door of supervision: what stands red and amber, by place, and the matters behind each figure."""

from server.features.supervision.service._board import LIGHTS, Board, Place, Standing, board, kinds, matters
from server.features.supervision.service._reach import READERS, Chosen, View

__all__ = ["LIGHTS", "READERS", "Board", "Chosen", "Place", "Standing", "View", "board", "kinds", "matters"]
