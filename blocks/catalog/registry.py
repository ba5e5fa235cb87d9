"""What the outside asks the catalog: names, entries, knobs, input shapes, networks.

All of it is read from what the family files declare (:mod:`blocks.catalog.declarations`).
"""

from __future__ import annotations

import fnmatch
import functools
import importlib
import pkgutil
from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import nn

from blocks.catalog.declarations import declared_entries, declared_families
from blocks.catalog.entries import Entry, Family
from blocks.catalog.matching import matching_names
from blocks.knobs import Knob, KnobError, nearest_names, unknown_knob
from blocks.knobs.nearest import natural_order

_resolvers: list[Callable[[str], Entry]] = []


def resolver(of_address: Callable[[str], Entry]) -> Callable[[str], Entry]:
    """Register the function that opens an address such as ``timm:resnet18`` (a decorator)."""
    _resolvers.append(of_address)
    return of_address


@functools.cache
def _load() -> None:
    package = importlib.import_module("blocks.families")
    for found in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"blocks.families.{found.name}")


def names(kind: str | None = None, family: str | None = None, pattern: str = "*") -> list[str]:
    """Names in natural order; ``kind`` is "model" or "block"; ``pattern`` has shell wildcards."""
    _load()
    chosen = (e.name for e in declared_entries.values() if kind in (None, e.kind) and family in (None, e.family.name))
    return sorted(fnmatch.filter(chosen, pattern), key=natural_order)


def blocks_by_class() -> dict[type, str]:
    """The name of each block's class."""
    _load()
    return {e.cls: e.name for e in declared_entries.values() if e.kind == "block"}


def families() -> list[Family]:
    """All families, by the year of their first paper."""
    _load()
    return sorted(declared_families.values(), key=lambda f: (f.papers[0].year, f.papers[0].arxiv, f.name))


def is_address(name: str) -> bool:
    """Whether ``name`` is of a network from outside (timm:resnet18, torchvision:..., file:...) and not of the catalog."""
    return ":" in name


def entry(name: str) -> Entry:
    """The entry called ``name``; :class:`KnobError` with the nearest names if there is none."""
    _load()
    if name not in declared_entries:
        if is_address(name) and _resolvers:
            return _resolvers[-1](name)
        raise KnobError("name", name, "is not in the catalog", suggestions(name))
    return declared_entries[name]


def suggestions(name: str, n: int = 3) -> list[str]:
    """The names that a mistyped one most likely meant."""
    _load()
    return nearest_names(name, declared_entries, n)


def search(text: str) -> list[str]:
    """Names whose entry mentions every word of ``text``, best first; see :func:`blocks.catalog.matching.matching_names`."""
    _load()
    return matching_names(text, declared_entries.values())


def knobs(name: str) -> tuple[Knob, ...]:
    """The knobs of a preset, model or block, with that preset's defaults."""
    return entry(name).knobs


def settings(name: str, **given: object) -> dict[str, Any]:
    """All knob values of ``name`` with ``given`` in place of its defaults; :class:`KnobError` for an unknown one."""
    found = entry(name)
    known = {k.name: k for k in found.knobs}
    for knob, value in given.items():
        if knob not in known:
            raise unknown_knob(name, knob, value, known)
    return {k: given.get(k, knob.default) for k, knob in known.items()}


def build(name: str, **given: object) -> nn.Module:
    """Build any preset or block with ``given`` knobs, as an ``nn.Module`` with initialised parameters.

    Raises :class:`KnobError` for an unknown name or knob, or a value that the block cannot take.
    """
    return make(entry(name), settings(name, **given))


def make(found: Entry, values: Mapping[str, object]) -> nn.Module:
    """The class of ``found`` called with ``values``, all of its knobs.

    A part of a model proposes what would suit that part; the :class:`KnobError` raised here proposes what the whole model can be built with.
    """
    try:
        return found.cls(**values)
    except KnobError as error:
        if found.kind != "model" or error.argument not in values:
            raise
        raise KnobError(error.argument, error.value, error.rule, _working(found, values, error), error.divided) from None


def _working(found: Entry, values: Mapping[str, object], error: KnobError, most: int = 2) -> list[object]:
    """Up to ``most`` values of the knob in ``error`` that the model can be built with: those proposed, their neighbours, its default."""
    knob = next(k for k in found.knobs if k.name == error.argument)
    near = [error.value + step for distance in range(1, 9) for step in (-distance, distance)] if knob.kind == "int" else list(knob.values or ())
    working: list[object] = []
    for candidate in [*error.nearest, *near, knob.default]:
        if len(working) < most and candidate not in working and _builds(found, {**values, knob.name: candidate}):
            working.append(candidate)
    return working


def _builds(found: Entry, values: Mapping[str, object]) -> bool:
    try:
        with torch.device("meta"):
            found.cls(**values)
    except KnobError:
        return False
    return True


def input_shape(name: str, **given: object) -> tuple[int, ...]:
    """The input that ``name`` is published for, batch 1; for a block, its example's."""
    values = settings(name, **given)
    return tuple(values[d] if isinstance(d, str) else d for d in entry(name).input)


def free_places(name: str) -> list[int]:
    """The dimensions of the input that no knob decides: height and width, or tokens."""
    declared = entry(name).input
    places = {3: [1], 4: [2, 3], 5: [3, 4]}.get(len(declared), [])
    return [p for p in places if not isinstance(declared[p], str)]
