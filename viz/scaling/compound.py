"""Compound scaling: one exponent φ for depth, width and resolution, beside each of them alone, with B0 to B7 on it."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from blocks.families.efficientnet import growth
from blocks.language import tr, translatable
from blocks.space.scaling import SCALED_DIMENSIONS, compound, published_family
from viz.kit import palette
from viz.kit.charts import chart, is_dark
from viz.kit.figures import CHART_FIGURES
from viz.kit.widget_state import held
from viz.scaling.address import ScalingState

_PHIS = (0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0)
WAY_DASHES = {"width": "dash", "depth": "dot", "resolution": "dashdot", "compound": "solid"}
WAY_MARKS = {"width": "square", "depth": "circle", "resolution": "triangle-up", "compound": "diamond"}


@st.cache_data(max_entries=64, show_spinner=False)
def _compound(a: float, b: float, c: float) -> pd.DataFrame:
    return compound(_PHIS, a, b, c)


@st.cache_data(show_spinner=False)
def _family(c: float) -> pd.DataFrame:
    return published_family(c)


def way_colour(way: str, dark: bool) -> str:
    """The colour of one way of scaling."""
    return palette.variant_colour(SCALED_DIMENSIONS.index(way), dark)


def compound_view(state: ScalingState, key: str) -> ScalingState:
    """Sliders for a, b, c with their constraint; MACs against φ for each way; returns the state with what was chosen."""
    knobs = st.columns([1, 1, 1, 1.2], vertical_alignment="center")
    words = ((tr("Depth"), "a"), (tr("Width"), "b"), (tr("Resolution"), "c"))
    for i, ((word, name), column, value) in enumerate(zip(words, knobs, state.abc, strict=False)):
        slot = f"{key}.{name}"
        picked = column.slider(f"{word} ${name}$", 1.0, 2.0, held(slot, value), step=0.01, key=slot, help=tr("Published: {value}.", value=(1.2, 1.1, 1.15)[i]))
        a, b, c = (picked if j == i else v for j, v in enumerate(state.abc))
        state = replace(state, abc=(a, b, c))
    grown = growth(a, b, c)
    knobs[3].metric(
        "$a \\cdot b^2 \\cdot c^2$", f"{grown:.3f}", tr("the paper asks for ≈ 2") if abs(grown - 2) < 0.1 else tr("{off} against the paper's 2", off=f"{grown - 2:+.2f}"),
        delta_color="off", delta_arrow="off", help=tr("By this factor MACs grow with each step of φ: they are proportional to depth, to width squared and to resolution squared."),
    )  # fmt: skip
    with st.spinner(tr("Counting EfficientNets …")):
        frame = _compound(a, b, c)
    of = st.segmented_control(
        tr("Figure"),
        ["macs", "params", "peak_memory", "bytes_moved"],
        format_func=lambda f: tr(CHART_FIGURES[f].label),
        default="macs",
        key=f"{key}.of",
        required=True,
        label_visibility="collapsed",
    )
    chart(
        _figure(frame, _family(c), of, grown),
        key=f"{key}.chart",
        name=f"compound-scaling-of-{of}",
        of=f"efficientnet_b0, a {a:g}, b {b:g}, c {c:g}",
        frame=frame,
        heads={"side": "side (px)"},
        height=470,
    )
    st.caption(
        tr(
            "Each way spends the same $(a b^2 c^2)^φ$: depth alone takes all of it, width alone and resolution alone its square root. Every point is a network "
            "that was counted; B0 to B7 are the published ones, placed at the φ that their resolution stands for."
        )
    )
    return state


#: What the chart calls each way.
_NAMES = {
    "width": translatable("width only"),
    "depth": translatable("depth only"),
    "resolution": translatable("resolution only"),
    "compound": translatable("compound"),
}


def _figure(frame: pd.DataFrame, family: pd.DataFrame, of: str, grown: float) -> go.Figure:
    dark, figure = is_dark(), CHART_FIGURES[of]
    made = go.Figure()
    if of == "macs":
        line = frame[frame["way"] == "compound"]
        made.add_scatter(x=line["phi"], y=line["expected"] * figure.scale, mode="lines", name=f"B0 × {grown:.2f}^φ", line={"width": 9, "color": palette.mix(palette.QUIET.on(dark), palette.GROUND.on(dark), 0.3)}, hoverinfo="skip")  # fmt: skip
    for way in SCALED_DIMENSIONS:
        part = frame[frame["way"] == way]
        made.add_scatter(x=part["phi"], y=part[of] * figure.scale, mode="lines+markers", name=tr(_NAMES[way]),
                         line={"width": 2.5, "dash": WAY_DASHES[way], "color": way_colour(way, dark)}, marker={"size": 8, "symbol": WAY_MARKS[way]},
                         customdata=[[figure.form(v), tr("depth ×{depth}, width ×{width}, {side} px", depth=f"{d:.2f}", width=f"{w:.2f}", side=f"{s:g}")] for v, d, w, s in zip(part[of], part["depth_mult"], part["width_mult"], part["side"], strict=True)],
                         hovertemplate="φ = %{x}<br>%{customdata[0]}<br>%{customdata[1]}<extra>" + tr(way) + "</extra>")  # fmt: skip
    made.add_scatter(x=family["phi"], y=family[of] * figure.scale, mode="markers+text", text=[p.removeprefix("efficientnet_").upper() for p in family["preset"]], textposition="bottom right",
                     name=tr("published"), cliponaxis=False, marker={"size": 12, "symbol": "star", "color": palette.INK.on(dark)},
                     customdata=[figure.form(v) for v in family[of]], hovertemplate="%{text}: %{customdata}<extra></extra>")  # fmt: skip
    made.update_xaxes(title=tr("Compound exponent φ"))
    made.update_yaxes(title=figure.title, type="log")
    return made
