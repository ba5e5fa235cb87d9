"""Memory of a training step on Explore: its parts with an optimizer, the step in time, the largest batch that a device holds, and the blocks to recompute."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from blocks.cost.largest_batch import LargestBatch
from blocks.cost.training import Moment, TrainingMemory
from blocks.knobs import KnobError
from blocks.language import tr, translatable
from blocks.trace.errors import TraceError
from viz.explore.recompute_panel import recompute_panel
from viz.explore.view_settings import setting_word, view_control
from viz.kit import palette
from viz.kit.charts import chart, is_dark
from viz.kit.choice import Choice, analysed
from viz.kit.numbers import all_digits, memory, short
from viz.kit.widget_state import held

_PARTS = {
    "weights": (translatable("Weights"), translatable("Parameters, in the chosen type.")),
    "gradients": (translatable("Gradients"), translatable("One number for each parameter that is trained.")),
    "optimizer_state": (translatable("Optimizer state"), translatable("Momentum keeps one number for each trained parameter, Adam and AdamW two and a counter of steps; SGD none.")),
    "saved": (translatable("Saved tensors"), translatable("What the backward pass keeps of the forward pass: what autograd saves, each memory once.")),
    "peak": (translatable("Peak of the step"), translatable("The most bytes alive at once in forward pass, backward pass and update.")),
}  # fmt: skip
_PHASES = {"forward": translatable("forward"), "backward": translatable("backward"), "optimizer step": translatable("optimizer step")}
_DEVICE_KEY, _FIRST_GIB, _MOST_GIB = "explore_device_memory", 16.0, 4096.0


def training_panel(choice: Choice) -> None:
    """Below the memory timeline: a training step of ``choice``, and the largest batches for a memory that the user gives."""
    st.markdown(f"#### {tr('A training step')}")
    optimizer = view_control("optimizer", tr("Optimizer"))
    if choice.dtype == "int8":
        st.caption(tr("int8 has no gradients: choose another type to see a training step."))
        return
    try:
        analysis = analysed(replace(choice, training=True))
        step = analysis.training_memory(optimizer)
    except (KnobError, TraceError) as error:
        st.caption(tr("It cannot be trained on this input: {why}", why=error))
        return
    _parts(step)
    st.markdown(
        tr(
            "The backward pass computes {macs} MACs and {flops} FLOPs, the forward pass {forward} MACs.",
            macs=short(analysis.backward_macs), flops=short(analysis.backward_flops), forward=short(analysis.macs),
        )
    )  # fmt: skip
    _in_time(choice, step)
    recompute_panel(choice, optimizer, _largest(choice, optimizer))
    st.caption(
        tr(
            "Counted: weights, buffers, gradients, optimizer state and activations at {type}, batch {n}. Not counted: workspace of libraries, what an allocator "
            "holds in reserve, the loss, data loaders.",
            type=choice.dtype,
            n=choice.batch,
        )
    )


def _parts(step: TrainingMemory) -> None:
    with st.container(horizontal=True, key="training-parts", gap="large"):
        for part, (label, meaning) in _PARTS.items():
            size = getattr(step, part)
            st.metric(tr(label), memory(size), help=f"**{all_digits(size)} B**: {tr(meaning)}", width="content")
    st.markdown(tr("The peak is met at {where}.", where=f"`{where_words(step)}`"))


def where_words(step: TrainingMemory) -> str:
    """Where the peak is met, in the reader's language."""
    most = max(step.moments, key=lambda moment: moment.size)
    return f"{tr(_PHASES[most.phase])}: {most.label}" if most.label else tr(_PHASES[most.phase])


def _in_time(choice: Choice, step: TrainingMemory) -> None:
    """The step as a line, its phases in different colours."""
    figure = go.Figure()
    for (phase, title), colour in zip(_PHASES.items(), palette.VARIANT_COLOURS, strict=False):
        at = [i for i, moment in enumerate(step.moments) if moment.phase == phase]
        sizes, labels = [step.moments[i].size / 2**20 for i in at], [step.moments[i].label or tr(title) for i in at]
        figure.add_scatter(
            x=at, y=sizes, text=labels, name=tr(title), mode="lines+markers" if len(at) == 1 else "lines", line_shape="hv", line_color=colour.on(is_dark()),
            fill="tozeroy", hovertemplate="%{text}<br>%{y:.2f} MiB<extra></extra>",
        )  # fmt: skip
    figure.update_layout(xaxis_title=tr("operation"), yaxis_title=tr("alive, weights included (MiB)"))
    figure.update_yaxes(rangemode="tozero")
    chart(figure, key="training-step", name="training-step", of=choice, frame=_frame(step.moments), height=360)


def _frame(moments: tuple[Moment, ...]) -> pd.DataFrame:
    return pd.DataFrame({"phase": [m.phase for m in moments], "operation": [m.label for m in moments], "alive (B)": [m.size for m in moments]})


def _largest(choice: Choice, optimizer: str) -> int:
    """The largest batches, and the memory that is asked for in bytes."""
    left, right = st.columns([1, 3], vertical_alignment="bottom")
    gib = left.number_input(
        tr("Memory of the device (GiB)"), 0.001, _MOST_GIB, held(_DEVICE_KEY, _FIRST_GIB), step=1.0, format="%g", key=_DEVICE_KEY,
        help=tr("What the device has free for this network: the program finds the largest batch that fits."),
    )  # fmt: skip
    size = int(gib * 2**30)
    lines = [
        batch_words(
            tr("Training with {optimizer}", optimizer=setting_word("optimizer", optimizer)), _found(replace(choice, batch=1, training=True), size, optimizer)
        ),
        batch_words(tr("Inference"), _found(replace(choice, batch=1, training=False), size, optimizer)),
    ]
    right.markdown("  \n".join(lines))
    return size


@lru_cache(maxsize=256)
def _found(choice: Choice, size: int, optimizer: str) -> LargestBatch:
    try:
        return analysed(choice).largest_batch(size, optimizer=optimizer)
    except TraceError:
        return analysed(replace(choice, batch=2)).largest_batch(size, optimizer=optimizer)


def batch_words(what: str, found: LargestBatch) -> str:
    """The largest batch in a sentence."""
    if not found.batch:
        return tr("{what}: not even the smallest batch fits; it needs {needed}.", what=what, needed=memory(found.next_needed or 0))
    if found.next_needed is None:
        return tr("{what}: a batch of **{batch}** or more fits, with {needed}.", what=what, batch=found.batch, needed=memory(found.needed))
    return tr(
        "{what}: a batch of **{batch}** fits, with {needed}; {more} would need {next}.",
        what=what, batch=found.batch, needed=memory(found.needed, 4), more=found.batch + 1, next=memory(found.next_needed, 4),
    )  # fmt: skip
