"""What a family file declares: its :func:`family`, its classes by :func:`block` and :func:`model`, and its :func:`presets`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from torch import nn

from blocks.catalog.entries import Entry, Family, Paper
from blocks.catalog.naming import snake_case, spaced
from blocks.knobs import checked, knobs_of, unknown_knob
from blocks.trace.memo import memoised

_Class = TypeVar("_Class", bound=type[nn.Module])

#: Everything that the family files have declared, by name.
declared_entries: dict[str, Entry] = {}
declared_families: dict[str, Family] = {}


def family(name: str, title: str, idea: str, *papers: Paper, tags: tuple[str, ...] = ()) -> Family:
    """Declare the family that a file defines; the first paper is the family's own."""
    made = Family(name, title, idea, papers, tags)
    declared_families[name] = made
    return made


def block(
    of: Family, *, input: tuple[int | str, ...] = (1, "c_in", 56, 56), title: str = "", paper: Paper | None = None, name: str = "", **example: object
) -> Callable[[_Class], _Class]:
    """Enter a block: an ``nn.Module`` whose constructor's parameters are knobs. ``example`` gives its required ones.

    The contract of a block: it depends on nothing but its constructor's arguments and its input. It reads no global state, its
    ``forward`` leaves nothing behind, and the code that builds it does not change it afterwards. Equal blocks are therefore built and
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
    input: tuple[int | str, ...] | None = None,
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
    if entry.name in declared_entries:
        raise ValueError(f"{entry.name} is in the catalog twice")
    declared_entries[entry.name] = entry


def _summary(cls: type) -> str:
    return (cls.__doc__ or "").strip().split("\n\n")[0].replace("\n", " ")
