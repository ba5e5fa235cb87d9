"""Widths for columns of numbers: Streamlit measures only a table's first rows, and cut off the digits of a longer number below."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pandas as pd

_DIGIT, _LETTER = 8.0, 8.6  # pixels of the table's type (14 px) at its widest glyphs
_AROUND, _SORT = 20, 22  # pixels beside a cell's text, and for a head's arrow
_LEAST = 60
_NUMBERS = "iufcb"  # kinds of pandas' types whose values are numbers, yes and no among them


def column_width(column: pd.Series, form: Callable[[float], str], head: str) -> int:
    """Pixels in which the longest number of ``column``, written by ``form``, and its ``head`` stand whole."""
    longest = max((len(form(value)) for value in set(column.tolist()) if not is_missing(value)), default=0)
    return int(max(_LEAST, longest * _DIGIT + _AROUND, len(head) * _LETTER + _AROUND + _SORT))


def fitted(frame: pd.DataFrame, config: Mapping[str, object] | None = None) -> dict[str, Any]:
    """Streamlit's column configuration for ``frame``: ``config``, and a width for every column of numbers that has none."""
    made: dict[str, Any] = dict(config or {})
    name: Any
    for name, column in frame.items():
        own = dict(made.get(name) or {})
        if column.dtype.kind in _NUMBERS and own.get("width") is None:
            made[name] = own | {"width": column_width(column, number_form(own), str(own.get("label") or name))}
    return made


def is_missing(value: object) -> bool:
    """Whether a cell's ``value`` stands for none."""
    return value is None or value is pd.NA or value is pd.NaT or (isinstance(value, float) and value != value)


def number_form(own: Mapping[str, Any]) -> Callable[[float], str]:
    """How a table with this column configuration writes a number: whole numbers with their thousands apart, others with four decimals, or as a printf format says."""
    pattern = (own.get("type_config") or {}).get("format")
    if pattern == "percent":
        return lambda value: f"{value:.2%}"
    if pattern and pattern.startswith("%") and not pattern.endswith("%%"):
        return lambda value: pattern % value
    return lambda value: f"{value:,.0f}" if float(value).is_integer() else f"{value:,.4f}"
