"""Rows of a comparison as an HTML table: a column a variant, under its colour. The page and the report share it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from viz.compare.content import TableCell, TableRow
from viz.kit.board import Side
from viz.kit.palette import variant_colour

_HEAD, _COLUMN = 10.5, 7.0  # rem: the rows' names, and the least of a variant's column in which a large figure stands whole
_MOST_SIDES = 6
_TABLE_STYLE = """
.figures-frame { container-type: inline-size; }
.figures { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; table-layout: fixed; }
.figures th, .figures td { text-align: left; vertical-align: top; padding: 0.45rem 0.8rem 0.45rem 0; border: 0; border-bottom: 1px solid rgba(128, 128, 128, 0.25); }
.figures tr > :last-child { padding-right: 0; }
.figures thead th { border-bottom: 0; padding-bottom: 0.3rem; overflow-wrap: anywhere; }
.figures thead th i { display: block; height: 4px; border-radius: 2px; margin-bottom: 0.4rem; }
.figures tbody th { font-weight: 400; opacity: 0.75; width: 10.5rem; overflow-wrap: break-word; }
.figures .head { width: 10.5rem; }
.figures td b { font-size: 1.3rem; font-weight: 600; white-space: nowrap; }
.figures td small { display: block; opacity: 0.75; font-size: 0.85rem; }
.figures.quiet td b { font-size: 1rem; font-weight: 400; white-space: normal; overflow-wrap: anywhere; }
.figures.quiet td.differs b { font-weight: 600; }
"""
# Where the columns would be too narrow, each row is a card with its variants side by side or below one another, each under its name and colour.
_CARDS = """
@container (max-width: WIDTHrem) {
.figures.of-COUNT, .figures.of-COUNT tbody { display: block; }
.figures.of-COUNT thead { display: none; }
.figures.of-COUNT tbody tr { display: grid; grid-template-columns: repeat(auto-fill, minmax(7.5rem, 1fr)); column-gap: 0.8rem; padding: 0.5rem 0; border-bottom: 1px solid rgba(128, 128, 128, 0.25); }
.figures.of-COUNT tbody th { grid-column: 1 / -1; width: auto; border: 0; padding: 0; }
.figures.of-COUNT tbody td { border: 0; padding-right: 0; min-width: 0; }
.figures.of-COUNT tbody td::before { content: attr(data-of); display: block; border-top: 3px solid var(--of); font-size: 0.8rem; opacity: 0.85; overflow-wrap: anywhere; }
}
"""
#: Takes the colours of whatever stands around it, so that both themes and the report's page suit.
STYLE = _TABLE_STYLE + "".join(_CARDS.replace("COUNT", str(n)).replace("WIDTH", f"{_HEAD + _COLUMN * n:g}") for n in range(1, _MOST_SIDES + 1))


def html_table(sides: Sequence[Side], rows: Sequence[TableRow], dark: bool = False, quiet: bool = False) -> str:
    """The table without its style (:data:`STYLE`); ``quiet`` sets values as text instead of as large figures."""
    head = "".join(f'<th><i style="background:{variant_colour(side.colour, dark)}"></i>{escape(side.title)}</th>' for side in sides)
    body = "".join(
        f'<tr><th title="{escape(row.meaning, quote=True)}">{escape(row.name)}</th>'
        f"{''.join(_cell(cell, side, dark) for cell, side in zip(row.cells, sides, strict=True))}</tr>"
        for row in rows
    )
    kind = f"figures of-{len(sides)}{' quiet' if quiet else ''}"
    return f'<div class="figures-frame"><table class="{kind}"><thead><tr><th class="head"></th>{head}</tr></thead><tbody>{body}</tbody></table></div>'


def _cell(cell: TableCell, side: Side, dark: bool) -> str:
    title = f' title="{escape(cell.title, quote=True)}"' if cell.title else ""
    below = f"<small>{escape(cell.below)}</small>" if cell.below else ""
    differs = ' class="differs"' if cell.differs else ""
    of = f' data-of="{escape(side.title, quote=True)}" style="--of:{variant_colour(side.colour, dark)}"'
    return f"<td{differs}{of}{title}><b>{escape(cell.text)}</b>{below}</td>"
