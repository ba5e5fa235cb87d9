"""The roofline of a network on a machine: each operation's arithmetic intensity and speed, against what the machine allows at most."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from blocks.analysis import Analysis
from blocks.cost.table import setting
from blocks.latency.roofline.estimate import estimate
from blocks.latency.roofline.machines import GROUPS, Machine
from blocks.latency.roofline.work import operation_costs


def roofline_table(analysis: Analysis, machine: Machine, times: Mapping[int, float] | None = None, dtype: str | None = None) -> pd.DataFrame:
    """One row per operation that runs something.

    ``intensity`` in FLOPs per byte, ``speed`` in FLOPs per second, ``roof`` what the machine allows at that intensity, ``reached`` the share
    of the roof (for an operation without arithmetic: of the bandwidth), ``seconds`` measured where ``times`` (by node) has them, else
    estimated. Raises :class:`~blocks.knobs.KnobError` where the machine has no figure for the dtype.
    """
    dtype = dtype or analysis.dtype
    guess = estimate(analysis, machine, dtype)
    graph = analysis.graph
    rows = []
    for work in operation_costs(graph):
        node = graph.nodes[work.node]
        seconds = guess.by_node[work.node] if times is None else times.get(work.node)
        if not seconds:
            continue
        compute, memory = work.roof(machine, dtype)
        fastest = max(compute, memory)
        rows.append({
            "node": work.node, "module": graph.label(node), "op": node.op, "kind": node.kind, "group": GROUPS[work.group], "setting": setting(node),
            "flops": work.flops, "bytes": work.bytes, "intensity": work.flops / work.bytes if work.bytes else np.inf, "seconds": seconds,
            "speed": work.flops / seconds, "roof": work.flops / fastest if fastest else np.inf, "reached": fastest / seconds, "bound": guess.bound[work.node],
        })  # fmt: skip
    return pd.DataFrame(rows, columns=_COLUMNS)


_COLUMNS = ["node", "module", "op", "kind", "group", "setting", "flops", "bytes", "intensity", "seconds", "speed", "roof", "reached", "bound"]


def network_point(table: pd.DataFrame) -> dict[str, float]:
    """The network as one dot: intensity, speed, seconds and share of its operations' roofs; empty for an empty table."""
    if table.empty:
        return {}
    flops, moved, seconds = (float(table[c].sum()) for c in ("flops", "bytes", "seconds"))
    best = float((table["reached"] * table["seconds"]).sum())
    return {
        "flops": flops,
        "bytes": moved,
        "seconds": seconds,
        "intensity": flops / moved if moved else np.inf,
        "speed": flops / seconds,
        "reached": best / seconds,
    }


def roof_line(machine: Machine, dtype: str, low: float, high: float) -> pd.DataFrame:
    """The roof from intensity ``low`` to ``high`` (FLOPs a byte): the corner points of min(intensity · bandwidth, peak)."""
    ridge = machine.ridge(dtype)
    at = [low, *([ridge] if low < ridge < high else []), high]
    return pd.DataFrame({"intensity": at, "speed": [min(i * machine.bandwidth, machine.peak(dtype)) for i in at]})
