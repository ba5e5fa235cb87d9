"""The picture of blocks.experiments.shuffle_guidelines: what keeps a guideline beside what breaks it."""

from __future__ import annotations

import streamlit as st

from blocks.experiments.shuffle_guidelines import GuidelineTimes
from viz.experiments.timed import draw_timed
from viz.kit.screen import Screen

_RULES = {
    "en": {
        "G1": ("Equal widths move the least memory.", ("equal widths", "16 : 1")),
        "G2": ("Many groups move more memory.", ("one group", "16 groups, 4 times as wide")),
        "G3": ("Fragments keep a device waiting.", ("one grouped convolution", "32 paths")),
        "G4": ("Element-wise operations are not free.", ("two 1×1", "with ReLU and shortcut")),
    },
    "zh": {
        "G1": ("输入输出等宽时访存最少。", ("等宽", "16 : 1")),
        "G2": ("组数多，访存多。", ("一组", "16 组，宽四倍")),
        "G3": ("碎片化让设备等待。", ("一个分组卷积", "32 条路径")),
        "G4": ("逐元素操作不是免费的。", ("两个 1×1", "加 ReLU 与捷径")),
    },
}


def draw(result: GuidelineTimes, screen: Screen, key: str) -> None:
    """The guideline in words, bars relative to what keeps it, and the figures."""
    rule, labels = _RULES[screen.language][result.guideline]
    st.markdown(f"**{rule}**")
    draw_timed(result.rows, screen, key, labels=labels)
