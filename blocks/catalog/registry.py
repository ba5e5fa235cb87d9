"""The catalog: every block, model and preset, found by name.

A family file declares its :class:`Family`, decorates its classes with :func:`block` or :func:`model`, and lists presets with
:func:`presets`. Everything that the outside asks (names, knobs, input shapes, building) is read from those declarations.
"""

from __future__ import annotations

import fnmatch
import functools
import importlib
import pkgutil
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import torch
from torch import nn

from blocks.catalog.matching import matching_names
from blocks.knobs import Knob, KnobError, checked, knobs_of, nearest_names, unknown_knob
from blocks.knobs.nearest import natural_order
from blocks.trace.memo import memoised

_Class = TypeVar("_Class", bound=type[nn.Module])


@dataclass(frozen=True, slots=True)
class Paper:
    """Where an idea comes from; ``arxiv`` is the identifier, such as 1512.03385 (empty where there is none)."""

    title: str
    authors: str
    year: int
    arxiv: str = ""
    url: str = ""

    @property
    def link(self) -> str:
        """Where the paper can be read."""
        return self.url or (f"https://arxiv.org/abs/{self.arxiv}" if self.arxiv else "")


@dataclass(frozen=True, slots=True)
class Family:
    """A group of networks that share an idea; one file under ``blocks/families``."""

    name: str
    title: str
    idea: str
    papers: tuple[Paper, ...]
    tags: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One name of the catalog.

    ``defaults`` are the knob values that make this preset or example; ``input`` has a number or a knob's name for each
    dimension of the input, batch first. ``equals`` names the implementation whose network a preset reproduces.
    """

    name: str
    kind: str  # "block" or "model"
    cls: type[nn.Module]
    family: Family
    summary: str
    papers: tuple[Paper, ...]
    input: tuple[Any, ...]
    defaults: Mapping[str, Any] = field(default_factory=dict)
    equals: str = ""
    title: str = ""

    @property
    def knobs(self) -> tuple[Knob, ...]:
        """The class's knobs with this entry's defaults."""
        return tuple(replace(k, default=self.defaults.get(k.name, k.default), required=False) for k in knobs_of(self.cls))


_entries: dict[str, Entry] = {}
_families: dict[str, Family] = {}
_resolvers: list[Callable[[str], Entry]] = []


def resolver(of_address: Callable[[str], Entry]) -> Callable[[str], Entry]:
    """Register the function that opens an address such as ``timm:resnet18`` (a decorator)."""
    _resolvers.append(of_address)
    return of_address


def family(name: str, title: str, idea: str, *papers: Paper, tags: tuple[str, ...] = ()) -> Family:
    """Declare the family that a file defines; the first paper is the family's own."""
    made = Family(name, title, idea, papers, tags)
    _families[name] = made
    return made


def block(
    of: Family, *, input: tuple[Any, ...] = (1, "c_in", 56, 56), title: str = "", paper: Paper | None = None, name: str = "", **example: Any
) -> Callable[[_Class], _Class]:
    """Enter a block: an ``nn.Module`` whose constructor's parameters are knobs. ``example`` gives its required ones.

    The contract of a block: it depends on nothing but its constructor's arguments and its input. It reads no global state, its
    ``forward`` leaves nothing behind, and whoever builds it does not change it afterwards. Equal blocks are therefore built and
    traced once (:mod:`blocks.trace.memo`); ``tests/trace/test_memo.py`` names a block that breaks this.
    """

    def enter(cls: _Class) -> _Class:
        memoised(checked(cls))
        _add(
            Entry(
                name or snake_case(cls.__name__),
                "block",
                cls,
                of,
                _summary(cls),
                (paper,) if paper else of.papers,
                input,
                example,
                title=title or spaced(cls.__name__),
            )
        )
        return cls

    return enter


def model(of: Family) -> Callable[[_Class], _Class]:
    """Mark a whole network's class; its names in the catalog are its presets."""

    def enter(cls: _Class) -> _Class:
        checked(cls)
        cls.catalog_family = of  # type: ignore[attr-defined]
        return cls

    return enter


def presets(
    cls: type[nn.Module],
    equals: str = "",
    *,
    resolution: int | str = 224,
    input: tuple[Any, ...] | None = None,
    paper: Paper | None = None,
    of: Family | None = None,
    **named: Mapping[str, Any],
) -> None:
    """Enter presets of a model: ``presets(ResNet, "torchvision", resnet18={...}, resnet34={...})``.

    ``resolution`` is the side of the picture, or the name of the knob that gives it; the key ``resolution`` inside one
    preset's mapping overrides the shared one. ``input`` gives the whole input, as in :func:`block`, to a model that takes
    something else than one picture. ``of`` is the family where it is not the class's own: a network that is given
    another family's part belongs to that family.
    """
    of = of or cls.catalog_family  # type: ignore[attr-defined]
    known = {k.name for k in knobs_of(cls)}
    for name, settings in named.items():
        settings = dict(settings)
        side = settings.pop("resolution", resolution)
        for knob in settings:
            if knob not in known:
                raise unknown_knob(name, knob, settings[knob], known)
        channels = "in_channels" if "in_channels" in known else 3
        _add(Entry(name, "model", cls, of, _summary(cls), (paper,) if paper else of.papers, input or (1, channels, side, side), settings, equals, name))


