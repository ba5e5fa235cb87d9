"""Bringing a selected row of a table into sight, which Streamlit's own table does not do by itself."""

from __future__ import annotations

import streamlit as st

# The table is a canvas of rows of one height inside an element that scrolls. A table that has just come may not have that yet.
_SCRIPT = """
const ROW = 35, PATIENCE = 40;
export default function ({ data, parentElement }) {
  if (parentElement.shown === data.n) return;
  parentElement.shown = data.n;
  const show = (left) => {
    const scroller = document.querySelector(`.st-key-${CSS.escape(data.table)} .dvn-scroller`);
    if (!scroller || scroller.scrollHeight <= scroller.clientHeight) {
      if (left) setTimeout(() => show(left - 1), 50);
      return;
    }
    const top = data.row * ROW, room = scroller.clientHeight - ROW; // the head stays
    if (top < scroller.scrollTop || top + ROW > scroller.scrollTop + room) scroller.scrollTop = Math.max(0, top - room / 2);
  };
  show(PATIENCE);
}
"""
_mount = st.components.v2.component("row_in_sight", js=_SCRIPT)


def in_sight(table: str, row: int, n: int) -> None:
    """Scroll the ``st.dataframe`` with key ``table`` to ``row`` (from 0, unsorted), once for each ``n``."""
    _mount(key=f"{table}.in_sight", data={"table": table.replace(".", "-"), "row": row, "n": n}, height=1)
