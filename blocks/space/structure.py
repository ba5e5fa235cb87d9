"""One network's structure with its sizes left open: the figures of every variant that goes the same way through its code."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from blocks import catalog
from blocks.analysis import Analysis, analyse
from blocks.cost.memory import allocations
from blocks.cost.table import operations
from blocks.formulas.symbols import OF_INPUT, Symbols, size_places
from blocks.knobs import KnobError
from blocks.space.program import EXACT, ArrayProgram, CompiledConditions
from blocks.trace.build import build_bare
from blocks.trace.graph import Graph
from blocks.trace.symbolic import is_symbolic, plain, recording, roundings_kept, term_of

#: What a variant is counted for, by the names of :class:`blocks.analysis.Analysis`.
COUNTED_FIGURES = ("params", "macs", "flops", "bytes_moved", "peak_memory")

#: Columns of an estimate on a device, in seconds: the time of one picture, and its 90 % interval.
DEVICE_COLUMNS = ("device_time", "device_low", "device_high")


def figures_of(analysis: Analysis) -> tuple[int, ...]:
    """The figures of one trace, in the order of :data:`COUNTED_FIGURES`."""
    return tuple(getattr(analysis, f) for f in COUNTED_FIGURES)


class NotSymbolic(Exception):
    """The network could not be traced with symbols; it has to be counted one variant at a time."""


def values_of(symbols: Symbols, settings: Sequence[Mapping[str, Any]], shapes: Sequence[Sequence[int]]) -> dict[str, np.ndarray]:
    """The symbols' values for each variant, an array a symbol."""
    places = size_places(len(shapes[0]))
    found: dict[str, np.ndarray] = {}
    for name, (argument, place) in symbols.arguments.items():
        if argument in settings[0]:
            column = [s[argument] if place is None else s[argument][place] for s in settings]
            kind = float if isinstance(symbols.values[name], float) else np.int64
        else:
            column, kind = [shape[places[argument.removeprefix(OF_INPUT)]] for shape in shapes], np.int64
        found[name] = np.asarray(column, dtype=kind)
    return found


