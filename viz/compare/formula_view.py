"""The formulas of a comparison on the page."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from blocks.language import tr
from viz.compare.formulas import COUNT_TITLES, FormulaLine, FormulaRatio, Formulas, side_formulas
from viz.kit.board import Side
from viz.kit.charts import is_dark
from viz.kit.palette import variant_colour
from viz.kit.spoken import speak_letters

_STYLE = "<style>.st-key-compare-formulas .katex-display { overflow-x: auto; overflow-y: hidden; padding: 0.2rem 0; text-align: left; } .st-key-compare-formulas .katex-display > .katex { text-align: left; }</style>"

_NEXT = r" \\[0.6em] "


def formula_view(sides: Sequence[Side]) -> None:
    """One count's formulas, one above the other with the differing terms in their variant's colour, then the ratios."""
    of = st.segmented_control(
        tr("Count"),
        list(COUNT_TITLES),
        key="compare.of",
        default="macs",
        required=True,
        format_func=lambda q: tr(COUNT_TITLES[q]),
        label_visibility="collapsed",
    )
    st.html(_STYLE)
    with st.container(key="compare-formulas"):
        sets = side_formulas(sides, of, is_dark())
        speak_letters([name for found in sets for name in found.names])
        for found in sets:
            _one(found)


def _one(found: Formulas) -> None:
    if found.title:
        st.markdown(f"**{found.title}**")
    for sentence in found.problems:
        st.caption(sentence)
    if not found.lines:
        return
    st.markdown(f"$$\\begin{{aligned}}{_NEXT.join(map(_line, found.lines))}\\end{{aligned}}$$")
    said = [(tr("where"), found.where), (tr("letters of one thing:"), found.notes), *((held.words, held.conditions) for held in found.conditions)]
    words = [f"{word} " + "; ".join(f"${text}$" for text in texts) for word, texts in said if texts]
    if words:
        st.markdown(f":gray[{' · '.join(words)}]")
    for ratio in found.ratios:
        st.markdown(f"$$\\displaystyle {ratio_latex(ratio, found.lines[0].side, is_dark())}$$")


def _line(line: FormulaLine) -> str:
    return rf"\textcolor{{{variant_colour(line.side.colour, is_dark())}}}{{\mathbf{{{line.side.letter}}}}} \;&= " + r" \\[0.3em] &= ".join(line.steps)


def ratio_latex(ratio: FormulaRatio, first: Side, dark: bool) -> str:
    """The ratio, symbolic where it is short enough and always as a number, and the difference where the ratio does not simplify."""
    names = [rf"\textcolor{{{variant_colour(side.colour, dark)}}}{{\mathbf{{{side.letter}}}}}" for side in (ratio.side, first)]
    if ratio.value is None:
        return rf"\frac{{{names[0]}}}{{{names[1]}}} \text{{ {tr('is not defined: {letter} counts nothing', letter=first.letter)}}}"
    number = rf"{ratio.value:.4g}" + (rf" = \frac{{1}}{{{1 / ratio.value:.4g}}}" if 0 < ratio.value < 0.95 else "")
    text = rf"\frac{{{names[0]}}}{{{names[1]}}} = " + (rf"{ratio.symbolic} = " if ratio.symbolic else "") + number
    if not ratio.symbolic and ratio.difference:
        text += rf" \qquad {names[0]} - {names[1]} = {ratio.difference}"
    return text
