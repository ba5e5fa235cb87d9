"""How a chosen number comes about, as formulas and tables: operation by operation, down to the products of a sum."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from blocks.analysis import Analysis
from blocks.language import tr
from viz.inside.wording import node_words, written
from viz.kit.choice import Choice
from viz.kit.saving import saved_table

_TIMES = r" \cdot "
_CELLS = 11  # rows and columns of a patch that are written out


def arithmetic_view(analysis: Analysis, found: Mapping[str, Any], of: Choice) -> None:
    """The chain from the chosen number down to the sum behind it."""
    steps = found["chain"]
    if not steps:
        st.caption(tr("This is where the picture comes in: nothing is computed here."))
        return
    for at, step in enumerate(steps):
        with st.container(border=True):
            st.markdown(f"**{node_words(analysis, analysis.graph.nodes[step['node']])}** · [{', '.join(map(str, step['position'][1:]))}]")
            st.markdown(equation(step))
            if step["way"] in ("sum", "other", "softmax") and step["count"] > 1:
                _terms(step, f"inside-terms-{at}", of)


def equation(step: Mapping[str, Any]) -> str:
    """One operation's number as an equation with the numbers in it."""
    terms, value = step["terms"], written(step["value"])
    if step["way"] == "function":
        return f"${_name(step['operation'])}({written(terms[0]['value'])}) = {value}$"
    if step["way"] == "product":
        return f"${_TIMES.join(_bracketed(t['value']) for t in terms)} = {value}$"
    if step["way"] == "softmax":
        own = next(t for t in terms if t["position"] == step["position"]) if any(t["position"] == step["position"] for t in terms) else terms[0]
        return rf"$\dfrac{{e^{{{written(own['value'])}}}}}{{\sum_{{j=1}}^{{{step['count']}}} e^{{x_j}}}} = {value}$"
    if step["way"] == "other":
        return tr("${value}$ follows from {n} inputs in a way that is no sum of products.", value=value, n=step["count"])
    offset = _signed(step["offset"]) if step["offset"] else ""
    if step["count"] == 1:
        return f"${_bracketed(terms[0]['value'])} \\cdot {_bracketed(terms[0]['factor'])}{offset} = {value}$"
    products = f"{written(sum(t['product'] for t in terms) + step['rest'])}{offset} = " if offset else ""
    return rf"$\sum_{{i=1}}^{{{step['count']}}} x_i w_i{' + b' if offset else ''} = {products}{value}$"


def _name(operation: str) -> str:
    return rf"\operatorname{{{operation.replace('_', chr(92) + '_')}}}"


def _bracketed(value: float) -> str:
    return f"({written(value)})" if value < 0 else written(value)


def _signed(value: float) -> str:
    return f" {'−' if value < 0 else '+'} {written(abs(value))}"


def _terms(step: Mapping[str, Any], place: str, of: Choice) -> None:
    patch = step["patch"]
    if patch is not None and len(patch["rows"]) <= _CELLS and len(patch["columns"]) <= _CELLS:
        st.html(patch_html(patch))
    shown = step["terms"]
    rows = pd.DataFrame(
        {
            tr("Reads"): [f"{'ABCDEFGH'[t['operand'] % 8]}[{', '.join(map(str, t['position'][1:]))}]" for t in shown],
            tr("Value"): [t["value"] for t in shown],
            tr("Factor"): [t["factor"] for t in shown],
            tr("Product"): [t["product"] for t in shown],
        }
    )
    with st.expander(tr("The {n} largest of {total} products", n=len(shown), total=step["count"])):
        saved_table(rows, place, of=of, what=f"products of operation {step['node']}", height=240)
        if step["count"] > len(shown):
            st.caption(tr("The other {n} add {rest}.", n=step["count"] - len(shown), rest=written(step["rest"])))


def patch_html(patch: Mapping[str, Any]) -> str:
    """Patch, kernel and products of one channel as three grids of numbers."""
    values, factors = patch["values"], patch["factors"]
    products = [[None if v is None else v * f for v, f in zip(row, weights, strict=True)] for row, weights in zip(values, factors, strict=True)]
    title = tr("Channel {n}, the one that adds most: {sum} of the sum", n=patch["channel"], sum=written(patch["sum"]))
    grids = [(tr("Patch"), values), (tr("Kernel"), factors), (tr("Products"), products)]
    largest = max((abs(p) for row in products for p in row if p is not None), default=0.0)
    drawn = '<span class="sign">×</span>'.join(_grid(name, rows, None) for name, rows in grids[:2])
    return f'{_STYLE}<div class="inside-patch"><div>{escape(title)}</div><div class="three">{drawn}<span class="sign">=</span>{_grid(*grids[2], largest)}</div></div>'


_STYLE = """<style>
.inside-patch { font-size: .8rem; } .inside-patch .three { display: flex; flex-wrap: wrap; gap: .6rem; align-items: center; margin-top: .3rem; }
.inside-patch table { border-collapse: collapse; font-variant-numeric: tabular-nums; } .inside-patch caption { text-align: left; font-weight: 600; }
.inside-patch td { border: 1px solid rgba(128,128,128,.4); padding: .1rem .3rem; text-align: right; } .inside-patch td.most { font-weight: 700; outline: 2px solid #C2410C; }
.inside-patch .sign { font-size: 1.1rem; }</style>"""


def _grid(name: str, rows: Sequence[Sequence[float | None]], largest: float | None) -> str:
    body = "".join(f"<tr>{''.join(_cell(value, largest) for value in row)}</tr>" for row in rows)
    return f"<table><caption>{escape(name)}</caption>{body}</table>"


def _cell(value: float | None, largest: float | None) -> str:
    if value is None:
        return "<td></td>"
    most = largest is not None and largest > 0 and abs(value) == largest
    return f"<td{' class=most' if most else ''}>{written(value, 3)}</td>"
