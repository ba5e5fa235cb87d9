"""The picture of blocks.experiments.shuffle_guidelines: what keeps a guideline beside what breaks it."""

from __future__ import annotations

import streamlit as st

from blocks.experiments.shuffle_guidelines import GuidelineTimes
from blocks.language import tr, translatable
from viz.experiments.timed import draw_timed
from viz.kit.screen import Screen

_RULES = {
    "G1": (translatable("Equal widths move the least memory."), (translatable("equal widths"), "16 : 1")),
    "G2": (translatable("Many groups move more memory."), (translatable("one group"), translatable("16 groups, 4 times as wide"))),
    "G3": (translatable("Fragmentation slows a device down."), (translatable("one grouped convolution"), translatable("32 paths"))),
    "G4": (translatable("Element-wise operations are not free."), (translatable("two 1×1"), translatable("with ReLU and shortcut"))),
}


def draw(result: GuidelineTimes, screen: Screen, key: str) -> None:
    """The guideline in words, bars relative to what keeps it, and the figures."""
    rule, labels = _RULES[result.guideline]
    st.markdown(f"**{tr(rule)}**")
    draw_timed(result.rows, screen, key, labels=[tr(label) for label in labels])
