"""A table on every screen: Streamlit's own, and on a phone, where its canvas shows two columns, a card for each row."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from blocks.language import tr
from viz.kit.column_widths import fitted, is_missing, number_form

#: Rows that have a card; the table itself, one tap away, has all.
_MOST = 20
_PLACE = "data-table"
#: Cards are shown in a window of up to 640 pixels, which a laptop's is at a zoom of 200 %. Opening the line below them shows the table instead.
CARDS_STYLE = f"""
.stElementContainer:has(> * .row-cards) {{ display: none; }}
.row-cards dl {{ display: grid; grid-template-columns: repeat(auto-fill, minmax(8rem, 1fr)); gap: .35rem .9rem; margin: 0; padding: .6rem 0; border-top: 1px solid rgba(128, 128, 128, .35); }}
.row-cards dl > div {{ min-width: 0; overflow-wrap: anywhere; }}
.row-cards dl > .head {{ grid-column: 1 / -1; font-weight: 600; }}
.row-cards dt {{ font-weight: 400; font-size: .8rem; }}
.row-cards dd {{ margin: 0; font-variant-numeric: tabular-nums; }}
.row-cards summary {{ padding: .4rem 0; text-decoration: underline; cursor: pointer; }}
@media (max-width: 640px) {{
  .stElementContainer:has(> * .row-cards) {{ display: block; }}
  [class*="st-key-{_PLACE}-"] .row-cards:has(details[open]) dl {{ display: none; }}
  [class*="st-key-{_PLACE}-"]:not(:has(.row-cards details[open])) .stElementContainer:has([data-testid="stDataFrame"]) {{ display: none; }}
}}
"""


def data_table(frame: pd.DataFrame, place: str, config: Mapping[str, object] | None = None, *, index: bool = False, **options: Any) -> Any:
    """``st.dataframe`` with columns that show their numbers whole; on a phone each of the first rows as a card, and the table on request.

    ``place`` is the table's own name on the page, ``config`` Streamlit's column configuration, ``index`` whether the frame's index is shown;
    ``options`` are the other arguments of ``st.dataframe``, whose answer is returned.
    """
    columns = fitted(frame, config)
    with st.container(key=f"{_PLACE}-{place}"):
        st.html(row_cards(frame, columns, index, str(options.get("placeholder", "–"))))
        return st.dataframe(frame, hide_index=not index, column_config=columns, **options)


def row_cards(frame: pd.DataFrame, columns: Mapping[str, Any], index: bool = False, missing: str = "–") -> str:
    """The first rows as HTML, a card each: its heading is the index, or the first column, and below it each other column under its name."""
    shown = frame.head(_MOST)
    names = [str((columns.get(name) or {}).get("label") or name) for name in frame.columns]
    cells = [_written(shown[name], dict(columns.get(name) or {}), missing) for name in shown.columns]
    if index:
        names, cells = [str(frame.index.name or ""), *names], [[str(value) for value in shown.index], *cells]
    cards = "".join(_card(names, row) for row in zip(*cells, strict=True))
    return f'<div class="row-cards">{cards}<details><summary>{escape(_all_rows(len(frame)))}</summary></details></div>'


def _all_rows(n: int) -> str:
    return tr("All {n} rows as a table", n=n) if n > _MOST else tr("As a table")


def _card(names: list[str], row: tuple[str, ...]) -> str:
    head, *others = (f"<dt>{escape(name)}</dt><dd>{escape(text)}</dd>" for name, text in zip(names, row, strict=True))
    return f'<dl><div class="head">{head}</div>{"".join(f"<div>{pair}</div>" for pair in others)}</dl>'


def _written(column: pd.Series, config: Mapping[str, Any], missing: str) -> list[str]:
    """A column's values as the table writes them."""
    number = number_form(config)
    numeric = column.dtype.kind in "iuf"

    def written(value: Any) -> str:
        if is_missing(value):
            return missing
        if numeric:
            return number(value)
        return value.strftime("%Y-%m-%d %H:%M") if isinstance(value, pd.Timestamp) else str(value)

    return [written(value) for value in column.tolist()]
