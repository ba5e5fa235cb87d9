"""Counting many variants of one network exactly.

Variants that go the same way through the network's code share a :class:`Structure`: one symbolic trace gives the figures of
them all as array arithmetic. Nothing is taken on trust: the structure's own variant is counted by the trace that made it, and for
each knob that moves, the variant in which it lies farthest is traced as well. A knob that the symbols do not follow (it became
a plain number on the way) is found by that, and from then on each of its values gets a structure of its own. What has no
structure that is worth its price is traced one by one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from blocks import catalog
from blocks.analysis import Analysis, analyse
from blocks.knobs import DEPTH, Knob, KnobError
from blocks.language import translatable
from blocks.space.structure import COUNTED_FIGURES, NotSymbolic, Refusal, Structure, figures_of
from blocks.trace.errors import TraceError

#: Fewer variants than this are traced one by one: a symbolic trace costs about two plain ones and a check.
FEW = 4
#: How the sentence begins that a variant gets from another one which broke the same rule.
SAME_RULE = translatable("Refused like another variant")
_KEPT = 64  # structures kept for the next count


@dataclass(frozen=True)
class NetworkVariant:
    """One setting: the knobs that differ from the preset, and the side of the input (None for the published one)."""

    knobs: Mapping[str, Any] = field(default_factory=dict)
    side: int | None = None


@dataclass(frozen=True)
class Setup:
    """What all variants of a count share."""

    name: str
    dtype: str = "float32"
    training: bool = False
    batch: int = 1

    def shape(self, settings: Mapping[str, Any], side: int | None) -> tuple[int, ...]:
        """The input of a variant with these knob values."""
        shape = [settings[d] if isinstance(d, str) else d for d in catalog.entry(self.name).input]
        shape[0] = self.batch
        if side is not None:
            for place in catalog.free_places(self.name):
                shape[place] = side
        return tuple(shape)


@dataclass
class Counts:
    """``figures`` has one row per variant (:data:`COUNTED_FIGURES`; -1 where it could not be counted), ``errors`` the sentence why not.

    ``structures`` and ``traces`` say how it was done: symbolic traces made, and variants traced by themselves.
    """

    figures: np.ndarray
    errors: dict[int, str]
    structures: int = 0
    traces: int = 0
    done: int = 0

    def frame(self) -> pd.DataFrame:
        """The figures as a table, one row per variant that could be counted; the index is the variant's place."""
        fine = [i for i in range(len(self.figures)) if self.figures[i, 0] >= 0]
        return pd.DataFrame(self.figures[fine], columns=list(COUNTED_FIGURES), index=fine)


_Progress = Callable[[int], None]
_Reading = Callable[[int, Analysis], None]


_lock = threading.Lock()
_structures: dict[tuple[object, ...], list[Structure]] = {}
_plain_knobs: dict[str, set[str]] = {}


def count_variants(setup: Setup, variants: Sequence[NetworkVariant], progress: _Progress | None = None, reading: _Reading | None = None) -> Counts:
    """Count every variant. ``progress`` is called with the number done; what it raises (:class:`blocks.workers.control.Cancelled`) ends the count.
    ``reading`` is called with the place and the analysis of each variant that is traced by itself.

    A variant that breaks a rule gets a sentence in ``errors`` and is no reason to stop. Raises KnobError for an unknown network.
    """
    return _Count(setup, variants, progress or _silent, reading).run()


def analysis_of(setup: Setup, variant: NetworkVariant) -> Analysis:
    """The analysis of one variant, by a structure that a count has left, else by its own trace. Raises KnobError or TraceError."""
    settings = catalog.settings(setup.name, **variant.knobs)
    shape = setup.shape(settings, variant.side)
    for structure in list(_structures.get(_key(setup, settings, shape), ())):
        found = structure.analysis_at(settings, shape)
        if found is not None:
            return found
    return analyse(setup.name, shape, dtype=setup.dtype, training=setup.training, **variant.knobs)


def by_structure(
    setup: Setup, variants: Sequence[NetworkVariant], places: Iterable[int]
) -> Iterator[tuple[Structure | None, list[int], dict[str, np.ndarray]]]:
    """Of ``places`` of variants that were counted those that each structure left by the count covers, with the structure and its symbols' values there; at the end, without, the others."""
    groups: dict[tuple[object, ...], list[tuple[int, dict[str, object], tuple[int, ...]]]] = {}
    for i in places:
        settings = catalog.settings(setup.name, **variants[i].knobs)
        shape = setup.shape(settings, variants[i].side)
        groups.setdefault(_key(setup, settings, shape), []).append((i, settings, shape))
    others: list[int] = []
    for key, rows in groups.items():
        for structure in list(_structures.get(key, ())):
            if not rows:
                break
            hold = structure.hold(structure.values([r[1] for r in rows], [r[2] for r in rows]), len(rows))
            inside = [row for row, fine in zip(rows, hold, strict=True) if fine]
            rows = [row for row, fine in zip(rows, hold, strict=True) if not fine]
            if inside:
                yield structure, [r[0] for r in inside], structure.values([r[1] for r in inside], [r[2] for r in inside])
        others += [r[0] for r in rows]
    yield None, others, {}


