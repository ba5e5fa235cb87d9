"""The picture of blocks.experiments.separable_mistakes: a table with a row per mistake, its cost and what gives it away."""

from __future__ import annotations

import html

import streamlit as st

from blocks.experiments.separable_mistakes import C_IN, SIDE, Case, Mistakes
from viz.kit.numbers import short
from viz.kit.screen import Screen

_HEAD = {"en": ("Mistake", "Parameters", "MACs", "What gives it away"), "zh": ("错误", "参数量", "MACs", "如何暴露")}
_NAMES = {
    "en": {
        "right": "None: the right block",
        "no_groups": "No groups",
        "grouped_pointwise": "Groups in the 1x1 too",
        "spatially_separable": "k x 1, then 1 x k",
        "late_stride": "Stride on the 1x1",
        "no_padding": "No padding",
        "idle_bias": "Bias before a norm",
        "shared_norm": "One norm for two widths",
        "undivided": "D channels, no multiple of C",
    },
    "zh": {
        "right": "无：正确的块",
        "no_groups": "忘记分组",
        "grouped_pointwise": "1x1 也分组",
        "spatially_separable": "先 k x 1 再 1 x k",
        "late_stride": "步幅放在 1x1 上",
        "no_padding": "没有填充",
        "idle_bias": "归一化前的偏置",
        "shared_norm": "两种宽度共用一个归一化",
        "undivided": "输出 D 不是 C 的倍数",
    },
}
_FOUND = {
    "en": {
        "right": "",
        "no_groups": "a channel reads {channels:.0f} channels, not 1",
        "grouped_pointwise": "an output reads {channels:.0f} of {c} channels",
        "spatially_separable": "its first half reads {channels:.0f} channels: it splits space only",
        "late_stride": "{unused:.0%} of the depthwise outputs get no gradient: nobody reads them",
        "no_padding": "side {side:.0f} after side {s}: no shortcut fits",
        "idle_bias": "the bias has {gradient:.0e} of the weights' gradient: it does nothing",
        "refused": "refused: {said}",
    },
    "zh": {
        "right": "",
        "no_groups": "一个通道读取 {channels:.0f} 个通道，而非 1 个",
        "grouped_pointwise": "一个输出只读取 {c} 个通道中的 {channels:.0f} 个",
        "spatially_separable": "前一半读取 {channels:.0f} 个通道：只拆分了空间",
        "late_stride": "{unused:.0%} 的深度卷积输出没有梯度：无人读取",
        "no_padding": "边长由 {s} 变为 {side:.0f}：捷径无法相加",
        "idle_bias": "偏置的梯度只有权重的 {gradient:.0e}：毫无作用",
        "refused": "被拒绝：{said}",
    },
}


def draw(result: Mistakes, screen: Screen, key: str) -> None:
    """The right block first; those that torch refuses last."""
    rows = "".join(_row(case, screen) for case in (result.right, *result.cases))
    head = "".join(
        f"<th style='text-align:{'left' if i in (0, 3) else 'right'};padding:.15em .5em'>{text}</th>" for i, text in enumerate(_HEAD[screen.language])
    )
    size = 14 if screen.still else max(13, round(screen.height / 31))
    with st.container(key=key):
        st.html(f"<table style='font-size:{size}px;line-height:1.22;border-collapse:collapse;width:100%'><tr>{head}</tr>{rows}</table>")


def _row(case: Case, screen: Screen) -> str:
    said = _FOUND[screen.language]["refused" if case.refused else case.name].format(**case.found, said=html.escape(case.refused), c=C_IN, s=SIDE)
    cells = (
        f"<b>{_NAMES[screen.language][case.name]}</b><br><code style='font-size:.8em'>{html.escape(case.code)}</code>",
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
