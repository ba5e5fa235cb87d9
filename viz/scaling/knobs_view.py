"""Any figure over one or two knobs of any network."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import streamlit as st

from blocks import catalog
from blocks.language import retell, tr, translatable
from blocks.space.axes import INPUT_SIDE, DesignAxis, find_axis
from blocks.space.count import NetworkVariant, Setup, follows_knob
from blocks.space.scaling import values_over
from viz.kit import links
from viz.kit.charts import chart, is_dark
from viz.kit.choice import Choice
from viz.kit.chosen_device import device_words
from viz.kit.figures import CHART_FIGURES
from viz.kit.markdown import error_box, plain_markdown
from viz.kit.measuring import measuring
from viz.kit.navigation import link_to
from viz.kit.network_picker import network_title
from viz.kit.setting import setting_title
from viz.scaling import curves
from viz.scaling.address import ScalingState, span
from viz.scaling.controls import device_of, machine_of
from viz.scaling.law import law

#: Points along a knob: many where one structure serves them all, few where each has to be traced.
_MANY, _FEW, _ACROSS = 61, 13, 7


def knobs_view(state: ScalingState) -> None:
    """The chart, the power law, the table."""
    if not state.along:
        st.info(tr("{network} has no knob with a scale. Choose another network in the sidebar.", network=state.choice.name), icon=":material/info:")
        return
    choice, along = state.choice, find_axis(state.choice.name, state.along)
    across = find_axis(choice.name, state.across) if state.across and state.across != state.along else None
    setup, variant = Setup(choice.name, choice.dtype, choice.training, choice.batch), NetworkVariant(dict(choice.knobs), choice.side)
    frame, refused = _counted(state, setup, along, across)
    figure = tr(CHART_FIGURES[state.of].label)
    st.markdown(
        tr("#### {figure} of {network} over {knobs}", figure=figure, network=setting_title(choice, network_title(choice.name)), knobs=_and(along, across))
    )
    if frame.empty:
        error_box(retell(refused[0]) if refused else tr("Nothing in this range can be counted."))
        return
    here = _here(state, along)
    _draw(state, frame, along, across, here)
    if device_of(state):
        title = plain_markdown(device_words(state.device))
        st.caption(f":material/timer: {tr('Times on {device} are estimates of one picture in float32, not measured here.', device=title)}")
    if refused:
        said = tr("Some values are refused: {problem}", problem=retell(refused[0]))
        st.caption(f":material/block: {said}")
    if across is None:
        law(setup, variant, along, CHART_FIGURES[state.of], frame, here)
        _measured(state, along)
    link_to(links.explore_link(choice), tr("Open in Explore"), icon=":material/tune:")


def _and(along: DesignAxis, across: DesignAxis | None) -> str:
    first = tr(along.label).lower()
    return first if across is None else tr("{first} and {second}", first=first, second=tr(across.label).lower())


def _counted(state: ScalingState, setup: Setup, along: DesignAxis, across: DesignAxis | None) -> tuple[pd.DataFrame, list[str]]:
    low, high = span(state, along)
    cheap = along.name == INPUT_SIDE or follows_knob(setup.name, along.name)
    values = along.spread(low, high, _MANY if cheap else _FEW, geometric=state.log)
    rows: list[object] = [None]
    if across is not None:
        rows = across.spread(across.low, across.high, _ACROSS) if not across.choices else list(across.choices)
    return values_over(setup, state.choice.knobs, state.choice.side, along, values, across, rows, machine_of(state), device_of(state))


def _here(state: ScalingState, along: DesignAxis) -> object:
    """Where the network as chosen stands on an axis."""
    choice = state.choice
    if along.name == INPUT_SIDE:
        return choice.side if choice.side is not None else along.default
    return catalog.settings(choice.name, **choice.knobs)[along.name]


def _draw(state: ScalingState, frame: pd.DataFrame, along: DesignAxis, across: DesignAxis | None, here: object) -> None:
    figure, dark = CHART_FIGURES[state.of], is_dark()
    name = f"{state.of}-over-{along.name}"
    if across is None:
        marks = _marks(state, along, frame)
        chart(
            curves.curve(frame, along, figure, here, marks, log=state.log, dark=dark),
            key="scaling.curve",
            name=name,
            of=state.choice,
            frame=frame,
            heads=_heads(along, None),
            height=470,
        )
        return
    form = st.segmented_control(
        tr("As"),
        [translatable("curves"), translatable("contour")],
        default="curves",
        key="scaling.form",
        required=True,
        label_visibility="collapsed",
        format_func=tr,
    )
    if form == "curves":
        made = curves.curves(frame, along, across, figure, log=state.log, dark=dark)
    else:
        made = curves.contour(frame, along, across, figure, (here, _here(state, across)), log=state.log, dark=dark)
    chart(made, key=f"scaling.{form}", name=f"{name}-and-{across.name}", of=state.choice, frame=frame, heads=_heads(along, across), height=520)


def _heads(along: DesignAxis, across: DesignAxis | None) -> dict[str, str]:
    """The axes' columns in a file, by their words and units."""
    return {axis.name: curves.axis_title(axis) for axis in (along, across) if axis is not None}


def _marks(state: ScalingState, along: DesignAxis, frame: pd.DataFrame) -> dict[str, tuple[float, float]]:
    """Published networks on the curve, counted as they are."""
    presets = curves.presets_on(state.choice.name, state.choice.knobs, along)
    values = sorted({v for v in presets.values() if frame[along.name].min() <= v <= frame[along.name].max()})
    if not values or state.choice.side is not None:
        return {}
    setup = Setup(state.choice.name, state.choice.dtype, state.choice.training, state.choice.batch)
    counted, _ = values_over(setup, state.choice.knobs, None, along, values, machine=machine_of(state), device=device_of(state))
    at = dict(zip(counted[along.name], counted[state.of], strict=True))
    return {name: (v, at[v]) for name, v in presets.items() if v in at}


def _measured(state: ScalingState, along: DesignAxis) -> None:
    """Latency of points along the knob, measured on a device of this machine."""
    low, high = span(state, along)
    values = list(along.choices) if along.choices else along.spread(low, high, 8)
    points = {v: _moved(state.choice, along, v) for v in values if low <= v <= high}

    def draw(frame: pd.DataFrame) -> None:
        chart(
            curves.measured_curve(frame, along, is_dark()),
            key="scaling.measured",
            name=f"measured-over-{along.name}",
            of=state.choice,
            heads={"point": curves.axis_title(along), "median": "median (ms)", "low": "low (ms)", "high": "high (ms)"},
            frame=frame,
            height=360,
        )

    measuring(points, tr("Latency of {n} points over {knob}, one after the other.", n=len(points), knob=tr(along.label).lower()), "scaling.run", draw)


def _moved(choice: Choice, along: DesignAxis, value: Any) -> Choice:
    return replace(choice, side=value) if along.name == INPUT_SIDE else replace(choice, knobs={**choice.knobs, along.name: value})