def _silent(done: int) -> None:
    del done


class _Count:
    def __init__(self, setup: Setup, variants: Sequence[NetworkVariant], progress: _Progress, reading: _Reading | None) -> None:
        self.setup, self.variants, self.progress, self.reading = setup, variants, progress, reading
        self.knobs = {k.name: k for k in catalog.knobs(setup.name)}
        self.counts = Counts(np.full((len(variants), len(COUNTED_FIGURES)), -1, dtype=np.int64), {})
        self.settings: list[dict[str, object]] = []
        self.shapes: list[tuple[int, ...]] = []

    def run(self) -> Counts:
        usable = [i for i, variant in enumerate(self.variants) if self._read(i, variant)]
        groups: dict[tuple[object, ...], list[int]] = {}
        for i in usable:
            groups.setdefault(self._key(i), []).append(i)
        for key, rows in groups.items():
            self._group(key, rows)
        return self.counts

    def _read(self, i: int, variant: NetworkVariant) -> bool:
        """Fill in a variant's settings and input; False where a knob is outside of its range."""
        try:
            settings = catalog.settings(self.setup.name, **variant.knobs)
            for name in variant.knobs:
                self.knobs[name].check(settings[name])
            shape = self.setup.shape(settings, variant.side)
        except KnobError as error:
            self._fail(i, error)
            settings, shape = {}, ()
        self.settings.append(settings)
        self.shapes.append(shape)
        return i not in self.counts.errors

    def _fail(self, i: int, error: Exception | str) -> None:
        self.counts.errors[i] = str(error)
        self._advance(1)

    def _advance(self, n: int) -> None:
        self.counts.done += n
        self.progress(self.counts.done)

    def _key(self, i: int) -> tuple[object, ...]:
        return _key(self.setup, self.settings[i], self.shapes[i])

    # --- One group -------------------------------------------------------------------------------

    def _group(self, key: tuple[object, ...], rows: list[int]) -> None:
        for known in _structures.get(key, []):
            rows = self._evaluate(known, rows)
        built, covered, checked = 0, 0, set[str]()
        while rows:
            if len(rows) < FEW or (built >= 4 and covered < 3 * built):
                for i in rows:
                    self._trace(i)
                return
            structure = self._built(rows[0])
            if structure is None:
                rows = self._refused(rows[0], rows[1:]) if rows[0] in self.counts.errors else rows[1:]
                continue
            inside = self._inside(structure, rows)
            suspect = self._checked(structure, inside, checked)
            if suspect:
                with _lock:
                    _plain_knobs.setdefault(self.setup.name, set()).update(suspect)
                self._again(rows)
                return
            left = self._evaluate(structure, rows)
            built, covered = built + 1, covered + len(rows) - len(left)
            rows = left
            _keep(key, structure)

    def _again(self, rows: list[int]) -> None:
        groups: dict[tuple[object, ...], list[int]] = {}
        for i in rows:
            groups.setdefault(self._key(i), []).append(i)
        for key, members in groups.items():
            self._group(key, members)

    def _built(self, i: int) -> Structure | None:
        """A structure at variant ``i``; None where that variant had to be counted otherwise, or cannot be."""
        try:
            structure = Structure(self.setup.name, self.settings[i], self.shapes[i], self.setup.dtype, self.setup.training)
        except NotSymbolic:
            self._trace(i)
            return None
        except (KnobError, TraceError) as error:
            self._fail(i, error)
            return None
        self.counts.structures += 1
        values = self._values(structure, [i])
        table, fine = structure.figures(values, 1)
        if not structure.hold(values, 1)[0] or not fine[0] or tuple(table[0]) != structure.own:
            self._put(i, structure.own)
            return None
        return structure

    def _refused(self, like: int, rows: list[int]) -> list[int]:
        """Of ``rows`` those that are not refused by the rule that ``like`` broke; the others get its sentence."""
        if not rows:
            return rows
        refusal = Refusal(self.setup.name, self.settings[like], self.shapes[like])
        refused = refusal.hold([self.settings[i] for i in rows], [self.shapes[i] for i in rows])
        for i, no in zip(rows, refused, strict=True):
            if no:
                self._fail(i, translatable(f"{SAME_RULE}: {refusal.error}"))
        return [i for i, no in zip(rows, refused, strict=True) if not no]

    def _values(self, structure: Structure, rows: Sequence[int]) -> dict[str, np.ndarray]:
        return structure.values([self.settings[i] for i in rows], [self.shapes[i] for i in rows])

    def _inside(self, structure: Structure, rows: list[int]) -> list[int]:
        hold = structure.hold(self._values(structure, rows), len(rows))
        return [i for i, inside in zip(rows, hold, strict=True) if inside]

    def _evaluate(self, structure: Structure, rows: list[int]) -> list[int]:
        """Give figures to the variants that have this structure; returns the others."""
        inside = self._inside(structure, rows) if rows else []
        if not inside:
            return rows
        table, fine = structure.figures(self._values(structure, inside), len(inside))
        put = [i for i, ok in zip(inside, fine, strict=True) if ok]
        self.counts.figures[put] = table[fine]
        self._advance(len(put))
        taken = set(put)
        return [i for i in rows if i not in taken]

    # --- Checking --------------------------------------------------------------------------------

    def _checked(self, structure: Structure, inside: list[int], checked: set[str]) -> set[str]:
        """Trace the variants in which a knob lies farthest from the structure's own. Returns the knobs that the symbols do not follow."""
        base = inside[0]
        for name in self.knobs:
            if name in checked or not _follows(self.knobs[name]):
                continue
            far = max(inside, key=lambda i: _distance(self.settings[i][name], self.settings[base][name]))
            if self.settings[far][name] == self.settings[base][name]:
                continue
            checked.add(name)
            if not self._agrees(structure, far):
                moved = {k for k in self.knobs if self.settings[far][k] != self.settings[base][k]}
                return self._culprits(structure, base, far, moved) or moved
        if len(inside) > 2 and not self._agrees(structure, inside[-1]):
            return {k for k in self.knobs if self.settings[inside[-1]][k] != self.settings[base][k]}
        return set()

    def _agrees(self, structure: Structure, i: int) -> bool:
        table, fine = structure.figures(self._values(structure, [i]), 1)
        if not fine[0]:
            return True
        self.counts.traces += 1
        return tuple(table[0]) == figures_of(self._analysis(self.settings[i], self.shapes[i]))

    def _culprits(self, structure: Structure, base: int, far: int, moved: set[str]) -> set[str]:
        """Of the knobs that moved, those that by themselves make the formula differ from a trace."""
        found = set()
        for name in moved:
            settings = {**self.settings[base], name: self.settings[far][name]}
            shape = self.setup.shape(settings, self.variants[base].side)
            values = structure.values([settings], [shape])
            if not structure.hold(values, 1)[0]:
                continue
            try:
                traced = figures_of(self._analysis(settings, shape))
            except (KnobError, TraceError):
                continue
            if tuple(structure.figures(values, 1)[0][0]) != traced:
                found.add(name)
        return found

    # --- One by one ------------------------------------------------------------------------------

    def _analysis(self, settings: Mapping[str, Any], shape: Sequence[int]) -> Analysis:
        return analyse(self.setup.name, tuple(shape), dtype=self.setup.dtype, training=self.setup.training, **settings)

    def _trace(self, i: int) -> None:
        try:
            analysis = self._analysis(self.settings[i], self.shapes[i])
        except (KnobError, TraceError) as error:
            self._fail(i, error)
            return
        self.counts.traces += 1
        if self.reading is not None:
            self.reading(i, analysis)
        self._put(i, figures_of(analysis))

    def _put(self, i: int, figures: tuple[int, ...]) -> None:
        self.counts.figures[i] = figures
        self._advance(1)


