"""The weights of an operation on the page: kernels as a picture, histogram, singular values."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from blocks.language import tr
from blocks.look.kernels import LARGEST_MATRIX, MOST_KERNELS
from viz.inside.address import InsideState
from viz.inside.views import histogram_chart
from viz.inside.wording import written
from viz.kit.charts import chart


def weights_view(found: Mapping[str, Any], state: InsideState) -> None:
    """Everything of one answer to "weights"."""
    shape = found["shape"]
    st.markdown(f"`{found['name']}` · {' × '.join(map(str, shape))}")
    if found["mosaic"]:
        st.image(base64.b64decode(found["mosaic"]))
        first = tr("The first {n} of {total} kernels.", n=min(MOST_KERNELS, shape[0]), total=shape[0]) if shape[0] > MOST_KERNELS else ""
        mean = "" if shape[1] == 3 else tr("Each is the mean over its {n} input channels.", n=shape[1])
        st.caption(" ".join(filter(None, (first, mean, tr("Grey is zero, white the largest weight, black the largest negative one.")))))
    left, right = st.columns(2)
    with left:
        histogram_chart(found, state, "inside-weights", f"weights {found['name']}", tr("Weight"), tr("Number of weights"))
    with right:
        _singular(found, state)


def _singular(found: Mapping[str, Any], state: InsideState) -> None:
    values = found["singular"]
    if not values:
        st.caption(tr("The matrix has more than {n} rows and columns: its singular values are not computed.", n=LARGEST_MATRIX))
        return
    figure = go.Figure(go.Scatter(x=list(range(1, len(values) + 1)), y=values, mode="lines+markers" if len(values) < 40 else "lines"))
    figure.update_layout(xaxis_title=tr("Number"), yaxis_title=tr("Singular value"), yaxis_rangemode="tozero")
    frame = pd.DataFrame({"number": range(1, len(values) + 1), "value": values})
    heads = {"number": tr("Number"), "value": tr("Singular value")}
    chart(figure, key="inside-singular", name=f"singular values {found['name']}", of=state.choice, frame=frame, heads=heads, height=260)
    st.caption(
        tr(
            "{n} of {total} singular values make 90 % of the squared norm; the largest is {largest}.",
            n=_most(values),
            total=len(values),
            largest=written(values[0], 4),
        )
    )


def _most(values: list[float], share: float = 0.9) -> int:
    """How many of the largest values make ``share`` of the sum of squares."""
    total, so_far = sum(v * v for v in values), 0.0
    for count, value in enumerate(values, 1):
        so_far += value * value
        if so_far >= share * total:
            return count
    return len(values)
