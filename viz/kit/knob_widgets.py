"""Knobs as Streamlit widgets: what a widget shows is read from the knob, what it returns is checked by it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

import streamlit as st

from blocks.knobs import DEPTH, Knob, KnobError
from blocks.language import tr
from viz.kit.widget_state import held, held_index

#: Above this many values a slider is too coarse to hit one of them.
_SLIDER_STEPS = 40


def knob_label(knob: Knob) -> str:
    """The knob's name with its symbol, as formulas write it."""
    from blocks.formulas.latex import letter

    label = tr(knob.label)
    if knob.symbol == knob.name:
        return label
    return f"{label.removesuffix(f' {knob.symbol}')} ${letter(knob.symbol)}$"  # "SE ratio r" has its symbol in words already


def about(knob: Knob) -> str:
    """What a knob's widget says on asking: its meaning, argument, published value and range."""
    said = [tr(knob.help), tr("Argument `{name}`, published {value}.", name=knob.name, value=knob.text(knob.default))]
    if knob.low is not None and knob.high is not None:
        ends = {"low": f"{knob.low:g}", "high": f"{knob.high:g}"}
        said.append(tr("{low} to {high} each.", **ends) if knob.kind == "ints" else tr("{low} to {high}.", **ends))
    return " ".join(filter(None, said))


#: The knobs that a user looks for first, in this order, with a block's channels; all others stand under "More".
_MAIN = ("c_in", "c_out", "kernel_size", "patch_size", "stride", "groups", "width_per_group", "expansion", "se_ratio", "width_mult", "width", "depths", "depth",
         "depth_mult", "layers", "growth_rate", "heads", "octave_alpha")  # fmt: skip
#: Values to click on, for knobs of which the literature uses few; another one, from a link, is offered beside them.
_OFFERED: Mapping[str, tuple[int, ...]] = {"se_ratio": (0, 2, 4, 8, 16, 32)}
_FEW = 4  # other knobs that need no "More"


def main_first(knobs: tuple[Knob, ...]) -> tuple[tuple[Knob, ...], tuple[Knob, ...]]:
    """The main knobs in their order, and the others; a block of few knobs has only main ones."""
    order = {knob.name: _MAIN.index(knob.name) if knob.name in _MAIN else len(_MAIN) for knob in knobs if knob.name in _MAIN or knob.name.startswith("c_")}
    main = tuple(sorted((k for k in knobs if k.name in order), key=lambda k: order[k.name]))
    others = tuple(k for k in knobs if k.name not in order)
    return (main, others) if len(others) > _FEW else ((*main, *others), ())


def by_group(knobs: tuple[Knob, ...]) -> dict[str, list[Knob]]:
    """Knobs by group, groups in the order met."""
    found: dict[str, list[Knob]] = {}
    for knob in knobs:
        found.setdefault(knob.group, []).append(knob)
    return found


def knob_widget(knob: Knob, value: object, key: str, said: str | None = None, on_change: Callable[[], None] | None = None) -> object:
    """One widget for one knob; ``said`` is its help in other words, ``on_change`` is called before the page runs with a new value. Raises :class:`KnobError` for text that is no list of numbers."""
    text, help_ = knob_label(knob), said or about(knob)
    if knob.kind == "bool":
        return st.toggle(text, held(key, value), key=key, help=help_, on_change=on_change)
    if knob.kind == "choice":
        values = list(knob.values or ())
        if len(values) <= 4 and sum(len(str(v)) for v in values) < 26:
            picked = st.segmented_control(text, values, key=key, default=held(key, value), help=help_, required=True, on_change=on_change)
            return value if picked is None else picked  # nothing is picked for a moment where the browser redraws it
        return st.selectbox(text, values, held_index(key, values, value), key=key, help=help_, on_change=on_change)
    if knob.kind == "ints":
        return knob.parse(st.text_input(text, held(key, knob.text(value)), key=key, help=help_, on_change=on_change))
    return _number(knob, value, key, text, help_, on_change)


