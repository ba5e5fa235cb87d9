"""The trace as tables: one row per operation, and sums by stage, by kind and by module."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import pandas as pd

from blocks.cost.receptive_field import Field, FieldsRead, read_fields
from blocks.trace.graph import Graph, Node
from blocks.trace.rules.registry import show_shape
from blocks.trace.symbolic import plain

COSTS = ("params", "macs", "flops", "reads", "writes")


def operations(graph: Graph) -> list[Node]:
    """The nodes that are operations: neither the network's inputs nor its outputs."""
    return [n for n in graph.nodes if n.kind not in ("input", "output")]


def operation_table(graph: Graph, fields: FieldsRead | None = None) -> pd.DataFrame:
    """One row per operation, in the order of execution. Bytes are ``reads`` + ``writes``; ``intensity`` is FLOPs a byte;
    ``field`` is the receptive field in input pixels: "all" where the whole picture is seen, "unknown" where nobody has said it. ``fields`` are those of the graph, where
    they have been read."""
    fields = fields or read_fields(graph)
    nodes = operations(graph)
    moved = [plain(n.reads) + plain(n.writes) for n in nodes]
    flops = [plain(n.flops) for n in nodes]
    return pd.DataFrame({
        "node": [n.index for n in nodes],
        "module": [graph.label(n) for n in nodes],
        "class": [graph.calls[n.scope].cls if n.scope >= 0 else "" for n in nodes],
        "op": [n.op for n in nodes],
        "kind": [n.kind for n in nodes],
        "setting": [setting(n) for n in nodes],
        "input": [", ".join(show_shape(graph.nodes[p].outputs[s]) for p, s in n.inputs) for n in nodes],
        "output": [", ".join(map(show_shape, n.outputs)) for n in nodes],
        "params": [plain(n.params) for n in nodes],
        "macs": [plain(n.macs) for n in nodes],
        "flops": flops,
        "reads": [plain(n.reads) for n in nodes],
        "writes": [plain(n.writes) for n in nodes],
        "bytes": moved,
        "intensity": [f / m if m else 0.0 for f, m in zip(flops, moved, strict=True)],
        "field": [_field_said(n.index, fields) for n in nodes],
        "counted": [n.counted for n in nodes],
    })  # fmt: skip


def _field_said(index: int, fields: FieldsRead) -> str:
    seen = fields.found.get(index)
    return _field_text(seen) if seen else "unknown" if index in fields.unknown else ""


def _field_text(axes: tuple[Field, ...]) -> str:
    return "all" if all(axis.whole for axis in axes) else "×".join("all" if axis.whole else f"{axis.size:g}" for axis in axes)


def setting(node: Node) -> str:
    """What a convolution or pooling is set to, short: "3×3 /2 g32 d2"."""
    if "kernel" not in node.attrs:
        return ""
    at = {k: tuple(map(plain, v)) if isinstance(v, (tuple, list)) else plain(v) for k, v in node.attrs.items()}
    parts = ["×".join(map(str, at["kernel"]))]
    if any(s != 1 for s in at["stride"]):
        parts.append("/" + "×".join(map(str, sorted(set(at["stride"])))))
    if at.get("groups", 1) != 1:
        parts.append(f"g{at['groups']}")
    if any(d != 1 for d in at["dilation"]):
        parts.append("d" + "×".join(map(str, sorted(set(at["dilation"])))))
    return " ".join(parts)


def totals(graph: Graph, key: Callable[[Node], str]) -> pd.DataFrame:
    """Sums of every cost over the operations with one ``key``, in the order met; the index is the key."""
    sums: dict[str, Counter[str]] = {}
    for node in operations(graph):
        row = sums.setdefault(key(node), Counter())
        row["operations"] += 1
        for cost in COSTS:
            row[cost] += plain(getattr(node, cost))
    frame = pd.DataFrame.from_dict(sums, orient="index", columns=["operations", *COSTS]).fillna(0).astype("int64")
    frame["bytes"] = frame["reads"] + frame["writes"]
    return frame


def totals_by_kind(graph: Graph) -> pd.DataFrame:
    """Sums by kind of operation."""
    return totals(graph, lambda node: node.kind)


def totals_by_stage(graph: Graph) -> pd.DataFrame:
    """Sums by stage: the network's own parts, looking into a part that merely lists stages."""
    return totals(graph, lambda node: stage_of(graph, node))


def stage_of(graph: Graph, node: Node) -> str:
    """Name of the stage that an operation belongs to ("(network)" for what the network's own forward does)."""
    chain = []
    scope = node.scope
    while scope >= 0:
        chain.append(graph.calls[scope])
        scope = graph.calls[scope].parent
    chain.reverse()
    if len(chain) < 2:
        return "(network)"
    if len(chain) > 2 and chain[1].cls in ("Sequential", "ModuleList") and _lists_stages(chain[1].module):
        return chain[2].path
    return chain[1].path


def _lists_stages(module: object) -> bool:
    children = list(module.children()) if hasattr(module, "children") else []
    return len(children) > 1 and sum(1 for c in children if any(True for _ in c.children())) * 2 > len(children)
