"""What predicts latency: the chart of "FLOPs are not latency"."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from blocks.language import tr
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
    setup = st.selectbox(tr("Published setup"), known, index=known.index(_START), key="latency.setup", format_func=setup_words)
    with st.spinner(tr("Counting every published network at its own image size and batch …")):
        found = predictors(setup)
    ordered = found.ranks.sort_values("rho")
    worst, best = ordered.iloc[0], ordered.iloc[-1]
    flops = found.ranks.set_index("predictor").loc["flops"]
    said = tr(
        "FLOPs order {n} networks with a rank correlation of {rho} ({low} – {high}); {best} with {best_rho}, {worst} with {worst_rho}",
        n=len(found.table), rho=f"{flops['rho']:.2f}", low=f"{flops['low']:.2f}", high=f"{flops['high']:.2f}",
        best=_title(best["predictor"]), best_rho=f"{best['rho']:.3f}", worst=_title(worst["predictor"]), worst_rho=f"{worst['rho']:.2f}",
    )  # fmt: skip
    st.markdown(f"#### {said}")
    marked = {side.choice.name: side.colour for side in sides}
    of = ", ".join([tr("{n} published networks", n=len(found.table)), found.machine, found.dtype])
    left, right = st.columns(2, gap="medium")
    with left:
        one = st.selectbox(tr("Predictor"), list(PREDICTORS), index=list(PREDICTORS).index("flops"), key="latency.one", format_func=_title)
        chart(figures.against_time(found, one, is_dark(), marked), key="latency-one", name=f"{one}-against-time", of=of, height=420)
    with right:
        other = st.selectbox(tr("Predictor beside it"), list(PREDICTORS), index=list(PREDICTORS).index("model"), key="latency.other", format_func=_title)
        chart(figures.against_time(found, other, is_dark(), marked), key="latency-other", name=f"{other}-against-time", of=of, height=420)
    chart(figures.predictor_ranks(found, is_dark()), key="latency-ranks", name="rank-correlations", of=of, frame=found.ranks, height=340)
    st.caption(
        tr(
            "{machine}, {dtype}; times as published by timm, one figure per network at the image size nearest to its preset's, counted at that size and batch. "
            "The model is fitted on all networks but the one that it predicts; it is off by {error} % in the median. "
            "Intervals: 95 %, 2000 bootstrap draws over networks.",
            machine=found.machine,
            dtype=found.dtype,
            error=f"{100 * found.error:.2g}",
        )
    )


def _title(predictor: str) -> str:
    return tr(PREDICTORS[predictor])
