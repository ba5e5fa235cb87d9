"""What the catalog knows of a name: its class, its family, its papers, its defaults."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

from torch import nn

from blocks.knobs import Knob, knobs_of


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
    input: tuple[int | str, ...]
    defaults: Mapping[str, object] = field(default_factory=dict)
    equals: str = ""
    title: str = ""

    @property
    def knobs(self) -> tuple[Knob, ...]:
        """The class's knobs with this entry's defaults."""
        cls: object = self.cls  # to mypy a class is not hashable where its instances are not
        return _with_defaults(cls, tuple(self.defaults.items()))


@cache
def _with_defaults(cls: Any, defaults: tuple[tuple[str, object], ...]) -> tuple[Knob, ...]:
    """The knobs of ``cls``, none required: reading an address asks for them many times."""
    given = dict(defaults)
    return tuple(replace(k, default=given.get(k.name, k.default), required=False) for k in knobs_of(cls))
