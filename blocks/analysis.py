"""``analyse``: one trace of a network, and everything that is read from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from math import prod
from typing import Any

import pandas as pd
import torch
from torch import Tensor, nn

from blocks import catalog
from blocks.cost import backward, memory, parameters, receptive_field, table
from blocks.cost.fields.walk import Unknown
from blocks.cost.largest_batch import LargestBatch, find_largest_batch, with_batch
from blocks.cost.memory import NOT_AGAIN, Again
from blocks.cost.recompute import RecomputePlan, recompute_plan
from blocks.cost.training import TrainingMemory, check_optimizer, training_memory
from blocks.formulas.block_types import BlockType, block_types
from blocks.formulas.formula import COUNTED, Formula, derive
from blocks.formulas.recount import Recount
from blocks.formulas.symbols import Symbols
from blocks.knobs import KnobError
from blocks.language import translatable
from blocks.trace.build import build_bare, on_meta
from blocks.trace.errors import NoRule, WrongSize
from blocks.trace.functions import is_autocast_on
from blocks.trace.graph import Graph, Node
from blocks.trace.inputs import check_sizes
from blocks.trace.run import trace
from blocks.trace.symbolic import Condition, is_symbolic, plain, recording

DTYPES = {"float64": 8, "float32": 4, "bfloat16": 2, "float16": 2, "int8": 1}
#: Those in which a network of the catalog is built; of int8 only the bytes are counted.
_TYPES = {name: getattr(torch, name) for name in DTYPES if name != "int8"}

#: A shape, or several for a network of several inputs, or shapes by argument name. A tensor may stand in the place of a
#: shape (its type is then the input's), and in a mapping other values are handed over as they are.
InputShape = Sequence[object] | Tensor | Mapping[str, object]


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

    ``name`` and ``knobs`` are set when the network came from the catalog; ``network`` is the module that was traced;
    ``given`` are its inputs as they were handed in.
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
    given: InputShape | None = None

    @cached_property
    def params(self) -> int:
        """Parameters of the network, each counted once, whether the trace used it or not."""
        return plain(self.graph.params)

    @cached_property
    def trainable_params(self) -> int:
        """Of the parameters those that get a gradient: all but the frozen ones."""
        return parameters.trainable(self.network)

    @cached_property
    def unused_parameters(self) -> tuple[str, ...]:
        """Names of the parameters that ``forward`` never read: a head of training alone, a forgotten layer."""
        return parameters.unused(self.network, self.graph)

    @cached_property
    def hidden_layers(self) -> tuple[parameters.HiddenLayer, ...]:
        """Layers in plain lists, which torch does not know: their parameters are not counted, their operations are."""
        return parameters.hidden_layers(self.network)

    @cached_property
    def notes(self) -> list[str]:
        """Sentences on what a reader of the figures should know: parameters that are frozen or unused, layers that torch does not know of."""
        return parameters.notes(self.params, self.trainable_params, self.unused_parameters, self.hidden_layers)

    @cached_property
    def macs(self) -> int:
        """Multiply-accumulates of convolutions, linear layers and matrix products (attention's two products included)."""
        return sum(plain(n.macs) for n in self.graph.nodes)

    @cached_property
    def flops(self) -> int:
        """2·MACs plus every other arithmetic operation, by the rule of its kind (:mod:`blocks.trace.rules`)."""
        return sum(plain(n.flops) for n in self.graph.nodes)

    @cached_property
    def backward_macs(self) -> int:
        """Multiply-accumulates of the backward pass: of the products that give the gradients of inputs and weights that need one."""
        return backward.backward_macs(self.graph)

    @cached_property
    def backward_flops(self) -> int:
        """2·MACs of the backward pass plus every other arithmetic operation of it, by the rules of :mod:`blocks.cost.backward`."""
        return backward.backward_flops(self.graph)

    @cached_property
    def bytes_moved(self) -> int:
        """Bytes that the operations read (inputs, weights) and write, summed over operations."""
        return sum(plain(n.reads) + plain(n.writes) for n in table.operations(self.graph))

    @cached_property
    def peak_memory(self) -> int:
        """Most bytes of activations alive at once in a forward pass; where it was traced for training, with what the backward pass keeps."""
        return memory.peak_memory(self.graph, self.training)

    @cached_property
    def saved_memory(self) -> int:
        """Bytes that the backward pass keeps: what autograd saves, each memory once, parameters and buffers left out."""
        return memory.saved_memory(self.graph)

    @cached_property
    def activation_memory(self) -> int:
        """Bytes of all activations that a forward pass makes, each memory once, whether they are alive at once or not."""
        return sum(taken.size for taken in memory.allocations(self.graph))

    def training_memory(self, optimizer: str = "adam") -> TrainingMemory:
        """Weights, gradients, optimizer state, saved tensors and the peak of one training step with "sgd", "momentum", "adam" or "adamw".

        Raises :class:`KnobError` for another optimizer, or where the network was not traced for training.
        """
        self._check_step(optimizer)
        return self._step(optimizer)

    def _check_step(self, optimizer: str) -> None:
        check_optimizer(optimizer)
        if not self.training:
            raise KnobError("training", False, "the memory of a training step needs a trace in training mode", [True])

    def _step(self, optimizer: str, again: Again = NOT_AGAIN) -> TrainingMemory:
        weights = {name: self._bytes(p) for name, p in self.network.named_parameters()}
        return training_memory(self.graph, weights, sum(map(self._bytes, self.network.buffers())), optimizer, again)

    def recompute_plan(self, memory: int, optimizer: str = "adam") -> RecomputePlan:
        """Which blocks to checkpoint so that a training step with ``optimizer`` takes at most ``memory`` bytes, and the FLOPs that this costs.

        Raises :class:`KnobError` where no plan is small enough, for another optimizer, or where the network was not traced for training.
        """
        self._check_step(optimizer)

        def measure(again: Again) -> tuple[int, int]:
            step = self._step(optimizer, again)
            return step.saved, step.peak

        return recompute_plan(self.graph, memory, measure)

    def _bytes(self, tensor: Tensor) -> int:
        """Bytes of one of the network's own tensors, in the type that it is counted in."""
        return prod(map(plain, tensor.shape)) * (self._float32_bytes if tensor.dtype == torch.float32 else tensor.itemsize)

    @cached_property
    def _float32_bytes(self) -> int:
        return DTYPES[_counted_as(self.dtype, self.network)]

    def needed_memory(self, optimizer: str = "adam") -> int:
        """Bytes of one pass with its weights and buffers: where it was traced for training, the peak of a step with ``optimizer``; else that of inference.

        Left out: workspace of libraries, what an allocator holds in reserve.
        """
        if self.training:
            return self.training_memory(optimizer).peak
        return sum(map(self._bytes, chain(self.network.parameters(), self.network.buffers()))) + self.peak_memory

    def largest_batch(self, memory: int, *, training: bool | None = None, optimizer: str = "adam") -> LargestBatch:
        """The largest batch whose :meth:`needed_memory` is at most ``memory`` bytes; ``training`` is the trace's own unless given.

        The network is traced again at a few batches; the batch found fits, and one more does not. Raises :class:`KnobError` for an unknown optimizer, a memory
        below one byte, or inputs that are tensors.
        """
        check_optimizer(optimizer)
        mode = self.training if training is None else training
        return find_largest_batch(lambda batch: self._at_batch(batch, mode).needed_memory(optimizer), memory)

    def _at_batch(self, batch: int, training: bool) -> Analysis:
        """The same network traced on another batch."""
        if self.name and not catalog.is_address(self.name):
            return analyse(self.name, (batch, *self.input_shape[1:]), dtype=self.dtype, training=training, **(self.knobs or {}))
        given = self.input_shape if self.given is None else self.given
        return analyse(self.network, with_batch(given, self.input_shape[0], batch), dtype=self.dtype, training=training)

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
        """One row per operation."""
        return table.operation_table(self.graph, self._fields)

    @property
    def receptive_fields(self) -> dict[int, receptive_field.FieldPair]:
        """(vertical, horizontal) receptive field of each operation, by node index; of a signal one, of a volume three.

        Operations whose field is unknown are in :attr:`unknown_fields`."""
        return self._fields.found

    @property
    def unknown_fields(self) -> dict[int, Unknown]:
        """Why a receptive field is unknown, by node index."""
        return self._fields.unknown

    @cached_property
    def _fields(self) -> receptive_field.FieldsRead:
        return receptive_field.read_fields(self.graph)

    def by_stage(self) -> pd.DataFrame:
        """Sums by stage."""
        return table.totals_by_stage(self.graph)

    def by_kind(self) -> pd.DataFrame:
        """Sums by kind of operation."""
        return table.totals_by_kind(self.graph)

    @cached_property
    def not_counted(self) -> list[Uncounted]:
        """Operations that had no rule: their shapes are right, their costs are missing from the totals."""
        return [Uncounted(n.op, self.graph.label(n), _no_rule(n)) for n in self.graph.nodes if not n.counted]

    @cached_property
    def by_sizes(self) -> Analysis:
        """The same network traced again with symbols for the input's sizes alone: its formulas are functions of the input.

        Raises ValueError for a network that is not from the catalog.
        """
        if not self.name:
            raise ValueError("only a network of the catalog says which sizes of its input are free")
        entry, settings = catalog.entry(self.name), dict(self.knobs or {})
        symbols = Symbols.of(entry, settings, self.input_shape, sizes_only=True)
        with recording() as conditions:
            # Where the picture's side is one of the knobs, the network is built with it.
            anew = any(map(is_symbolic, symbols.knobs.values()))
            net = build_bare(lambda: catalog.make(entry, symbols.knobs), _TYPES.get(self.dtype)) if anew else self.network
            again = _trace(net, symbols.input_shape, self.dtype, self.training, bare=True, ours=True)
        again.name, again.knobs, again.symbols, again.conditions = self.name, settings, symbols, tuple(conditions)
        return again

    def block_types(self) -> list[BlockType]:
        """The formulas by type of block, with the table of where each stands in the network."""
        return block_types(self, catalog.blocks_by_class(), analyse)

    def formula(self, of: str) -> Formula:
        """The formula of "params", "macs", "flops", "saved_memory", "activation_memory" or "peak_memory"; the analysis must be symbolic.

        The peak is a maximum: its formula is what is alive at the operation where the peak is met, and holds while the peak stays there.

        Raises ValueError for another quantity or a trace without symbols.
        """
        if of not in COUNTED:
            raise ValueError(f"of = {of!r}: must be {', '.join(COUNTED[:-1])} or {COUNTED[-1]}")
        if self.symbols is None:
            raise ValueError("this trace has numbers only: analyse(name, symbolic=True) derives formulas")
        return derive(self.graph, of, self.symbols, self.conditions, getattr(self, of), Recount.of(self, catalog.entry(self.name), analyse))


def analyse(
    network: str | nn.Module,
    input_shape: InputShape | None = None,
    *,
    dtype: str = "float32",
    training: bool = False,
    symbolic: bool = False,
    **knobs: object,
) -> Analysis:
    """Trace ``network`` (a catalog name, built bare with ``knobs``, or any module) on ``input_shape``.

    ``input_shape`` is batch first; a module of several inputs takes a list of shapes or a mapping by argument name; a name
    uses its preset's. A module is traced in eval mode unless ``training``, and left as it was. With ``symbolic`` the
    numeric knobs and the input's sizes carry symbols, for :meth:`Analysis.formula`.

    Raises :class:`KnobError` for a bad knob or name, :class:`~blocks.trace.errors.TraceError` where the network cannot run on that input (its
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
    try:
        return _trace(network, input_shape, dtype, training, ours=_is_ours(network) and not is_autocast_on())
    except NoRule:  # something that a shape proxy cannot do: a fake tensor can
        return _trace(network, input_shape, dtype, training)


def _analyse_name(name: str, input_shape: InputShape | None, dtype: str, training: bool, symbolic: bool, knobs: dict[str, object]) -> Analysis:
    entry = catalog.entry(name)
    settings = catalog.settings(name, **knobs)
    numbers = tuple(input_shape) if input_shape is not None and not isinstance(input_shape, Mapping) else catalog.input_shape(name, **knobs)
    with _sizes_said():
        check_sizes(numbers)
    if catalog.is_address(name):  # a third-party constructor
        analysis = _trace(built_somehow(entry, settings), numbers, dtype, training, bare=True)
        analysis.name, analysis.knobs = name, settings
        return analysis
    symbols = Symbols.of(entry, settings, numbers) if symbolic else None
    with recording() as conditions:
        try:
            if is_autocast_on() and not symbolic:
                raise NoRule("autocast")  # only torch knows what it copies
            net = build_bare(lambda: catalog.make(entry, symbols.knobs if symbols else settings), _TYPES.get(dtype))
            analysis = _trace(net, symbols.input_shape if symbols else numbers, dtype, training, bare=True, ours=True)
        except NoRule:  # something that bare building or a proxy cannot do: real meta tensors can, without symbols
            symbols = None
            analysis = _trace(_built_on_meta(entry, settings), numbers, dtype, training, bare=True)
    analysis.name, analysis.knobs = name, settings
    if symbols is not None:
        analysis.symbols, analysis.conditions = symbols, tuple(conditions)
    return analysis


def built_somehow(entry: catalog.Entry, settings: Mapping[str, object]) -> nn.Module:
    """A network whose constructor nobody here has seen: on the meta device, or for real where it needs values."""
    try:
        return _built_on_meta(entry, settings)
    except KnobError:
        raise
    except Exception:  # whatever a third-party constructor raises on tensors without values
        try:
            return catalog.make(entry, settings)
        except KnobError:
            raise
        except Exception as error:
            raise KnobError("name", entry.name, f"cannot be built ({type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''})") from error


def _built_on_meta(entry: catalog.Entry, settings: Mapping[str, object]) -> nn.Module:
    with on_meta():
        return catalog.make(entry, settings)


@contextmanager
def _sizes_said() -> Iterator[None]:
    """A wrong size, as an error of the argument ``input_shape``."""
    try:
        yield
    except WrongSize as error:
        raise KnobError("input_shape", error.shape, f"size {error.where} must be a whole number of at least 1", [error.nearest]) from None


def _no_rule(node: Node) -> str:
    """Why an operation is not counted, and what can be done about it."""
    name = node.attrs.get("uncounted", "")
    if "::" not in name or name.startswith("aten::"):
        return "it has no counting rule"
    return translatable(f'it has no counting rule; @rule("{name}") gives it one, a function of its arguments that returns Out(macs=..., flops=...)')


def _is_ours(network: nn.Module) -> bool:
    """Whether a network is the catalog's, built by it or by hand, and no module in it is anybody else's."""
    parts = ("blocks.families.", "blocks.layers.", "torch.nn.modules.")
    return type(network).__module__.startswith(parts[0]) and all(type(m).__module__.startswith(parts) for m in network.modules())


def _counted_as(dtype: str, network: nn.Module) -> str:
    """What float32 stands for: ``dtype`` where the weights are float32; a network of another type says itself what is which."""
    weights = next((p.dtype for p in network.parameters() if p.dtype.is_floating_point), torch.float32)
    return dtype if weights == torch.float32 else "float32"


def _trace(network: nn.Module, input_shape: InputShape, dtype: str, training: bool, bare: bool = False, ours: bool = False) -> Analysis:
    counted = _counted_as(dtype, network)
    with _sizes_said():
        graph, shape = trace(network, input_shape, counted, DTYPES[counted], training, bare, ours)
    return Analysis(graph, shape, dtype, training, network, given=input_shape)
