"""A row as a card says what the row of the table says: every column, numbers as the table writes them."""

from __future__ import annotations

import re

import pandas as pd
import streamlit as st
from streamlit.testing.v1 import AppTest

from viz.kit.column_widths import fitted
from viz.kit.data_table import row_cards

FRAME = pd.DataFrame(
    {
        "module": ["stem.conv", "<head>"],
        "macs": [118_013_952, 7],
        "share": [0.25, None],
        "ms": [1.25, 2.0],
        "when": [pd.Timestamp("2026-11-28 09:45:10"), pd.NaT],
        "sizes": [[3, 224], []],
    }
)
CONFIG = {
    "macs": st.column_config.NumberColumn("MACs", format="localized"),
    "share": st.column_config.ProgressColumn("share", format="percent"),
    "ms": st.column_config.NumberColumn("ms", format="%.4f"),
}


def cards(html: str) -> list[list[tuple[str, str]]]:
    """Names and values of each card."""
    return [re.findall("<dt>(.*?)</dt><dd>(.*?)</dd>", card) for card in html.split("<dl>")[1:]]


def test_a_card_has_every_column_under_its_name_with_the_numbers_of_the_table() -> None:
    first, second = cards(row_cards(FRAME, fitted(FRAME, CONFIG)))
    assert first == [
        ("module", "stem.conv"),
        ("MACs", "118,013,952"),
        ("share", "25.00%"),
        ("ms", "1.2500"),
        ("when", "2026-11-28 09:45"),
        ("sizes", "[3, 224]"),
    ]
    assert second == [("module", "&lt;head&gt;"), ("MACs", "7"), ("share", "–"), ("ms", "2.0000"), ("when", "–"), ("sizes", "[]")]


def test_the_index_is_the_heading_where_the_table_shows_it() -> None:
    frame = pd.DataFrame({"MACs": [1234, 5]}, index=pd.Index(["layer1", "layer2"], name="stage"))
    assert cards(row_cards(frame, {}, index=True)) == [[("stage", "layer1"), ("MACs", "1,234")], [("stage", "layer2"), ("MACs", "5")]]


def test_a_long_table_has_cards_for_its_first_rows_and_says_how_many_it_has() -> None:
    html = row_cards(pd.DataFrame({"n": range(175)}), {})
    assert len(cards(html)) == 20
    assert "All 175 rows as a table" in html
    assert "As a table" in row_cards(FRAME, {})


def test_an_empty_table_has_no_card() -> None:
    assert cards(row_cards(FRAME.head(0), {})) == []


def chosen_row() -> None:
    import pandas as pd

    from viz.kit.data_table import data_table

    data_table(pd.DataFrame({"a": [1, 2]}), "numbers", key="numbers", on_select="rerun", selection_mode="single-row")


def test_the_table_itself_is_streamlits() -> None:
    shown = AppTest.from_function(chosen_row).run()
    assert not shown.exception
    assert shown.dataframe[0].value["a"].tolist() == [1, 2]
