"""Which tensor of another implementation belongs where in ours, found from the two networks and not from a table of names.

:func:`fit_by_trace` has both networks: it walks their traces in step. :func:`fit_by_order` has a file alone: names that are the same, or else
layers in order.
"""

from __future__ import annotations

import hashlib
import math
from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from torch import Tensor, nn

from blocks.analysis import Analysis

#: Counters of torch that nothing is computed with while a network is not trained.
_COUNTERS = ("num_batches_tracked",)
#: Words by which implementations call the path beside a block's main one.
_BESIDE = ("downsample", "shortcut", "skip", "identity", "residual")


class Misfit(NamedTuple):
    """A tensor of ours, with its shape, and the other implementation's nearest one: the tensor of the same name, or the next in order; "" and () for none."""

    name: str
    shape: tuple[int, ...]
    theirs: str = ""
    their_shape: tuple[int, ...] = ()


@dataclass(frozen=True)
class WeightFit:
    """``names`` gives the other implementation's name for each tensor of ours that has one; ``missing`` are ours without, ``unused`` theirs that went
    nowhere; ``way`` is how it was found: "trace", "names" or "order"."""

    names: Mapping[str, str]
    missing: Sequence[Misfit] = field(default=())
    unused: Sequence[str] = field(default=())
    way: str = "names"

    @property
    def whole(self) -> bool:
        """Whether every tensor found its place."""
        return not self.missing and not self.unused

    @property
    def total(self) -> int:
        """Tensors that the network has; of counters only those that were found."""
        return len(self.names) + len(self.missing)

    def state(self, theirs: Mapping[str, Tensor]) -> dict[str, Tensor]:
        """The tensors of ``theirs`` under our names."""
        return {ours: theirs[name] for ours, name in self.names.items()}


# --- From two traces ---------------------------------------------------------------------------------


class _Step(NamedTuple):
    """An operation that reads weights: their names, and the steps whose output it reads, directly or through operations without weights."""

    weights: tuple[str, ...]
    shape: Hashable
    before: frozenset[int]


def fit_by_trace(ours: Analysis, theirs: Analysis) -> WeightFit:
    """Match the operations of two networks that compute the same, and with them the tensors that they read.

    An operation is known by the shapes of its weights and of its output, and by the operations with weights that lead to it and that it leads to. What is
    alike in all of that (equal branches) is matched in the order of execution.
    """
    mine, other = _steps(ours), _steps(theirs)
    places: dict[Hashable, list[_Step]] = defaultdict(list)
    for step, known in zip(other, _known(other), strict=True):
        places[known].append(step)
    names: dict[str, str] = {}
    for step, known in zip(mine, _known(mine), strict=True):
        if places[known]:
            names |= zip(step.weights, places[known].pop(0).weights, strict=True)
    state, their_state = _shapes(ours.network), _shapes(theirs.network)
    return _fit(_with_counters(names, state, their_state), state, their_state, "trace")


def _steps(analysis: Analysis) -> list[_Step]:
    shapes = _shapes(analysis.network)
    place: dict[int, frozenset[int]] = {}  # the last steps that each node's output comes from
    steps: list[_Step] = []
    for node in analysis.graph.nodes:
        before = frozenset[int]().union(*(place[index] for index, _ in node.inputs))
        weights = tuple(name for name in node.weights if name in shapes)
        if weights:
            place[node.index] = frozenset([len(steps)])
            steps.append(_Step(weights, (_widths(shapes[w] for w in weights), math.prod(map(int, node.shape))), before))
        else:
            place[node.index] = before
    return steps


def _widths(shapes: Iterable[tuple[int, ...]]) -> tuple[tuple[int, ...], ...]:
    """Shapes without the axes of one element that some implementations keep."""
    return tuple(tuple(size for size in shape if size != 1) for shape in shapes)


def _known(steps: Sequence[_Step]) -> list[str]:
    """For each step a digest of itself, of all that leads to it and of all that it leads to."""
    after: list[set[int]] = [set() for _ in steps]
    down: list[str] = []
    for index, step in enumerate(steps):
        down.append(_digest(step.shape, sorted(down[i] for i in step.before)))
        for i in step.before:
            after[i].add(index)
    up = [""] * len(steps)
    for index in reversed(range(len(steps))):
        up[index] = _digest(steps[index].shape, sorted(up[i] for i in after[index]))
    return [down_here + up_here for down_here, up_here in zip(down, up, strict=True)]