def _add(entry: Entry) -> None:
    if entry.name in _entries:
        raise ValueError(f"{entry.name} is in the catalog twice")
    _entries[entry.name] = entry


def _summary(cls: type) -> str:
    return (cls.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")


def snake_case(name: str) -> str:
    """A class's name as the catalog writes it: InvertedResidual is inverted_residual."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def spaced(name: str) -> str:
    """A class's name as a title: Inverted Residual. Networks' own names stay as their papers write them: MobileNetV3 Block, ResNeXt Paths."""
    return _BETWEEN.sub(" ", name)


_BETWEEN = re.compile(r"(?<=[a-z0-9])(?=[A-Z])(?!Net|NeXt|LeNet|VNet|(?<=Net)V\d|(?<=Ne)Xt)|(?<=[A-Z])(?=[A-Z][a-z])(?!Net|NeXt)")


@functools.cache
def _load() -> None:
    package = importlib.import_module("blocks.families")
    for found in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"blocks.families.{found.name}")


# --- What the outside asks -----------------------------------------------------------------------


def names(kind: str | None = None, family: str | None = None, pattern: str = "*") -> list[str]:
    """Names in natural order; ``kind`` is "model" or "block"; ``pattern`` has shell wildcards."""
    _load()
    chosen = (e.name for e in _entries.values() if kind in (None, e.kind) and family in (None, e.family.name))
    return sorted(fnmatch.filter(chosen, pattern), key=natural_order)


def blocks_by_class() -> dict[type, str]:
    """The name of each block's class."""
    _load()
    return {e.cls: e.name for e in _entries.values() if e.kind == "block"}


def families() -> list[Family]:
    """All families, by the year of their first paper."""
    _load()
    return sorted(_families.values(), key=lambda f: (f.papers[0].year, f.papers[0].arxiv, f.name))


def entry(name: str) -> Entry:
    """The entry called ``name``; :class:`KnobError` with the nearest names if there is none."""
    _load()
    if name not in _entries:
        if ":" in name and _resolvers:  # an address: timm:resnet18, torchvision:..., file:...
            return _resolvers[-1](name)
        raise KnobError("name", name, "is not in the catalog", suggestions(name))
    return _entries[name]


def suggestions(name: str, n: int = 3) -> list[str]:
    """The names that a mistyped one most likely meant."""
    _load()
    return nearest_names(name, _entries, n)


def search(text: str) -> list[str]:
    """Names whose entry mentions every word of ``text``, best first; see :func:`blocks.catalog.matching.matching_names`."""
    _load()
    return matching_names(text, _entries.values())


def knobs(name: str) -> tuple[Knob, ...]:
    """The knobs of a preset, model or block, with that preset's defaults."""
    return entry(name).knobs


def settings(name: str, **given: Any) -> dict[str, Any]:
    """All knob values of ``name`` with ``given`` in place of its defaults; :class:`KnobError` for an unknown one."""
    found = entry(name)
    known = {k.name: k for k in found.knobs}
    for knob, value in given.items():
        if knob not in known:
            raise unknown_knob(name, knob, value, known)
    return {k: given.get(k, knob.default) for k, knob in known.items()}


def build(name: str, **given: Any) -> nn.Module:
    """Build any preset or block with ``given`` knobs, as an ``nn.Module`` with initialised parameters.

    Raises :class:`KnobError` for an unknown name or knob, or a value that the block cannot take.
    """
    return make(entry(name), settings(name, **given))


def make(found: Entry, values: Mapping[str, Any]) -> nn.Module:
    """The class of ``found`` called with ``values``, all of its knobs.

    A part of a model proposes what would suit that part; the :class:`KnobError` raised here proposes what the whole model can be built with.
    """
    try:
        return found.cls(**values)
    except KnobError as error:
        if found.kind != "model" or error.argument not in values:
            raise
        raise KnobError(error.argument, error.value, error.rule, _working(found, values, error)) from None


def _working(found: Entry, values: Mapping[str, Any], error: KnobError, most: int = 2) -> list[Any]:
    """Up to ``most`` values of the knob in ``error`` that the model can be built with: those proposed, their neighbours, its default."""
    knob = next(k for k in found.knobs if k.name == error.argument)
    near = [error.value + step for distance in range(1, 9) for step in (-distance, distance)] if knob.kind == "int" else list(knob.values or ())
    working: list[Any] = []
    for candidate in [*error.nearest, *near, knob.default]:
        if len(working) < most and candidate not in working and _builds(found, {**values, knob.name: candidate}):
            working.append(candidate)
    return working


def _builds(found: Entry, values: Mapping[str, Any]) -> bool:
    try:
        with torch.device("meta"):
            found.cls(**values)
    except KnobError:
        return False
    return True


def input_shape(name: str, **given: Any) -> tuple[int, ...]:
    """The input that ``name`` is published for, batch 1; for a block, its example's."""
    values = settings(name, **given)
    return tuple(values[d] if isinstance(d, str) else d for d in entry(name).input)


def free_places(name: str) -> list[int]:
    """The dimensions of the input that no knob decides: height and width, or tokens."""
    declared = entry(name).input
    places = {3: [1], 4: [2, 3], 5: [3, 4]}.get(len(declared), [])
    return [p for p in places if not isinstance(declared[p], str)]
