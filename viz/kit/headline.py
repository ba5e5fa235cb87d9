"""The headline figures: few, large, each with its change against the published network."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from blocks.analysis import Analysis
from viz.kit.numbers import change, exact, memory, short

#: Label, attribute of an analysis, how it is written, what it means.
FIGURES: tuple[tuple[str, str, Callable[[float], str], str], ...] = (
    ("Parameters", "params", short, "Numbers learned, each counted once."),
    ("MACs", "macs", short, "Multiply-accumulates of convolutions, linear layers and matrix products, for the shown batch."),
    ("FLOPs", "flops", short, "2·MACs plus every other arithmetic operation (norms, activations, pooling, additions), each by a stated rule."),
    ("Bytes moved", "bytes_moved", memory, "What the operations read (inputs, weights) and write, one by one."),
    ("Peak memory", "peak_memory", memory, "Most bytes of activations alive at once, from the tensors' lifetimes; parameters not included."),
)


def headline(analysis: Analysis, base: Analysis | None) -> None:
    """Five figures in a row; ``base`` is the network as published, None while it is the same."""
    for column, (label, attribute, form, meaning) in zip(st.columns(len(FIGURES)), FIGURES, strict=True):
        value = getattr(analysis, attribute)
        moved = change(value, getattr(base, attribute), form) if base is not None else None
        unit = " B" if form is memory else ""
        column.metric(label, form(value), moved or "as published", delta_color="off", delta_arrow="off", help=f"**{exact(value)}{unit}** — {meaning}")
