"""The details below the graph: the filtered table with its sums, the rows that follow the graph, shares, memory, code and sources."""

from __future__ import annotations

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from blocks import analyse, catalog
from tests.drawing import charts, numbers, said, shown
from viz.explore import details
from viz.graph.view_state import Selection
from viz.kit.choice import Choice

ANALYSIS = analyse("bottleneck")


def table(app: AppTest) -> pd.DataFrame:
    frame: pd.DataFrame = app.dataframe[0].value
    return frame


def test_the_sums_are_those_of_the_rows_that_are_left() -> None:
    app = shown(details.layers_view, Choice("bottleneck"))
    whole = len(table(app))
    assert table(app)["Parameters"].sum() == ANALYSIS.params
    assert f"{whole} of {whole} operations" in said(app)
    app.text_input[0].set_value("BATCH_norm").run()
    norms = table(app)
    assert 0 < len(norms) < whole
    assert norms["Operation"].str.contains("batch_norm").all()
    assert f"{len(norms)} of {whole} operations" in said(app)
    assert f"Parameters {norms['Parameters'].sum():,}".replace(",", " ") in said(app)


def test_a_filter_is_text_and_no_pattern() -> None:
    app = shown(details.layers_view, Choice("bottleneck"))
    app.text_input[0].set_value("(").run()
    assert not app.exception
    assert len(table(app)) == 0


def test_the_first_row_of_what_the_graph_selects_is_marked() -> None:
    nodes = ANALYSIS.table["node"].tolist()
    app = shown(details.layers_view, Choice("bottleneck"), Selection("x", nodes[3], nodes[3] + 2))
    assert app.session_state["layers.table"]["selection"]["rows"] == [3]
    assert app.session_state["layers.shown"] == (3, 1)


def test_a_selection_that_was_filtered_away_marks_no_row() -> None:
    app = shown(details.layers_view, Choice("bottleneck"), Selection("x", 10_000, 10_001))
    assert app.session_state["layers.table"]["selection"]["rows"] == []
    assert "layers.shown" not in app.session_state


def test_shares_of_each_cost_add_up() -> None:
    for chart in charts(shown(details.stages_view, Choice("bottleneck"))):
        shares = [numbers(trace["x"]) for trace in chart["data"]]
        assert [sum(column) for column in zip(*shares, strict=True)] == pytest.approx([100.0] * 4)


def test_the_memory_line_peaks_where_the_figure_says() -> None:
    (chart,) = charts(shown(details.memory_timeline, Choice("bottleneck")))
    assert max(chart["data"][0]["y"]) == pytest.approx(ANALYSIS.peak_memory / 2**20)


def test_the_code_makes_this_network_and_shows_its_class() -> None:
    app = shown(details.code_view, Choice("bottleneck", {"kernel_size": 5}))
    call, source = (block.value for block in app.code)
    assert 'catalog.build("bottleneck", kernel_size=5)' in call
    assert source.startswith("@block") or "class Bottleneck" in source
    made: dict[str, object] = {}
    exec(call, made)
    assert made["a"].params == analyse("bottleneck", kernel_size=5).params  # type: ignore[attr-defined]


def test_what_has_no_record_says_so_and_turned_knobs_are_no_part_of_it() -> None:
    assert "None is on record for this name." in said(shown(details.published_view, Choice("bottleneck")))
    turned = said(shown(details.published_view, Choice("resnet50", {"se_ratio": 16})))
    assert "are of resnet50 as published" in turned
    assert "arXiv 1512.03385" in turned


def test_a_paper_is_cited_by_its_first_author() -> None:
    assert details.cited(catalog.Paper("T", "He, Zhang", 2015, "1512.03385")).startswith("[He et al. 2015](")
    assert "input 1 × 3 × 224 × 224" in details.subtitle(Choice("resnet50"))


@pytest.mark.parametrize(("marked", "after"), [(4, [4]), (0, [3])])
def test_a_row_inside_of_the_selection_stays_marked(marked: int, after: list[int]) -> None:
    nodes = ANALYSIS.table["node"].tolist()

    def page(selection: Selection) -> None:
        st.session_state["layers.table"] = {"selection": {"rows": [marked], "columns": [], "cells": []}}
        details._follow(nodes, selection)

    app = shown(page, Selection("x", nodes[3], nodes[5]))
    assert app.session_state["layers.table"]["selection"]["rows"] == after
