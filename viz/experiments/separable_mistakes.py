"""The picture of blocks.experiments.separable_mistakes: a table with a row per mistake, its cost and what gives it away."""

from __future__ import annotations

import html

import streamlit as st

from blocks.experiments.separable_mistakes import C_IN, SIDE, Case, Mistakes
from blocks.language import tr, translatable
from viz.kit.numbers import short
from viz.kit.screen import Screen

_HEAD = (translatable("Mistake"), translatable("Parameters"), translatable("MACs"), translatable("What gives it away"))
_NAMES = {
    "right": translatable("None: the right block"),
    "no_groups": translatable("No groups"),
    "grouped_pointwise": translatable("Groups in the 1x1 too"),
    "spatially_separable": translatable("k x 1, then 1 x k"),
    "late_stride": translatable("Stride on the 1x1"),
    "no_padding": translatable("No padding"),
    "idle_bias": translatable("Bias before a norm"),
    "shared_norm": translatable("One norm for two widths"),
    "undivided": translatable("D not a multiple of C"),
}
_FOUND = {
    "right": "",
    "no_groups": translatable("each channel reads {channels:.0f} channels, not 1"),
    "grouped_pointwise": translatable("each output reads only {channels:.0f} of {c} channels"),
    "spatially_separable": translatable("its first half reads {channels:.0f} channels: only space is factorised"),
    "late_stride": translatable("{unused:.0%} of the depthwise outputs get no gradient: they are never read"),
    "no_padding": translatable("the side shrinks from {s} to {side:.0f}: no shortcut fits"),
    "idle_bias": translatable("the bias has {gradient:.0e} of the weights' gradient: it does nothing"),
    "refused": translatable("refused: {said}"),
}


def draw(result: Mistakes, screen: Screen, key: str) -> None:
    """The right block first; those that torch refuses last."""
    rows = "".join(_row(case) for case in (result.right, *result.cases))
    head = "".join(f"<th style='text-align:{'left' if i in (0, 3) else 'right'};padding:.15em .5em'>{text}</th>" for i, text in enumerate(map(tr, _HEAD)))
    size = 14 if screen.still else max(13, round(screen.height / 31))
    with st.container(key=key):
        st.html(f"<table style='font-size:{size}px;line-height:1.22;border-collapse:collapse;width:100%'><tr>{head}</tr>{rows}</table>")


def _row(case: Case) -> str:
    found = _FOUND["refused" if case.refused else case.name]
    said = tr(found, **case.found, said=html.escape(case.refused), c=C_IN, s=SIDE) if found else ""
    cells = (
        f"<b>{tr(_NAMES[case.name])}</b><br><code style='font-size:.8em'>{html.escape(case.code)}</code>",
        "–" if case.params is None else short(case.params),
        "–" if case.macs is None else short(case.macs),
        said,
    )
    line = "border-top:1px solid color-mix(in srgb, currentColor 22%, transparent);vertical-align:top"
    drawn = "".join(
        f"<td style='padding:.12em .5em;text-align:{'left' if i in (0, 3) else 'right'};white-space:{'normal' if i == 3 else 'nowrap'}'>{cell}</td>"
        for i, cell in enumerate(cells)
    )
    return f"<tr style='{line}'>{drawn}</tr>"
