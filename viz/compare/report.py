"""The report as one HTML file: styles, pictures and formulas inside it, nothing fetched from anywhere."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import pandas as pd

from blocks.language import language
from viz.compare.document import Frame, Heading, Maths, Pictures, ReportPart, ReportPicture, Table, Words
from viz.compare.maths import mathml
from viz.compare.tables import STYLE, html_table
from viz.kit.board import Side
from viz.kit.numbers import all_digits
from viz.kit.palette import GROUND, INK, QUIET

_PAGE = f"""
body {{ font: 16px/1.5 system-ui, "Segoe UI", Helvetica, Arial, sans-serif; color: {INK.light}; background: {GROUND.light}; max-width: 72rem; margin: 2.5rem auto; padding: 0 1.5rem; }}
h1, p {{ overflow-wrap: anywhere; }} h1 {{ font-size: 1.9rem; line-height: 1.25; }} h2 {{ font-size: 1.3rem; margin-top: 2.4rem; }}
pre {{ background: #F2F2EE; padding: 0.8rem 1rem; border-radius: 0.4rem; overflow-x: auto; font-size: 0.9rem; }}
.frame {{ overflow-x: auto; }} .frame table {{ border-collapse: collapse; font-size: 0.85rem; font-variant-numeric: tabular-nums; }}
.frame th, .frame td {{ border-bottom: 1px solid #DCDCD6; padding: 0.3rem 0.9rem 0.3rem 0; text-align: left; vertical-align: top; }} .frame td.n {{ text-align: right; white-space: nowrap; }}
figure {{ margin: 1rem 0; }} figcaption {{ color: {QUIET.light}; font-size: 0.9rem; }} svg {{ max-width: 100%; height: auto; }}
.beside {{ display: flex; flex-wrap: wrap; gap: 1.5rem; align-items: flex-start; }} .beside figure {{ flex: 1 1 14rem; min-width: 12rem; }}
.maths {{ overflow-x: auto; padding: 0.25rem 0; font-size: 1.1rem; }}
@media print {{ body {{ margin: 0; max-width: none; }} h2 {{ break-after: avoid; }} figure, tr {{ break-inside: avoid; }} }}
"""


def html_report(sides: Sequence[Side], parts: Sequence[ReportPart]) -> str:
    """The whole file."""
    title = escape(next(part.text for part in parts if isinstance(part, Heading)))
    body = "\n".join(_part(part, sides) for part in parts)
    return f'<!DOCTYPE html>\n<html lang="{language()}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>{title}</title><style>{_PAGE}{STYLE}</style></head>\n<body>\n{body}\n</body></html>\n'


def _part(part: ReportPart, sides: Sequence[Side]) -> str:
    match part:
        case Heading(text, level):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Words(text, code):
            return f"<pre>{escape(text)}</pre>" if code else f"<p>{escape(text)}</p>"
        case Table(rows, quiet):
            return html_table(sides, rows, quiet=quiet)
        case Frame(frame):
            return f'<div class="frame">{_frame(frame)}</div>'
        case ReportPicture(svg, caption):
            return f"<figure>{svg}<figcaption>{escape(caption)}</figcaption></figure>"
        case Pictures(pictures):
            return f'<div class="beside">{"".join(_part(p, sides) for p in pictures)}</div>'
        case Maths(latex):
            return f'<div class="maths">{mathml(latex)}</div>'


def _frame(frame: pd.DataFrame) -> str:
    head = "".join(f"<th>{escape(str(c))}</th>" for c in frame.columns)
    rows = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in frame.itertuples(index=False))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


def _cell(value: object) -> str:
    return f'<td class="n">{cell_text(value)}</td>' if isinstance(value, (int, float)) else f"<td>{escape(cell_text(value))}</td>"


def cell_text(value: object) -> str:
    """A table's value as text; nothing for what is missing."""
    if value is None or (isinstance(value, float) and value != value):
        return ""
    return all_digits(value) if isinstance(value, (int, float)) else str(value)
