"""The composite score (综合得分): shares of a hundred, weighed as the area publishes; never of persons."""

from __future__ import annotations

from dataclasses import dataclass

from server.features.catalogue import service as catalogue
from server.features.ratings import service as ratings
from server.features.supervision.schemas import ScoreOut, ScorePart, ScorePolicy
from server.features.supervision.service._figures import Figure, figures_of
from server.features.supervision.service._periods import Period, periods
from server.features.supervision.service._reach import everything
from server.features.supervision.service._telling import period_said
from server.kit import clock
from server.kit.texts import text


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """One indicator of a score: its weight, and its points of a hundred; None where none was counted, or too `few`."""

    key: str
    weight: int
    points: float | None
    few: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """The score of an area for a period; None where none of its parts was counted. Of fewer than `fewest` none is."""

    period: Period
    parts: list[Part]
    fewest: int

    @property
    def points(self) -> float | None:
        """Weigh what was counted; what was not counts neither for nor against."""
        counted = [(part.weight, part.points) for part in self.parts if part.points is not None]
        weight = sum(weight for weight, _ in counted)
        return sum(weight * points for weight, points in counted) / weight if weight else None


async def public_score(region_code: str) -> Score:
    """Give the score everybody may read: of all that is served here, for the quarter that is over.

    Where nothing was counted then, as with whoever has just begun, for the one under way.
    """
    quarter = next(one for one in periods(clock.today()) if one.months == 3)
    over = await _score(region_code, quarter.before)
    return await _score(region_code, quarter) if over.points is None else over


async def published_score(locale: str, region_code: str) -> ScoreOut:
    """Say it as the phone shows it."""
    found = await public_score(region_code)
    said = "console.indicators.of"
    return ScoreOut(
        area=(await catalogue.region(region_code)).name,
        period=period_said(locale, found.period),
        fewest=found.fewest,
        points=_rounded(found.points),
        parts=[
            ScorePart(
                key=part.key,
                name=text(locale, f"{said}.{part.key}.name"),
                means=text(locale, f"{said}.{part.key}.means"),
                weight=part.weight,
                points=_rounded(part.points),
                few=part.few,
            )
            for part in found.parts
        ],
    )


def _rounded(points: float | None) -> float | None:
    return None if points is None else round(points, 1)


async def _score(region_code: str, period: Period) -> Score:
    found = await figures_of(await everything(), period)
    policy = await catalogue.policy(ScorePolicy, region_code)
    fewest = (await catalogue.policy(ratings.PublicPolicy, region_code)).fewest
    return Score(period=period, parts=score_parts(policy, found.figures, fewest), fewest=fewest)


def score_parts(policy: ScorePolicy, figures: dict[str, Figure], fewest: int) -> list[Part]:
    """Give the parts that weigh anything; one that fewer than so many stand behind has no points."""
    return [_part(key, weight, figures[key], fewest) for key, weight in policy.weights.items() if weight]


def _part(key: str, weight: int, figure: Figure, fewest: int) -> Part:
    few = 0 < figure.now.whole < fewest
    return Part(key=key, weight=weight, points=None if few else _points(figure), few=few)


def _points(figure: Figure) -> float | None:
    value = figure.value(figure.now)
    if value is None:
        return None
    return min(100.0, value) if figure.kind.better == "more" else max(0.0, 100.0 - value)
