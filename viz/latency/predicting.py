"""What predicts latency: the chart of "FLOPs are not latency"."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from blocks.latency.roofline.efficiency_fit import published_setups
from blocks.latency.roofline.predictors import PREDICTORS, predictors
from viz.kit.board import Side
from viz.kit.charts import chart, is_dark
from viz.kit.published_throughput import setup_words
from viz.latency import figures

_START = "amp-nchw-pt291-cu128-4090"


def predict_section(sides: Sequence[Side]) -> None:
    """A published setup, the rank correlations, and any two predictors beside each other."""
    known = published_setups()
    setup = st.selectbox("Published setup", known, index=known.index(_START), key="latency.setup", format_func=setup_words)
    with st.spinner("Counting every published network at its own image size and batch …"):
        found = predictors(setup)
    ordered = found.ranks.sort_values("rho")
    worst, best = ordered.iloc[0], ordered.iloc[-1]
    flops = found.ranks.set_index("predictor").loc["flops"]
    st.markdown(
        f"#### FLOPs order {len(found.table)} networks with a rank correlation of {flops['rho']:.2f} ({flops['low']:.2f} – {flops['high']:.2f}); "
        f"{PREDICTORS[best['predictor']]} with {best['rho']:.3f}, {PREDICTORS[worst['predictor']]} with {worst['rho']:.2f}"
    )
    marked = {side.choice.name: side.colour for side in sides}
    left, right = st.columns(2, gap="medium")
    with left:
        one = st.selectbox("Predictor", list(PREDICTORS), index=list(PREDICTORS).index("flops"), key="latency.one", format_func=PREDICTORS.__getitem__)
        chart(figures.against_time(found, one, is_dark(), marked), key="latency-one", name=f"{one}-against-time", height=420)
    with right:
        other = st.selectbox(
            "Predictor beside it", list(PREDICTORS), index=list(PREDICTORS).index("model"), key="latency.other", format_func=PREDICTORS.__getitem__
        )
        chart(figures.against_time(found, other, is_dark(), marked), key="latency-other", name=f"{other}-against-time", height=420)
    chart(figures.predictor_ranks(found, is_dark()), key="latency-ranks", name="rank-correlations", frame=found.ranks, height=340)
    st.caption(
        f"{found.machine}, {found.dtype}; times as published by timm, one figure per network at the image size nearest to its preset's, counted at that size and batch. "
        f"The model is fitted on all networks but the one that it predicts; it is off by {100 * found.error:.2g} % in the median. "
        "Intervals: 95 %, 2000 bootstrap draws over networks."
    )
