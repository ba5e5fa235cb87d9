"""Charts on a page: one look, readable axes with units, the pictures and the numbers to take along."""

from __future__ import annotations

from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st


def is_dark() -> bool:
    """Whether the person looks at the dark theme."""
    return st.context.theme.type == "dark"


def styled(figure: go.Figure, height: int = 420) -> go.Figure:
    """``figure`` with the house's margins, type sizes and a legend that hides no data."""
    figure.update_layout(
        height=height, margin={"l": 8, "r": 8, "t": 40 if figure.layout.title.text else 12, "b": 8}, font={"size": 14},
        legend={"orientation": "h", "yanchor": "top", "y": -0.18, "x": 0}, hoverlabel={"font": {"size": 13}},
    )  # fmt: skip
    figure.update_xaxes(automargin=True, title_standoff=8)
    figure.update_yaxes(automargin=True, title_standoff=8)
    return figure


def chart(figure: go.Figure, *, key: str, name: str, frame: pd.DataFrame | None = None, height: int = 420, **options: Any) -> Any:
    """Show ``figure``; its tool bar saves PNG or SVG as ``name``, and ``frame`` is offered as CSV. Further ``options`` go to st.plotly_chart."""
    place = st.container(key=f"{key}-chart")
    with place:
        form = st.session_state.get(f"{key}-form") or "svg"
        config = {"displaylogo": False, "toImageButtonOptions": {"format": form, "filename": name, "scale": 2}, "modeBarButtonsToRemove": ["lasso2d"]}
        event = st.plotly_chart(styled(figure, height), key=key, config=config, **options)
        left, right = st.columns([5, 1], vertical_alignment="center")
        left.segmented_control("Picture saved as", ["svg", "png"], key=f"{key}-form", default="svg", required=True, label_visibility="collapsed",
                               help="What the camera in the chart's tool bar saves.")  # fmt: skip
        if frame is not None:
            right.download_button("CSV", frame.to_csv(index=False), f"{name}.csv", "text/csv", key=f"{key}-csv", icon=":material/download:", on_click="ignore")
    return event
