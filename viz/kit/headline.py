"""The headline figures: few, large, each with its change against the published network."""

from __future__ import annotations

import streamlit as st

from blocks import catalog
from blocks.analysis import Analysis
from blocks.language import tr
from viz.kit.figures import HEADLINE
from viz.kit.numbers import all_digits, change_text


def headline(analysis: Analysis, base: Analysis | None) -> None:
    """Five figures below one another; ``base`` is the network as published, or as it was opened, None while it is the same."""
    unchanged = tr("as opened") if catalog.is_address(analysis.name or "") else tr("as published")
    for figure in HEADLINE:
        value = figure.of(analysis)
        moved = change_text(value, figure.of(base), figure.form) if base is not None else None
        digits = f"{all_digits(value)} {figure.exact_unit}".rstrip()
        st.metric(tr(figure.label), figure.form(value), moved or unchanged, delta_color="off", delta_arrow="off", help=f"**{digits}**: {tr(figure.meaning)}")
