"""A total's power law in words: from the formula, and the slope that was counted, each said to be what it is."""

from __future__ import annotations

from typing import Any

import pandas as pd
import streamlit as st

from blocks import catalog
from blocks.knobs import KnobError
from blocks.language import retell, speaking, tr
from blocks.space.axes import INPUT_SIDE, DesignAxis
from blocks.space.count import NetworkVariant, Setup
from blocks.space.power import NoPowerLaw, PowerLaw, power_law, slope
from blocks.trace.errors import TraceError
from viz.kit.figures import Figure
from viz.kit.numbers import short
from viz.kit.spoken import speak_letters
from viz.scaling.curves import law_letter


@st.cache_data(max_entries=256, show_spinner=False)
def _law(name: str, knobs: tuple[tuple[str, object], ...], side: int | None, batch: int, dtype: str, training: bool, axis: str, of: str) -> PowerLaw | str:
    try:
        setup = Setup(name, dtype, training, batch)
        with speaking("en"):  # the answer is kept for all; :func:`retell` says it in each user's language
            return power_law(setup, NetworkVariant(dict(knobs), side), catalog.settings(name, **dict(knobs)), axis, of)
    except (NoPowerLaw, KnobError, TraceError) as error:
        return str(error)


def law(setup: Setup, variant: NetworkVariant, along: DesignAxis, figure: Figure, frame: pd.DataFrame, here: Any) -> None:
    """What the formula says, and what the counts around ``here`` say."""
    left, right = st.columns([3, 1], vertical_alignment="center")
    local = slope(list(frame[along.name]), list(frame[figure.name]), float(here)) if here else None
    right.metric(
        tr("Slope at {here}", here=f"{here:g}") if here is not None else tr("Slope"),
        "–" if local is None else f"{local:.2f}",
        tr("counted, within a factor of 1.5"),
        delta_color="off",
        delta_arrow="off",
        help=tr("d log(figure) / d log(knob): the exponent of the power law that fits the counts around the chosen value."),
    )
    found = _law(setup.name, tuple(sorted(variant.knobs.items())), variant.side, setup.batch, setup.dtype, setup.training, along.name, figure.name) \
        if figure.name not in ("latency", "device_time") else tr("An estimate is a sum of maxima, with no formula in the knob; its slope tells how it grows here.")  # fmt: skip
    speak_letters([setup.name])
    with left:
        if isinstance(found, str):
            st.markdown(f"**{tr('Power law.')}** {retell(found)}")
        else:
            _say(found, along, figure, float(here) if here else 1.0, moved=frame[figure.name].nunique() > 1)


def _say(found: PowerLaw, along: DesignAxis, figure: Figure, here: float, moved: bool) -> None:
    symbol = law_letter(along) if along.name != INPUT_SIDE else ("H" if along.label == "Resolution" else "N")
    head = f"**{tr('Power law.')}** "
    if not found.exponent:
        if not found.followed:
            st.markdown(
                head
                + tr("The network's code loops over ${symbol}$: no letter of its formula follows it. The slope, counted, tells how it grows.", symbol=symbol)
            )
        elif moved:
            st.markdown(head + tr("Here the formula has no ${symbol}$ in it; other values take another way through the network's code.", symbol=symbol))
        else:
            many = figure.label.endswith("s")
            said = (
                tr("{figure}: independent of ${symbol}$.", figure=tr(figure.label), symbol=symbol) if many else tr("${symbol}$ changes nothing.", symbol=symbol)
            )
            st.markdown(head + said)
        return
    terms = r" \;+\; ".join(rf"{_number(c)}\,{symbol}^{{{e}}}".replace("^{1}", "") if e else _number(c) for e, c in found.powers[:4])
    terms = terms.replace(r"+\; -", r"-\; ")
    sign = r"\approx" if found.rounded else "="
    more = r" + \dots" if len(found.powers) > 4 else ""
    st.markdown(rf"$\displaystyle \text{{{tr(figure.label)}}} \;{sign}\; {terms}{more}$")  # set in the line, it wraps between its terms
    rounding = tr("roundings left out") if found.rounded else tr("exact while its conditions hold")
    said = tr(
        "**Grows with {power}**, read off the formula ({rounding}). At ${symbol}$ = {here} that term makes {share} of the total.",
        power=f"${symbol}^{{{found.exponent}}}$", rounding=rounding, symbol=symbol, here=f"{here:g}", share=f"{found.share(here):.0%}",
    )  # fmt: skip
    st.markdown(said)


def _number(value: float) -> str:
    """A coefficient as LaTeX: 247.9 M."""
    number, _, letter = short(value, digits=4).partition(" ")
    return number + (rf"\,\mathrm{{{letter}}}" if letter else "")