class Structure:
    """A symbolic trace at one variant, compiled. ``own`` are that variant's figures, counted by the trace itself."""

    def __init__(self, name: str, settings: Mapping[str, object], shape: Sequence[int], dtype: str, training: bool) -> None:
        with roundings_kept():
            self.analysis = analyse(name, tuple(shape), dtype=dtype, training=training, symbolic=True, **settings)
        if self.analysis.symbols is None:
            raise NotSymbolic(name)
        self.symbols = self.analysis.symbols
        self.own = figures_of(self.analysis)
        self._conditions = CompiledConditions(self.analysis.conditions)
        self._program = ArrayProgram()
        self._compile(self.analysis.graph)

    def _compile(self, graph: Graph) -> None:
        add = self._program.add
        counted = {n.index for n in operations(graph)}
        self._params = add(term_of(graph.params))
        self._nodes = [(add(term_of(n.macs)), add(term_of(n.flops)), add(term_of(n.reads)), add(term_of(n.writes)), n.index in counted) for n in graph.nodes]
        self._outputs = [tuple(tuple(add(term_of(s)) for s in shape) for shape in n.outputs) for n in graph.nodes]
        self._node_params = [add(term_of(n.params)) for n in graph.nodes]
        self._attrs = [{k: self._compiled(v) for k, v in n.attrs.items()} for n in graph.nodes]
        self._places = [self._compiled(n.places) for n in graph.nodes]
        self._memory = [
            ([add(term_of(s)) for s in taken.shape], taken.itemsize, taken.born, taken.dies) for taken in allocations(graph, self.analysis.training)
        ]

    def _compiled(self, value: Any) -> Any:
        """A setting of an operation as a function of the numbers that the program gives."""
        if isinstance(value, (tuple, list)):
            parts = [self._compiled(v) for v in value]
            return lambda numbers: tuple(part(numbers) for part in parts)
        if isinstance(value, dict):
            named = {k: self._compiled(v) for k, v in value.items()}
            return lambda numbers: {k: part(numbers) for k, part in named.items()}
        if isinstance(value, slice):
            bounds = self._compiled((value.start, value.stop, value.step))
            return lambda numbers: slice(*bounds(numbers))
        if is_symbolic(value):
            place = self._program.add(value.term)
            return lambda numbers: type(plain(value))(numbers[place])
        return lambda _: value

    def values(self, settings: Sequence[Mapping[str, object]], shapes: Sequence[Sequence[int]]) -> dict[str, np.ndarray]:
        """The symbols' values for each variant, an array a symbol."""
        return values_of(self.symbols, settings, shapes)

    def hold(self, values: Mapping[str, np.ndarray], rows: int) -> np.ndarray:
        """Which variants have this structure."""
        return self._conditions.hold(values, rows)

    def figures(self, values: Mapping[str, np.ndarray], rows: int) -> tuple[np.ndarray, np.ndarray]:
        """Figures (rows x :data:`COUNTED_FIGURES`, whole numbers), and a mask of the rows in which they are exact."""
        made, fine = self._program.run(values, rows)
        columns = [made[self._params], *self._sums(made, rows), self._peak(made, rows)]
        table = np.stack([np.broadcast_to(np.asarray(c, dtype=float), (rows,)) for c in columns], axis=1)
        fine &= np.all((table == np.floor(table)) & (table >= 0) & (table < EXACT), axis=1)
        return np.where(fine[:, None], table, 0).astype(np.int64), fine

    def _sums(self, made: list[np.ndarray], rows: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        macs, flops, moved = np.zeros(rows), np.zeros(rows), np.zeros(rows)
        for m, f, reads, writes, is_operation in self._nodes:
            macs, flops = macs + made[m], flops + made[f]
            if is_operation:
                moved = moved + made[reads] + made[writes]
        return macs, flops, moved

    def _peak(self, made: list[np.ndarray], rows: int) -> np.ndarray:
        """As :func:`blocks.cost.memory.peak_memory`, for all variants at once."""
        alive, most = np.zeros(rows), np.zeros(rows)
        dying: dict[int, list[np.ndarray]] = {}
        last = 0
        for shape, itemsize, born, dies in self._memory:
            if born != last:
                most = np.maximum(most, alive)
                for node in range(last, born):
                    for gone in dying.pop(node, ()):
                        alive = alive - gone
                last = born
            size = np.full(rows, float(itemsize))
            for dimension in shape:
                size = size * made[dimension]
            alive = alive + size
            dying.setdefault(dies, []).append(size)
        return np.maximum(most, alive)

    def analysis_at(self, settings: Mapping[str, object], shape: Sequence[int]) -> Analysis | None:
        """The analysis of one variant: this trace's graph with that variant's numbers in it. None where it has another structure.

        Its ``network`` is the module that was traced, not the variant's own.
        """
        values = self.values([settings], [shape])
        if not self.hold(values, 1)[0]:
            return None
        made, fine = self._program.run(values, 1)
        if not fine[0]:
            return None
        numbers = [m.reshape(-1)[0].item() for m in made]
        graph = self.analysis.graph
        nodes = [
            replace(
                node,
                outputs=tuple(tuple(int(numbers[d]) for d in shape) for shape in self._outputs[i]),
                macs=int(numbers[m]),
                flops=int(numbers[f]),
                reads=int(numbers[r]),
                writes=int(numbers[w]),
                params=int(numbers[self._node_params[i]]),
                attrs={k: part(numbers) for k, part in self._attrs[i].items()},
                places=self._places[i](numbers),
            )
            for i, (node, (m, f, r, w, _)) in enumerate(zip(graph.nodes, self._nodes, strict=True))
        ]
        plain_graph = replace(graph, nodes=nodes, params=int(numbers[self._params]))
        return Analysis(plain_graph, tuple(shape), self.analysis.dtype, self.analysis.training, self.analysis.network, self.analysis.name)


class Refusal:
    """A combination of knobs that the constructor refuses: every variant that takes the same way to the same rule is refused too."""

    def __init__(self, name: str, settings: Mapping[str, object], shape: Sequence[int]) -> None:
        entry = catalog.entry(name)
        self.symbols = Symbols.of(entry, settings, shape)
        self.error = ""
        with roundings_kept(), recording() as found:
            try:
                build_bare(lambda: entry.cls(**self.symbols.knobs))
            except KnobError as error:
                self.error = str(error)
        self._conditions = CompiledConditions(tuple(found))

    def hold(self, settings: Sequence[Mapping[str, object]], shapes: Sequence[Sequence[int]]) -> np.ndarray:
        """Which variants are refused by this rule; none where the constructor refuses nothing or the rule was met without a comparison."""
        if not self.error or not self._conditions.tests:
            return np.zeros(len(settings), dtype=bool)
        return self._conditions.hold(values_of(self.symbols, settings, shapes), len(settings))
