"""What formulas need to know of a traced network, and of the function that traces one.

:mod:`blocks.analysis` fits both protocols and hands itself in: it imports the formulas, so they cannot import it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from torch import nn

from blocks.formulas.formula import Formula
from blocks.formulas.symbols import Symbols
from blocks.trace.graph import Graph


class Traced(Protocol):
    """A traced network of the catalog, such as :class:`blocks.analysis.Analysis`."""

    @property
    def graph(self) -> Graph:
        """The trace."""

    @property
    def network(self) -> nn.Module:
        """The module that was traced."""

    @property
    def name(self) -> str:
        """Its name in the catalog."""

    @property
    def knobs(self) -> Mapping[str, Any] | None:
        """Its knobs' values."""

    @property
    def input_shape(self) -> tuple[int, ...]:
        """The input's shape, batch first."""

    @property
    def dtype(self) -> str:
        """Type of the numbers, such as "float32"."""

    @property
    def training(self) -> bool:
        """Whether it was traced in training mode."""

    @property
    def symbols(self) -> Symbols | None:
        """The symbols of a symbolic trace."""

    @property
    def params(self) -> int:
        """Parameters."""

    @property
    def macs(self) -> int:
        """Multiply-accumulates."""

    @property
    def flops(self) -> int:
        """Floating-point operations."""

    def formula(self, of: str) -> Formula:
        """The formula of one count; the trace must be symbolic."""


class Analyse(Protocol):
    """Traces a network by its name in the catalog: :func:`blocks.analysis.analyse`."""

    def __call__(self, network: str, input_shape: tuple[int, ...], *, dtype: str, training: bool, symbolic: bool = False, **knobs: object) -> Traced: ...