def _key(setup: Setup, settings: Mapping[str, object], shape: Sequence[int]) -> tuple[object, ...]:
    """What decides the structure before any comparison does: choices, flags, depths and knobs that symbols do not follow."""
    plain = _plain_knobs.get(setup.name, set())
    fixed = tuple((k.name, _frozen(settings[k.name])) for k in catalog.knobs(setup.name) if not _follows(k) or k.name in plain)
    return (setup, len(shape), fixed)


def _follows(knob: Knob) -> bool:
    """Whether symbols can follow a knob at all: numbers and lists of widths, not choices, flags and numbers of blocks."""
    return knob.kind in ("int", "float", "ints") and knob.group != DEPTH


def follows_knob(name: str, knob: str) -> bool:
    """Whether formulas of ``name`` contain this knob as a symbol; False for choices, depths and what was found to lose its symbol."""
    return all(_follows(k) for k in catalog.knobs(name) if k.name == knob) and knob not in _plain_knobs.get(name, set())


def _frozen(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _distance(a: Any, b: Any) -> float:
    if isinstance(a, (tuple, list)):
        return float(sum(abs(x - y) for x, y in zip(a, b, strict=False)) + len(a) != len(b))
    return abs(float(a) - float(b))


def _keep(key: tuple[object, ...], structure: Structure) -> None:
    with _lock:
        _structures.setdefault(key, []).append(structure)
        if sum(map(len, _structures.values())) > _KEPT:
            oldest = next(iter(_structures))
            del _structures[oldest][0]
            if not _structures[oldest]:
                del _structures[oldest]


def drop_structures() -> None:
    """Drop the structures that earlier counts left; the next count starts from nothing."""
    with _lock:
        _structures.clear()
        _plain_knobs.clear()
