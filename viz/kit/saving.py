"""Downloads of a page: every file is named after its networks and the day, and every column of a CSV file has its unit."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import pandas as pd
import streamlit as st

from blocks.language import in_same_language
from viz.kit.data_table import data_table
from viz.kit.naming import Of, file_stem, of_title, today

#: What a file's columns are called, by the names that the library's tables give them.
_HEADS = {
    "params": "parameters", "params_a": "parameters A", "params_b": "parameters B", "macs": "MACs", "flops": "FLOPs", "bytes": "bytes moved (B)",
    "bytes_moved": "bytes moved (B)", "peak_memory": "peak memory (B)", "memory": "peak memory (B)", "latency": "estimated latency (s)", "seconds": "time (s)",
    "milliseconds": "time (ms)", "measured": "measured (s)", "estimated": "estimated (s)", "ms": "time (ms)", "intensity": "intensity (FLOPs/B)",
    "speed": "speed (FLOP/s)", "roof": "roof (FLOP/s)", "reached": "reached (share of roof)", "images_per_second": "throughput (images/s)",
    "joules_per_image": "energy (J/image)", "accuracy": "ImageNet top-1 (%)", "expected": "expected MACs",
}  # fmt: skip
_NETWORK, _DATE = "network", "date"
_NAMED = (_NETWORK, "preset")  # columns that say which network a row is of


def column_head(name: str) -> str:
    """What a file calls a column of the library's tables: words and unit."""
    return _HEADS.get(name, name)


def with_units(frame: pd.DataFrame, heads: Mapping[str, str] | None = None) -> pd.DataFrame:
    """``frame`` with a unit in the head of each column that has one; ``heads`` say those that only this table knows."""
    known = _HEADS | dict(heads or {})
    return frame.rename(columns={name: known.get(str(name), name) for name in frame.columns})


def csv_text(frame: pd.DataFrame, of: Of, heads: Mapping[str, str] | None = None) -> str:
    """``frame`` as CSV whose rows say by themselves of which network they are, and of which day the file is."""
    made = with_units(frame, heads)
    if not any(name in made.columns for name in _NAMED):
        made = made.assign(**{_NETWORK: of_title(of)})
    if _DATE not in made.columns:
        made = made.assign(**{_DATE: today()})
    return str(made.to_csv(index=False))


def save_button(label: str, data: Any, *, of: Of, what: str, suffix: str, mime: str | None = None, icon: str = ":material/download:", **options: Any) -> None:
    """A button that saves ``data``, or what a callable makes when it is pressed, in a file named after ``of``, ``what`` and the day. It reruns nothing."""
    st.download_button(label, data, f"{file_stem(of, what)}{suffix}", mime, icon=icon, on_click="ignore", **options)


def csv_button(frame: pd.DataFrame, *, of: Of, what: str, key: str, heads: Mapping[str, str] | None = None, **options: Any) -> None:
    """A button that saves ``frame`` as CSV (:func:`csv_text`), which is written when it is pressed."""
    save_button("CSV", in_same_language(partial(csv_text, frame, of, heads)), of=of, what=what, suffix=".csv", mime="text/csv", key=key, **options)


def saved_table(
    frame: pd.DataFrame, place: str, config: Mapping[str, object] | None = None, *, of: Of, what: str, index: bool = False, **options: object
) -> Any:
    """The table of :func:`viz.kit.data_table.data_table`, with its CSV below; the table's answer is returned.

    Streamlit's own download of a table, which knows no networks, is taken off by the pages' style.
    """
    event = data_table(frame, place, config, index=index, **options)
    with st.container(horizontal=True, horizontal_alignment="right"):
        csv_button(frame.reset_index() if index else frame, of=of, what=what, key=f"{place}.csv")
    return event
