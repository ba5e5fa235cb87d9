"""``analyse``: one trace of a network, and everything that is read from it."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import pandas as pd
import torch
from torch import Tensor, nn

from blocks import catalog
from blocks.blocktypes import BlockType, block_types
from blocks.cost import memory, receptive, table
from blocks.cost.formula import Formula, derive
from blocks.cost.symbols import Symbols
from blocks.knobs import KnobError
from blocks.probe import Probe
from blocks.trace.build import build_bare, on_meta
from blocks.trace.errors import NoRule, TraceError
from blocks.trace.graph import Graph
from blocks.trace.proxy import Proxy
from blocks.trace.symbolic import Condition, plain, recording
from blocks.trace.tracer import Tracer, followed, graph_of

DTYPES = {"float64": 8, "float32": 4, "bfloat16": 2, "float16": 2, "int8": 1}

#: A shape, or several for a network of several inputs, or shapes by argument name.
InputShape = Sequence[Any] | Mapping[str, Sequence[int]]


@dataclass(frozen=True, slots=True)
class Uncounted:
    """An operation whose costs are not in the totals."""

    op: str
    module: str
    reason: str

    def __str__(self) -> str:
        return f"{self.op} in {self.module or 'the network'}: {self.reason}"


@dataclass
class Analysis:
    """What one trace says. Counts are for the shown batch; bytes for the chosen dtype; see DESIGN's conventions.

    ``name`` and ``knobs`` are set when the network came from the catalog; ``network`` is the module that was traced.
    """

    graph: Graph
    input_shape: tuple[int, ...]
    dtype: str
    training: bool
    network: nn.Module
    name: str = ""
    knobs: Mapping[str, Any] | None = None
    symbols: Symbols | None = None
    conditions: tuple[Condition, ...] = ()

    @cached_property
    def params(self) -> int:
        """Parameters of the network, each counted once, whether the trace used it or not."""
        return plain(self.graph.params)

    @cached_property
    def macs(self) -> int:
        """Multiply-accumulates of convolutions, linear layers and matrix products (attention's two products included)."""
        return sum(plain(n.macs) for n in self.graph.nodes)

    @cached_property
    def flops(self) -> int:
        """2·MACs plus every other arithmetic operation, by the rule of its kind (:mod:`blocks.trace.rules`)."""
        return sum(plain(n.flops) for n in self.graph.nodes)

    @cached_property
    def bytes_moved(self) -> int:
        """Bytes that the operations read (inputs, weights) and write, each operation by itself."""
        return sum(plain(n.reads) + plain(n.writes) for n in table.operations(self.graph))

    @cached_property
    def peak_memory(self) -> int:
        """Most bytes of activations alive at once: for inference, or for training where it was traced so."""
        return memory.peak_memory(self.graph, self.training)

    @property
    def intensity(self) -> float:
        """FLOPs a byte moved."""
        return self.flops / self.bytes_moved if self.bytes_moved else 0.0

    @property
    def output_shape(self) -> tuple[int, ...]:
        """Shape of the (first) output."""
        return next((tuple(map(plain, n.shape)) for n in self.graph.nodes if n.kind == "output"), ())

    @cached_property
    def table(self) -> pd.DataFrame:
        """A row an operation."""
        return table.table(self.graph)

    @cached_property
    def receptive_fields(self) -> dict[int, receptive.Fields]:
        """(vertical, horizontal) receptive field of each operation, by node index."""
        return receptive.receptive_fields(self.graph)

    def by_stage(self) -> pd.DataFrame:
        """Sums by stage."""
        return table.by_stage(self.graph)

    def by_kind(self) -> pd.DataFrame:
        """Sums by kind of operation."""
        return table.by_kind(self.graph)

    @cached_property
    def not_counted(self) -> list[Uncounted]:
        """Operations that had no rule: their shapes are right, their costs are missing from the totals."""
        return [Uncounted(n.op, self.graph.label(n), "it has no counting rule") for n in self.graph.nodes if not n.counted]

    def block_types(self) -> list[BlockType]:
        """The formulas by type of block, with the table of where each stands in the network."""
        return block_types(self)

    def formula(self, of: str) -> Formula:
        """The formula of "params", "macs" or "flops"; the analysis must be symbolic.

        Raises ValueError for another quantity or a trace without symbols.
        """
        if of not in ("params", "macs", "flops"):
            raise ValueError(f"of = {of!r}: must be params, macs or flops")
        if self.symbols is None:
            raise ValueError("this trace has numbers only: analyse(name, symbolic=True) derives formulas")
        return derive(self.graph, of, self.symbols, self.conditions, getattr(self, of), Probe.of(self))


def analyse(
    network: str | nn.Module,
    input_shape: InputShape | None = None,
    *,
    dtype: str = "float32",
    training: bool = False,
    symbolic: bool = False,
    **knobs: Any,
) -> Analysis:
    """Trace ``network`` (a catalog name, built bare with ``knobs``, or any module) on ``input_shape``.

    ``input_shape`` is batch first; a module of several inputs takes a list of shapes or a mapping by argument name; a name
    uses its preset's. A module is traced in eval mode unless ``training``, and left as it was. With ``symbolic`` the
    numeric knobs and the input's sizes carry symbols, for :meth:`Analysis.formula`.

    Raises :class:`KnobError` for a bad knob or name, :class:`TraceError` where the network cannot run on that input (its
    ``graph`` is the part that could be traced), ValueError for an unknown dtype.
    """
    if dtype not in DTYPES:
        raise KnobError("dtype", dtype, f"must be one of {', '.join(DTYPES)}", ["float32"])
    if isinstance(network, str):
        return _analyse_name(network, input_shape, dtype, training, symbolic, knobs)
    if knobs:
        raise KnobError(next(iter(knobs)), next(iter(knobs.values())), "knobs go with a name of the catalog; this is a module that is built already")
    if input_shape is None:
        raise KnobError("input_shape", None, "a module needs the shape of its input, such as (1, 3, 224, 224)", [(1, 3, 224, 224)])
    with _left_as_it_was(network):
        return _trace(network, input_shape, dtype, training)


@contextmanager
def _left_as_it_was(network: nn.Module) -> Iterator[None]:
    """Give every module of ``network`` back what it held: modes, caches that forward fills, attributes that it sets."""
    held = [(m, dict(m.__dict__), [(v, v.copy()) for v in m.__dict__.values() if isinstance(v, (dict, list, set))]) for m in network.modules()]
    try:
        yield
    finally:
        for module, attributes, containers in held:
            module.__dict__.clear()
            module.__dict__.update(attributes)
            for container, content in containers:
                container.clear()
                container.extend(content) if isinstance(container, list) else container.update(content)


def _analyse_name(name: str, input_shape: InputShape | None, dtype: str, training: bool, symbolic: bool, knobs: dict[str, Any]) -> Analysis:
    entry = catalog.entry(name)
    settings = catalog.settings(name, **knobs)
    numbers = tuple(input_shape) if input_shape is not None and not isinstance(input_shape, Mapping) else catalog.input_shape(name, **knobs)
    _check_sizes(numbers)
    symbols = Symbols.of(entry, settings, numbers) if symbolic else None
    with recording() as conditions:
        try:
            net = build_bare(lambda: catalog.make(entry, symbols.knobs if symbols else settings))
            analysis = _trace(net, symbols.input_shape if symbols else numbers, dtype, training)
        except NoRule:  # something that bare building or a proxy cannot do: real meta tensors can, without symbols
            symbols = None
            analysis = _trace(_built_on_meta(entry, settings), numbers, dtype, training)
    analysis.name, analysis.knobs = name, settings
    if symbols is not None:
        analysis.symbols, analysis.conditions = symbols, tuple(conditions)
    return analysis


def _built_on_meta(entry: catalog.Entry, settings: Mapping[str, Any]) -> nn.Module:
    with on_meta():
        return catalog.make(entry, settings)


def _check_sizes(shape: Sequence[Any]) -> None:
    for i, size in enumerate(shape):
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise KnobError(
                "input_shape",
                tuple(shape),
                f"size {i} must be a whole number of at least 1",
                [tuple(max(1, int(s)) if isinstance(s, (int, float)) else 1 for s in shape)],
            )


def _trace(network: nn.Module, input_shape: InputShape, dtype: str, training: bool) -> Analysis:
    tracer = Tracer(itemsize=DTYPES[dtype])
    modes = [(m, m.training) for m in network.modules()]
    params = _track(network, tracer)
    shapes, positional, by_name = _inputs(network, input_shape)
    try:
        for module, _ in modes:
            module.__dict__["training"] = training
        with followed(network, tracer), tracer:
            for proxy in [*positional, *by_name.values()]:
                tracer._append("input", "input", (), (proxy,), proxy.dtype)
            result = network(*positional, **by_name)
            _finish(tracer, result)
    except TraceError as error:
        error.graph = graph_of(tracer, params, str(error))  # type: ignore[attr-defined]
        raise
    finally:
        for module, mode in modes:
            module.__dict__["training"] = mode
    return Analysis(graph_of(tracer, params), tuple(plain(shapes[0])), dtype, training, network)


def _track(network: nn.Module, tracer: Tracer) -> Any:
    """Make every parameter and buffer known by its name; returns the number of parameters."""
    params: Any = 0
    for name, parameter in network.named_parameters():
        if type(parameter) is Proxy:
            parameter.name = name
        else:
            proxy = tracer.tracked[id(parameter)] = Proxy(parameter.shape, parameter.dtype, name)
            proxy._is_param = True
        params = params + parameter.numel()
    for name, buffer in network.named_buffers():
        if type(buffer) is Proxy:
            buffer.name = name
        else:
            tracer.tracked[id(buffer)] = Proxy(buffer.shape, buffer.dtype, name)
    return params


def _inputs(network: nn.Module, given: InputShape) -> tuple[list[Any], list[Proxy], dict[str, Proxy]]:
    if isinstance(given, Mapping):
        named = {k: Proxy(v, _input_dtype(k)) for k, v in given.items()}
        return list(given.values()), [], named
    shapes = [given] if not given or not isinstance(given[0], (tuple, list)) else list(given)
    names = list(inspect.signature(network.forward).parameters)
    return shapes, [Proxy(s, _input_dtype(names[i] if i < len(names) else "")) for i, s in enumerate(shapes)], {}


def _input_dtype(argument: str) -> torch.dtype:
    return torch.int64 if argument in ("input_ids", "token_ids", "ids", "tokens") else torch.float32


def _finish(tracer: Tracer, result: Any) -> None:
    """Write down what the network returned: tensors in tuples, lists, dicts or objects with fields."""
    if isinstance(result, Tensor):
        if type(result) is Proxy and result.node >= 0:
            node = tracer._append("output", "output", (result,), (), result.dtype)
            node.outputs, node.reads, node.scope, node.alias = (tuple(result.shape),), 0, -1, result.ref
    elif isinstance(result, Mapping):
        for value in result.values():
            _finish(tracer, value)
    elif isinstance(result, (tuple, list)):
        for value in result:
            _finish(tracer, value)
