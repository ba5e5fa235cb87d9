"""Published accuracies as points that a chart can place: which network, at which resolution, and what was scaled to get there."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass

from blocks import catalog, reference
from blocks.catalog import Entry
from blocks.knobs import DEPTH, WIDTH
from blocks.knobs.nearest import natural_order
from blocks.space.count import NetworkVariant, Setup


@dataclass(frozen=True)
class PublishedPoint:
    """One published accuracy: top-1 in percent on ImageNet-1K, with the weights that reached it and who says so."""

    preset: str
    weights: str
    side: int
    accuracy: float
    source: str

    @property
    def item(self) -> tuple[Setup, NetworkVariant]:
        """What to count for it."""
        return Setup(self.preset), NetworkVariant({}, self.side if catalog.free_places(self.preset) else None)

    @property
    def family(self) -> str:
        """Name of its family."""
        return catalog.entry(self.preset).family.name


@dataclass(frozen=True)
class ScalingSeries:
    """Networks that differ in one way only: ``way`` is "width", "depth", "resolution" or "compound"."""

    way: str
    title: str
    points: tuple[PublishedPoint, ...]


@functools.cache
def points() -> tuple[PublishedPoint, ...]:
    """Every published ImageNet top-1 accuracy of a preset, in the order of the catalog."""
    known = set(catalog.names(kind="model"))
    frame = reference.all_accuracy()
    chosen = frame[(frame["dataset"] == "ImageNet-1K") & (frame["metric"] == "acc@1") & frame["preset"].isin(list(known))]
    found = [
        PublishedPoint(str(r.preset), str(r.weights), _side(str(r.preset), str(r.weights)), float(str(r.value)), str(r.source)) for r in chosen.itertuples()
    ]
    return tuple(sorted(found, key=lambda p: (natural_order(p.preset), p.weights)))


def _side(preset: str, weights: str) -> int:
    said = re.search(r"@\s*(\d+)", weights)
    if said:
        return int(said[1])
    shape = catalog.input_shape(preset)
    return shape[-1]


def first_published() -> dict[str, PublishedPoint]:
    """One point a preset: the recipe closest to the paper's, at the published resolution (torchvision's first weights where there are some)."""
    best: dict[str, PublishedPoint] = {}
    for p in points():
        at_home = p.side == catalog.input_shape(p.preset)[-1]
        if p.preset not in best and (at_home or not any(q.preset == p.preset and q.side == catalog.input_shape(p.preset)[-1] for q in points())):
            best[p.preset] = p
    return best


@functools.cache
def scaling_series() -> tuple[ScalingSeries, ...]:
    """All series of two or more points in which one thing was scaled, found by comparing the presets' knobs."""
    first = first_published()
    by_class: dict[tuple[type, str], list[Entry]] = {}
    for name in first:
        entry = catalog.entry(name)
        by_class.setdefault((entry.cls, entry.family.name), []).append(entry)
    found: list[ScalingSeries] = []
    for (_, family), entries in by_class.items():
        found += _series(entries, first, family)
    for preset in dict.fromkeys(p.preset for p in points()):
        found += _resolutions(preset)
    return tuple(found)


def _series(entries: list[Entry], first: dict[str, PublishedPoint], family: str) -> Iterable[ScalingSeries]:
    title = next(f.title for f in catalog.families() if f.name == family)
    left = list(entries)
    while left:
        base, *others = left
        alike = [(e, _way(base, e)) for e in others]
        ways = {way for _, way in alike if way}
        for way in sorted(w for w in ways if w):
            members = [base, *(e for e, w in alike if w == way)]
            rank = sorted(members, key=lambda e: first[e.name].accuracy)
            same = [e for e in rank if e is base or first[e.name].source == first[base.name].source]
            if len(same) > 1:
                yield ScalingSeries(way, title, tuple(first[e.name] for e in same))
        left = [e for e in others if _way(base, e) is None]


def _way(a: Entry, b: Entry) -> str | None:
    """What was scaled between two presets of one class; None where it was more than one thing, or something else."""
    groups = {k.name: "" if k.kind in ("choice", "bool") else k.group for k in a.knobs}
    defaults = [{k.name: k.default for k in e.knobs} for e in (a, b)]
    moved = {groups[n] for n in groups if defaults[0][n] != defaults[1][n] and groups[n] in (WIDTH, DEPTH)}
    other = {n for n in groups if defaults[0][n] != defaults[1][n] and groups[n] not in (WIDTH, DEPTH) and not n.startswith("drop")}
    bigger = catalog.input_shape(a.name)[-1] != catalog.input_shape(b.name)[-1]
    if other:
        return None
    if bigger:
        return "compound" if moved else "resolution"
    return {frozenset({WIDTH}): "width", frozenset({DEPTH}): "depth", frozenset({WIDTH, DEPTH}): None}.get(frozenset(moved))


def _resolutions(preset: str) -> Iterable[ScalingSeries]:
    """The same weights at several resolutions."""
    by_recipe: dict[str, list[PublishedPoint]] = {}
    for p in points():
        if p.preset == preset and "@" in p.weights:
            by_recipe.setdefault(p.weights.split("@")[0].strip(), []).append(p)
    for recipe, members in by_recipe.items():
        if len({p.side for p in members}) > 1:
            yield ScalingSeries("resolution", recipe, tuple(sorted(members, key=lambda p: p.side)))
