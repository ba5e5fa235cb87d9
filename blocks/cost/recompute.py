"""A recompute plan: which blocks to checkpoint so that a training step fits into a memory, and what that costs.

A checkpointed block keeps its inputs alone; its forward pass runs again when the backward pass reaches it. Blocks are those that a network repeats (modules of one class, called at
least twice, outermost first); one that overwrites its own input cannot be run again and is left out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from torch import nn
from torch.utils.checkpoint import checkpoint

from blocks.cost.memory import storages
from blocks.knobs import KnobError
from blocks.trace.graph import Call, Graph, Ref
from blocks.trace.symbolic import plain


@dataclass(frozen=True, slots=True)
class RecomputePlan:
    """Checkpoint the modules at these paths: a step then has ``peak`` bytes at most alive and ``saved`` bytes saved for the backward pass, for ``extra_flops`` more."""

    blocks: tuple[str, ...]
    saved: int
    peak: int
    extra_flops: int


#: (bytes saved, peak of a step) where the operations of these groups run again: the group of each operation by its index.
Measure = Callable[[Mapping[int, str]], tuple[int, int]]


def recompute_plan(graph: Graph, memory: int, measure: Measure) -> RecomputePlan:
    """The blocks to run again so that a step takes at most ``memory`` bytes: first those that free most for each FLOP, and none that is not needed.

    Raises :class:`KnobError` with what the smallest plan needs where no plan is small enough.
    """
    groups = recomputable(graph)
    flops = {path: sum(plain(graph.nodes[i].flops) for i in nodes) for path, nodes in groups.items()}

    def plan(paths: Iterable[str]) -> RecomputePlan:
        chosen = tuple(path for path in groups if path in set(paths))
        saved, peak = measure({i: path for path in chosen for i in groups[path]})
        return RecomputePlan(chosen, saved, peak, sum(flops[path] for path in chosen))

    found = plan(())
    if found.peak <= memory:
        return found
    freed = {path: found.saved - plan([path]).saved for path in groups}
    order = sorted((path for path in groups if freed[path] > 0), key=lambda path: freed[path] / max(flops[path], 1), reverse=True)
    least = found.peak
    for n in range(1, len(order) + 1):
        found = plan(order[:n])
        least = min(least, found.peak)
        if found.peak <= memory:
            break
    else:
        raise KnobError("memory", memory, f"is too little: recomputing blocks, a training step still needs {least:,} bytes", [least])
    for path in sorted(found.blocks, key=lambda path: flops[path], reverse=True):
        fewer = plan(p for p in found.blocks if p != path)
        found = fewer if fewer.peak <= memory else found
    return found


def recomputable(graph: Graph) -> dict[str, list[int]]:
    """The blocks that may run again, by path: the indices of their operations."""
    classes = Counter(call.cls for call in graph.calls)
    outermost: dict[int, str] = {}  # by call
    for call in graph.calls:  # callers come first
        if call.parent in outermost:
            outermost[call.index] = outermost[call.parent]
        elif call.parent >= 0 and classes[call.cls] > 1 and not _is_part_of_torch(call):
            outermost[call.index] = call.path
    groups: dict[str, list[int]] = {}
    for node in graph.nodes:
        if node.scope in outermost:
            groups.setdefault(outermost[node.scope], []).append(node.index)
    roots = storages(graph)
    return {path: nodes for path, nodes in groups.items() if not _overwrites_input(graph, set(nodes), roots)}


def _overwrites_input(graph: Graph, own: set[int], roots: Mapping[Ref, Ref]) -> bool:
    """Whether one of the operations ``own`` writes into an activation that another one made; a buffer does not count."""
    written = [roots[node.index, 0] for node in map(graph.nodes.__getitem__, own) if node.alias is not None and node.until]
    return any(root[0] >= 0 and root[0] not in own for root in written)


def _is_part_of_torch(call: Call) -> bool:
    return type(call.module).__module__.startswith("torch.nn.")


@contextmanager
def checkpointed(network: nn.Module, paths: Iterable[str]) -> Iterator[nn.Module]:
    """``network`` with the modules at ``paths`` run by :func:`torch.utils.checkpoint.checkpoint`, as it was afterwards. Batch norms update their statistics twice a step."""
    modules = [network.get_submodule(path) for path in paths]
    before = [module.__dict__.get("forward") for module in modules]
    for module in modules:
        module.forward = partial(checkpoint, module.forward, use_reentrant=False)
    try:
        yield network
    finally:
        for module, forward in zip(modules, before, strict=True):
            if forward is None:
                del module.__dict__["forward"]
            else:
                module.forward = forward
