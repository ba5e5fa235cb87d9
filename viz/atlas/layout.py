"""Where each family stands on the map. Pure: fractions of the width across, rows down; the browser makes pixels of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from blocks import catalog
from blocks.catalog import lineage

#: Pixels of the narrowest map, and of a box there: a letter of its title, what stands around it, a dot for each further idea.
NARROWEST, LETTER, PADDING, DOT = 660.0, 6.7, 19.5, 6.2
_GAP = 6.0 / NARROWEST


@dataclass(frozen=True)
class FamilyBox:
    """A family's box: its left edge in [0, 1], its width as a share of the narrowest map, and its row (from the top of the map)."""

    family: str
    title: str
    x: float
    width: float
    row: int
    lane: str


@dataclass(frozen=True)
class Lane:
    """A band of rows for one idea."""

    idea: lineage.Idea
    row: int
    rows: int


@dataclass(frozen=True)
class Map:
    """All of it; ``years`` are (year, left edge)."""

    places: tuple[FamilyBox, ...]
    lanes: tuple[Lane, ...]
    years: tuple[tuple[int, float], ...]
    rows: int


class TimeAxis:
    """Time across the map. A year is as wide as it is busy: most families came in four years of nine."""

    def __init__(self, dates: Iterable[tuple[int, int]]) -> None:
        dates = list(dates)
        first, last = min(y for y, _ in dates), max(y for y, _ in dates)
        weights = {y: 1.0 + 0.55 * sum(y == d for d, _ in dates) for y in range(first, last + 1)}
        weights[last] += 1.0  # the last box needs its own width beyond its date
        total = sum(weights.values())
        self.starts: dict[int, float] = {}
        at = 0.0
        for year, weight in weights.items():
            self.starts[year] = at / total
            at += weight
        self.weights = {y: w / total for y, w in weights.items()}

    def __call__(self, date: tuple[int, int]) -> float:
        """Place of a (year, month) in [0, 1]."""
        year, month = date
        return self.starts[year] + self.weights[year] * (month - 1) / 12


def layout() -> Map:
    """The map of all families of the catalog."""
    families = catalog.families()
    dates = {f.name: lineage.first_shown(f) for f in families}
    axis = TimeAxis(dates.values())
    lanes: list[Lane] = []
    places: list[FamilyBox] = []
    row = 0
    for idea in lineage.IDEAS:
        members = sorted((f for f in families if lineage.lane(f.name) == idea.name), key=lambda f: (dates[f.name], f.name))
        ends: list[float] = []
        for f in members:
            width = (len(f.title) * LETTER + PADDING + DOT * (len(lineage.ideas(f.name)) - 1)) / NARROWEST
            x = min(axis(dates[f.name]), 1.0 - width)
            free = next((i for i, end in enumerate(ends) if end + _GAP <= x), len(ends))
            ends[free : free + 1] = [x + width]
            places.append(FamilyBox(f.name, f.title, x, width, row + free, idea.name))
        lanes.append(Lane(idea, row, max(1, len(ends))))
        row += max(1, len(ends))
    return Map(tuple(places), tuple(lanes), tuple(axis.starts.items()), row)
