"""What a trace writes down: operations and module calls, with the cost that each operation's rule gave."""

from __future__ import annotations

import math
import weakref
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

from blocks.trace.errors import TraceError, first_line
from blocks.trace.functions import AUTOCAST, autocast_dtype, is_autocast_on
from blocks.trace.graph import WEIGHT, Call, Extra, Graph, Node, Ref, Shape
from blocks.trace.proxy import CURRENT, Proxy, Storage
from blocks.trace.rules import OUTPUT, Out, Rule, When
from blocks.trace.rules.elementwise import KEEP_RESULT_IN_PLACE
from blocks.trace.symbolic import are_roundings_kept, plain

_FREE = Out()  # costs nothing


_ITEMSIZES = {dtype: dtype.itemsize for dtype in vars(torch).values() if isinstance(dtype, torch.dtype)}


class Progress(NamedTuple):
    """How much is written down: nodes, calls, tensors given another origin, real tensors met or overwritten; and the call that is running."""

    nodes: int
    calls: int
    moved: int
    held: int
    scope: int


class Recorder:
    """The growing graph of one trace; ``dtype`` names what float32 stands for, at ``itemsize`` bytes an element."""

    def __init__(self, itemsize: int = 4, dtype: str = "float32") -> None:
        self.sizes = _ITEMSIZES | {torch.float32: itemsize}  # bytes an element
        # No formula is written of the bytes: their symbols are kept only where many variants are counted from one trace.
        self.symbolic_bytes = are_roundings_kept()
        self.names = {torch.float32: dtype}
        self.counted_as = (dtype, itemsize)
        self.floats = torch.float32  # the type of the network's weights: what its inputs must have
        self.nodes: list[Node] = []
        self.calls: list[Call] = []
        self.scope = -1
        self.times_called: dict[str, int] = {}
        self.counted_params: set[str] = set()
        self.trainable: set[str] = set()  # names of the parameters that get a gradient
        self.own: dict[int, tuple[Tensor, str, bool]] = {}  # the network's own real tensors by id: name, and whether it is a parameter
        self.tracked: dict[int, Proxy] = {}  # what stands for those of them that were met
        self.constants: dict[int, tuple[Tensor, Proxy]] = {}  # other real tensors, kept alive so that their ids stay their own
        self.fresh: set[int] = set()  # constants made inside forward
        self.overwritten: dict[int, tuple[Tensor, Tensor]] = {}  # the network's own tensors, with what they held
        self.broke: tuple[Exception, str] | None = None  # the error that ended a module's call, with the innermost module's path
        self.moved: list[tuple[weakref.ref[Proxy], int, int, bool]] = []  # what an in-place operation gave another origin, with the one before

    # --- Tensors ---------------------------------------------------------------------------------

    def constant(self, value: Tensor) -> Proxy:
        """The stand-in of a tensor that is no parameter or input."""
        held = self.constants.get(id(value))
        if held is None:
            if torch._C._functorch.peek_interpreter_stack() is not None:
                raise RuntimeError("a proxy cannot pass through torch.func's transforms")  # the network is run on fake tensors
            proxy = Proxy(value.shape, value.dtype)
            proxy.known = not value.is_meta
            held = self.constants[id(value)] = (value, proxy)
        return held[1]

    def stand_in(self, value: Any) -> Proxy:
        """What the trace knows of a tensor: a proxy itself, or what stands for a real one."""
        if type(value) is Proxy:
            return value
        known = self.tracked.get(id(value))
        if known is None:
            if id(value) not in self.own:
                return self.constant(value)
            _, name, is_param = self.own[id(value)]
            known = self.tracked[id(value)] = Proxy(value.shape, value.dtype, name)
            if is_param:
                known._is_param = True
        return known

    def move(self, proxy: Proxy, node: int, slot: int) -> None:
        """``proxy`` is what output ``slot`` of ``node`` wrote, from now on."""
        self.moved.append((weakref.ref(proxy), proxy.node, proxy.slot, proxy.known))
        proxy.node, proxy.slot = node, slot
        if proxy.known:
            proxy.known = False

    # --- Operations ------------------------------------------------------------------------------

    def write(self, rule: Rule, out: Out, found: Sequence[Proxy]) -> Any:
        """Write down an operation on ``found``; returns the proxies that it gives."""
        first = found[0]
        dtype = out.dtype or first.dtype
        if rule.kind in AUTOCAST and is_autocast_on() and rule.op != "embedding":
            dtype = autocast_dtype(dtype)
        several = type(out.shape) is list
        made = [Proxy(shape, dtype) for shape in (out.shape if several else (out.shape,))]
        node = self.append(out.op or rule.op, out.kind or rule.kind, found, made, out, out.view)
        if out.view:
            for proxy in made:
                proxy.dense = out.dense
            self.view(node, made, [first] * len(made))
        if out.strides is not None:
            for proxy, strides in zip(made, out.strides, strict=True):
                proxy.dense, proxy.strides = strides is None, strides
        return tuple(made) if several else made[0]

    def view(self, node: Node, made: Sequence[Proxy], seen: Sequence[Proxy]) -> None:
        """What ``node`` made looks at the memory of ``seen``."""
        for proxy, whole in zip(made, seen, strict=True):
            proxy.base = whole if whole.base is None else whole.base
        node.alias = seen[0].ref if seen[0].node >= 0 else WEIGHT

    def write_inplace(self, rule: Rule, out: Out, given: Any, found: Sequence[Proxy]) -> Any:
        """Write down an operation that overwrites ``given``; returns it."""
        target = self.stand_in(given)
        base = target.base
        if rule.op in KEEP_RESULT_IN_PLACE:
            out.saves = (OUTPUT,)
        node = self.append(out.op or rule.op, out.kind or rule.kind, found, [Proxy(target.shape, target.dtype)], out)
        node.alias = target.ref if target.node >= 0 else WEIGHT
        if out.saves:
            self._keep_overwritten(node, target)
        self.move(target, node.index, 0)
        if base is not None:  # reading the whole tensor from now on sees this write
            node.outputs = (*node.outputs, tuple(base.shape))
            self.move(base, node.index, 1)
        return given

    def append(self, op: str, kind: str, found: Sequence[Proxy], made: Sequence[Proxy], out: Out = _FREE, view: bool = False) -> Node:
        """Write down one operation that reads ``found`` and makes ``made``."""
        inputs, weights, reads, params = self._read(found)
        nodes = self.nodes
        index = len(nodes)
        shapes: tuple[Shape, ...] = ()
        until = [] if view else [0] * len(made)
        writes = 0
        sizes, symbolic = self.sizes, self.symbolic_bytes
        first = found[0] if found else None
        for slot, proxy in enumerate(made):
            shape = proxy.shape
            proxy.node = index
            if slot:
                proxy.slot = slot
            if not view:
                proxy.memory = Storage(nodes, until, slot)
            n = proxy.n = first.n if first is not None and shape is first.shape else math.prod(shape)
            shapes += (tuple(shape),)
            writes += (n if type(n) is int or symbolic else plain(n)) * sizes[proxy.dtype]
        macs, flops = out.macs, out.flops
        if type(macs) is not int or macs:  # asking a symbolic number would record a condition
            flops = 2 * macs + flops
        if out.unit:
            flops = flops + out.unit * made[0].n
        dtype = made[0].dtype if made else torch.float32
        again, between = plain(out.rereads), plain(out.rewrites)  # plain first: a formula does not hold only while they are not 0
        if again or between:
            reads += again * sizes[dtype]
            writes += between * sizes[dtype]
        places = out.places
        if places is not None and weights:  # which of the operands are inputs
            places = {**places, "operands": tuple([proxy.node >= 0 for proxy in found])}
        node = Node(
            index, op, kind, self.scope, inputs, shapes, self.names.get(dtype) or str(dtype)[6:], sizes[dtype], macs, flops, params,
            0 if view else reads, 0 if view else writes, out.attrs or {}, weights, None, out.counted, "", places, until,
            self._saved(out.saves, found) if out.saves else (), out.extras, self._products(out.products, found) if out.products else (),
            tuple([sizes[proxy.dtype] for proxy in made]) if len(made) > 1 and any(proxy.dtype is not dtype for proxy in made) else (),
        )  # fmt: skip
        nodes.append(node)
        return node

    def _saved(self, saves: tuple[Any, ...], found: Sequence[Proxy]) -> tuple[tuple[int, int | None], ...]:
        """What a rule says that the backward pass keeps, as :attr:`Node.saves` has it."""
        kept: list[tuple[int, int | None]] = []
        for entry in saves:
            when = None
            if type(entry) is When:
                entry, by = entry
                when = self._place(by, found)
                if when is None:
                    continue  # a number
            if entry is OUTPUT:
                kept.append((-1, when))
            elif type(entry) is not Proxy or entry.node >= 0:  # a weight needs no look
                place = 0 if entry is found[0] else self._place(entry, found)
                if place is not None and place >= 0:
                    kept.append((place, when))
        return tuple(kept)

    def _products(self, products: tuple[tuple[Any, int], ...], found: Sequence[Proxy]) -> tuple[tuple[int | None, int], ...]:
        """The backward pass's products as :attr:`Node.products` has them; numbers have no gradient."""
        placed = [(None if operand is None else self._place(operand, found), operand, macs) for operand, macs in products]
        return tuple([(place, macs) for place, operand, macs in placed if operand is None or place is not None])

    def _place(self, value: Any, found: Sequence[Proxy]) -> int | None:
        """Where an operand stands among the inputs of an operation; -1, -2 ... among its weights; None for a number."""
        if not isinstance(value, Tensor):
            return None
        proxy = self.stand_in(value)
        inputs = weights = 0
        for other in found:
            if other is proxy:
                return inputs if proxy.node >= 0 else ~weights
            if other.node >= 0:
                inputs += 1
            else:
                weights += 1
        return None

    def _keep_overwritten(self, node: Node, target: Proxy) -> None:
        """What an operation overwrites and its backward pass needs, torch copies before."""
        copied = [when for place, when in node.saves if place >= 0 and node.inputs[place] == node.alias]
        if copied:
            node.saves = tuple([(place, when) for place, when in node.saves if place < 0 or node.inputs[place] != node.alias])
            node.extras += tuple([Extra(tuple(target.shape), running=False, when=when) for when in copied[:1]])

    def _read(self, found: Sequence[Proxy]) -> tuple[tuple[Ref, ...], tuple[str, ...], int, int]:
        """Of the tensors that an operation reads: inputs, names of weights, bytes, and parameters met for the first time."""
        inputs: list[Ref] = []
        weights: list[str] = []
        reads = params = 0
        sizes, symbolic, counted = self.sizes, self.symbolic_bytes, self.counted_params
        for proxy in found:
            n = proxy.n
            if n is None:
                n = proxy.n = math.prod(proxy.shape)
            if proxy.node >= 0:
                inputs.append((proxy.node, proxy.slot))
            elif proxy.name is None:
                self.source("constant", proxy)
                inputs.append((proxy.node, 0))
            else:
                weights.append(proxy.name)
                if proxy._is_param and proxy.name not in counted:
                    counted.add(proxy.name)
                    params += n
            reads += (n if type(n) is int or symbolic else plain(n)) * sizes[proxy.dtype]
        return tuple(inputs), tuple(weights), reads, params

    def source(self, op: str, proxy: Proxy) -> None:
        """Write down where a tensor comes from that no operation makes: "input" or "constant"."""
        self.append(op, "input", (), [proxy]).writes = 0

    def failed(self, op: str, reason: str, found: Sequence[Proxy]) -> TraceError:
        """The error of an operation that cannot run; the operation is written down as failed, without an output."""
        self.append(op, "other", found, []).failed = reason
        return TraceError(reason, self.path)

    # --- Modules ---------------------------------------------------------------------------------

    @property
    def path(self) -> str:
        """Dotted path of the module that is running."""
        return self.calls[self.scope].path if self.scope >= 0 else ""

    def enter_module(self, path: str, module: nn.Module, args: tuple[Any, ...] = ()) -> int:
        """Begin a call of ``module`` on ``args``; returns the caller's scope, to go back to."""
        parent, calls = self.scope, self.calls
        time = self.times_called.get(path, 0) + 1
        self.times_called[path] = time
        self.scope = len(calls)
        shape = tuple(args[0].shape) if args and isinstance(args[0], Tensor) else None
        calls.append(Call(self.scope, path, path if time == 1 else f"{path}#{time}", parent, type(module).__name__, module, shape))
        return parent

    def progress(self) -> Progress:
        """How far the trace has come."""
        return Progress(len(self.nodes), len(self.calls), len(self.moved), len(self.constants) + len(self.overwritten), self.scope)

    def fell(self, error: Exception, scope: int) -> None:
        """The call ``scope`` did not come to its end because of ``error``."""
        if self.broke is None or self.broke[0] is not error:
            self.broke = error, self.calls[scope].path
        self.calls[scope].failed = error.reason if isinstance(error, TraceError) else first_line(error)

    def graph(self, params: int, error: str = "") -> Graph:
        """What was written down, of a network with ``params`` parameters."""
        return Graph(self.nodes, self.calls, params, params - sum(n.params for n in self.nodes), error, frozenset(self.trainable))


#: What a rule's function is where torch itself was asked, and no rule.
NO_RULE: Callable[..., Out] = lambda *_, **__: Out()  # noqa: E731


def current_recorder() -> Recorder | None:
    """What this thread's trace is written into, if it traces."""
    mode = CURRENT.get()
    return mode if isinstance(mode, Recorder) else None