def _digest(*parts: object) -> str:
    return hashlib.blake2b(repr(parts).encode(), digest_size=12).hexdigest()


# --- From a file alone -------------------------------------------------------------------------------


class _Layer(NamedTuple):
    """The tensors of one module, by their last names."""

    prefix: str
    shapes: tuple[tuple[str, tuple[int, ...]], ...]


def fit_by_order(network: nn.Module, theirs: Mapping[str, Tensor]) -> WeightFit:
    """Match by names where most are the same; otherwise match layers that hold tensors of the same names and shapes, in order.

    Within a block, layers on a path beside the main one (by their names) are matched among themselves: implementations declare it first or last.
    """
    state, their_state = _shapes(network), {name: tuple(t.shape) for name, t in theirs.items()}
    alike = {name: name for name, shape in state.items() if their_state.get(name) == shape}
    if 2 * len(alike) > len(state):
        return _fit(alike, state, their_state, "names")
    waiting: dict[Hashable, list[_Layer]] = defaultdict(list)
    for layer in _layers(their_state):
        waiting[_alike(layer)].append(layer)
    names: dict[str, str] = {}
    for layer in _layers(state):
        if fitting := waiting[_alike(layer)]:
            other = fitting.pop(0)
            names |= {layer.prefix + leaf: other.prefix + leaf for leaf, _ in layer.shapes if other.prefix + leaf in their_state}
    return _fit(names, state, their_state, "order")


def fit_turned(network: nn.Module, published: WeightFit, theirs: Mapping[str, Tensor]) -> WeightFit:
    """The fit of a network whose knobs were turned, from that of the network as published: what has kept its name and shape stays trained."""
    state, their_state = _shapes(network), {name: tuple(t.shape) for name, t in theirs.items()}
    before = dict(published.names) | {m.name: m.theirs for m in published.missing}
    names = {mine: other for mine, other in published.names.items() if mine in state and _widths([state[mine]]) == _widths([their_state[other]])}
    return _fit(names, state, their_state, published.way, before)


def _alike(layer: _Layer) -> Hashable:
    """What two layers share that may stand for each other; counters may be missing."""
    beside = any(word in layer.prefix for word in _BESIDE)
    return beside, frozenset((leaf, shape) for leaf, shape in layer.shapes if leaf not in _COUNTERS)


def _layers(state: Mapping[str, tuple[int, ...]]) -> Iterator[_Layer]:
    held: dict[str, list[tuple[str, tuple[int, ...]]]] = {}
    for name, shape in state.items():
        prefix, dot, leaf = name.rpartition(".")
        held.setdefault(prefix + dot, []).append((leaf, shape))
    for prefix, shapes in held.items():
        yield _Layer(prefix, tuple(shapes))


# --- Both --------------------------------------------------------------------------------------------


def _shapes(network: nn.Module) -> dict[str, tuple[int, ...]]:
    """Shapes of the tensors that the network saves, by name."""
    return {name: tuple(tensor.shape) for name, tensor in network.state_dict().items()}


def _with_counters(names: Mapping[str, str], ours: Mapping[str, object], theirs: Mapping[str, object]) -> dict[str, str]:
    """The counters that belong to layers which were matched by what they compute with."""
    found = dict(names)
    for mine, other in names.items():
        for counter in _COUNTERS:
            near, their_near = (name.rpartition(".")[0] + "." + counter for name in (mine, other))
            if near in ours and their_near in theirs:
                found[near] = their_near
    return found


def _fit(
    names: Mapping[str, str], ours: Mapping[str, tuple[int, ...]], theirs: Mapping[str, tuple[int, ...]], way: str, near: Mapping[str, str] | None = None
) -> WeightFit:
    """The fit with these ``names``. What is missing stands beside its counterpart: that of ``near``, else the tensor of its name, else the next unused one in order."""
    taken = set(names.values())
    unused = [name for name in theirs if name not in taken and not name.endswith(_COUNTERS)]
    without = [name for name in ours if name not in names and not name.endswith(_COUNTERS)]
    if near is None:
        rest = iter(unused if way == "order" else ())
        near = {name: name if name in theirs else next(rest, "") for name in without}
    missing = [Misfit(name, ours[name], other := near.get(name, ""), theirs.get(other, ())) for name in without]
    return WeightFit(names, missing, unused, way)