def _number(knob: Knob, value: Any, key: str, text: str, help_: str, on_change: Callable[[], None] | None) -> object:
    real = float if knob.kind == "float" else int
    low, high, step = real(knob.low or 0), real(knob.high or 1), real(knob.step or 1)
    if knob.name in _OFFERED:
        offered = held(f"{key}.offered", sorted({*(v for v in _OFFERED[knob.name] if low <= v <= high), knob.default or value, value}))
        picked = st.segmented_control(
            text, offered, key=key, default=held(key, value), format_func=_off, help=help_, required=True, on_change=on_change, width="stretch"
        )
        return value if picked is None else picked
    few, least = short_range(knob), _least(knob, low, step)
    # Decided once: a field that became a slider while it is turned would lose the focus.
    if held(f"{key}.slides", few is not None and least <= value <= few):
        return st.slider(text, real(least), few, real(held(key, real(value))), step=step, key=key, help=help_, on_change=on_change)
    return st.number_input(text, low, high, real(held(key, real(value))), step=step, key=key, help=help_, on_change=on_change)


def _off(value: int) -> str:
    """A number to click on; 0 leaves the thing out."""
    return str(value) if value else tr("off")


def _least(knob: Knob, low: Any, step: object) -> Any:
    """Slider minimum, chosen so that the published value is reachable in whole steps."""
    published = knob.default if isinstance(knob.default, (int, float)) else 0
    return round(published - math.floor((published - low) / step + 1e-9) * step, 10)


def short_range(knob: Knob) -> Any:
    """The end of a slider that covers the usual values of a knob; None where a number field serves better."""
    ends: Mapping[str, object] = {"kernel_size": 15, "stride": 4, "expansion": 12.0, "width_mult": 2.0, "mlp_ratio": 8.0, "dropout": 0.95}
    if knob.name in ends:
        return ends[knob.name]
    if knob.low is None or knob.high is None or not knob.step:
        return None
    return type(knob.high)(knob.high) if (knob.high - knob.low) / knob.step <= _SLIDER_STEPS else None


def knob_value(knob: Knob, value: object, key: str) -> object:
    """What the knob's widget holds, in a callback; ``value`` where there is none yet. Raises as :func:`knob_widget`."""
    held = st.session_state.get(key)
    if held is None:
        return value
    return knob.parse(held) if knob.kind == "ints" else held


def knob_values(knobs: tuple[Knob, ...], values: Mapping[str, object], prefix: str) -> tuple[dict[str, object], list[KnobError]]:
    """What the widgets of :func:`knob_panel` hold, for their callback, and what is wrong with those that cannot be read."""
    return _each(knobs, values, prefix, knob_value)


def knob_panel(
    knobs: tuple[Knob, ...], values: Mapping[str, object], prefix: str, on_change: Callable[[], None] | None = None, captions: bool = True
) -> tuple[dict[str, object], list[KnobError]]:
    """Knobs, grouped; returns what they are set to, and what is wrong with those that cannot be read. ``on_change`` as in :func:`knob_widget`; without ``captions`` they stand as given."""
    chosen: dict[str, object] = {}
    wrong: list[KnobError] = []
    groups = sorted(by_group(knobs).items(), key=lambda item: item[0] == DEPTH) if captions else [("", list(knobs))]
    for name, members in groups:
        if captions:
            st.caption(tr(name))
        found, errors = _each(members, values, prefix, partial(knob_widget, on_change=on_change))
        chosen |= found
        wrong += errors
    return chosen, wrong


def _each(
    knobs: Iterable[Knob], values: Mapping[str, object], prefix: str, of: Callable[[Knob, object, str], object]
) -> tuple[dict[str, object], list[KnobError]]:
    """``of`` of every knob; where that raises, the value before."""
    chosen: dict[str, object] = {}
    wrong: list[KnobError] = []
    for knob in knobs:
        try:
            chosen[knob.name] = of(knob, values[knob.name], f"{prefix}{knob.name}")
        except KnobError as error:
            chosen[knob.name] = values[knob.name]
            wrong.append(error)
    return chosen, wrong
