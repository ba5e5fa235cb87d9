"""Rows of a comparison as an HTML table: a column a variant, under its colour. The page and the report share it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from viz.compare.content import TableCell, TableRow
from viz.kit.board import Side
from viz.kit.palette import variant_colour

#: Takes the colours of whatever stands around it, so that both themes and the report's page suit.
STYLE = """
.figures { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; table-layout: fixed; }
.figures th, .figures td { text-align: left; vertical-align: top; padding: 0.45rem 0.8rem 0.45rem 0; border: 0; border-bottom: 1px solid rgba(128, 128, 128, 0.25); }
.figures thead th { border-bottom: 0; padding-bottom: 0.3rem; overflow-wrap: anywhere; }
.figures thead th i { display: block; height: 4px; border-radius: 2px; margin-bottom: 0.4rem; }
.figures tbody th { font-weight: 400; opacity: 0.75; width: 10.5rem; overflow-wrap: break-word; }
.figures .head { width: 10.5rem; }
.figures td b { font-size: 1.3rem; font-weight: 600; white-space: nowrap; }
.figures td small { display: block; opacity: 0.75; font-size: 0.85rem; }
.figures.quiet td b { font-size: 1rem; font-weight: 400; white-space: normal; overflow-wrap: anywhere; }
.figures.quiet td.differs b { font-weight: 600; }
"""


def html_table(sides: Sequence[Side], rows: Sequence[TableRow], dark: bool = False, quiet: bool = False) -> str:
    """The table without its style (:data:`STYLE`); ``quiet`` sets values as text instead of as large figures."""
    head = "".join(f'<th><i style="background:{variant_colour(side.colour, dark)}"></i>{escape(side.title)}</th>' for side in sides)
    body = "".join(f'<tr><th title="{escape(row.meaning, quote=True)}">{escape(row.name)}</th>{"".join(map(_cell, row.cells))}</tr>' for row in rows)
    return f'<table class="figures{" quiet" if quiet else ""}"><thead><tr><th class="head"></th>{head}</tr></thead><tbody>{body}</tbody></table>'


def _cell(cell: TableCell) -> str:
    title = f' title="{escape(cell.title, quote=True)}"' if cell.title else ""
    below = f"<small>{escape(cell.below)}</small>" if cell.below else ""
    differs = ' class="differs"' if cell.differs else ""
    return f"<td{differs}{title}><b>{escape(cell.text)}</b>{below}</td>"
