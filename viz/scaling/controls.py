"""The Scaling page's controls: the view, and in the sidebar the network, the axes and the figure. Their keys begin with a prefix that a newly opened address changes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import streamlit as st

from blocks.language import tr
from blocks.latency.devices.asked import device_slugs, device_text
from blocks.latency.roofline.known_machines import all_machines
from blocks.space.axes import DesignAxis, axes, find_axis
from viz.kit.choice import Choice
from viz.kit.chosen_device import chosen_device, pick_device
from viz.kit.figures import CHART_FIGURES, DEVICE_TIME
from viz.kit.machine_titles import machine_titles
from viz.kit.network_picker import pick_network
from viz.kit.refusal_view import working_choice
from viz.scaling.address import SCALING, SCALING_VIEWS, ScalingState, first_axis, scaling_figures, span

_NONE = ""


def view_of(state: ScalingState, prefix: str) -> ScalingState:
    """Which of the page's views is open."""
    view = st.segmented_control(
        tr("View"),
        list(SCALING_VIEWS),
        format_func=lambda v: tr(SCALING_VIEWS[v]),
        default=state.view,
        key=f"{prefix}view",
        required=True,
        label_visibility="collapsed",
    )
    return replace(state, view=view)


def knob_controls(state: ScalingState, prefix: str) -> ScalingState:
    """Network, axes, range, figure and machine."""
    name = pick_network(state.choice.name, "scaling.")
    if name != state.choice.name:
        state = ScalingState(Choice(name), along=first_axis(name), of=state.of, machine=state.machine, device=state.device)
    prefix = f"{prefix}{name}."  # another network gets fresh widgets
    found = [a for a in axes(name) if a.numeric]
    if not found:
        return state
    titles = {a.name: tr(a.label) for a in found}
    figures = scaling_figures(name)
    of = st.selectbox(
        tr("Figure"),
        figures,
        figures.index(state.of) if state.of in figures else figures.index("macs"),
        format_func=lambda f: tr(CHART_FIGURES[f].label),
        key=f"{prefix}of",
    )
    along = st.selectbox(tr("Along"), list(titles), list(titles).index(state.along), format_func=titles.__getitem__, key=f"{prefix}along")
    if along != state.along:
        state = replace(state, low=None, high=None)
    low, high = _range(find_axis(name, along), replace(state, along=along), prefix)
    rest = [_NONE, *(n for n in titles if n != along)]
    across = st.selectbox(
        tr("Second knob"),
        rest,
        rest.index(state.across) if state.across in rest else 0,
        format_func=lambda n: titles.get(n, tr("nothing else")),
        key=f"{prefix}across",
    )
    log = st.toggle(tr("Logarithmic axes"), state.log, key=f"{prefix}log", help=tr("A power law is a straight line here, and its exponent the slope."))
    machine = state.machine
    if of == "latency":
        known = machine_titles()
        machine = st.selectbox(tr("Machine"), list(known), list(known).index(state.machine), format_func=known.__getitem__, key=f"{prefix}machine")
    device = state.device
    if of == DEVICE_TIME.name:
        own = chosen_device()
        device = pick_device(device or (device_text(own) if own is not None else next(iter(device_slugs()))), f"{prefix}device", none=False)
    usual = find_axis(name, along)
    return replace(
        state,
        device=device,
        of=of,
        along=along,
        across=across,
        log=log,
        machine=machine,
        low=None if low == usual.low else low,
        high=None if high == usual.high else high,
    )


def working_state(state: ScalingState) -> ScalingState:
    """``state`` with a network that works (:func:`viz.kit.refusal_view.working_choice`)."""
    moved = [name for name in (state.along, state.across) if name]
    return replace(state, choice=working_choice(state.choice, moved, lambda choice: SCALING.update(replace(state, choice=choice)), "scaling"))


def _range(chosen: DesignAxis, state: ScalingState, prefix: str) -> tuple[float, float]:
    low, high = span(state, chosen)
    least, most = chosen.allowed
    top = min(most, max(2 * chosen.high, high))
    kind = float if chosen.kind == "float" else int
    step = kind(chosen.step or 1)
    least = low - int((low - least) / step + 1e-9) * step  # so that steps from the left end meet the usual values
    least = least if least > 0 else least + step
    key = f"{prefix}range-{chosen.name}"
    limits: tuple[float | int, float | int] = st.session_state.setdefault(
        f"{key}.limits", (kind(least), kind(top))
    )  # once: a slider with other ends is another one, without the focus
    picked = st.slider(tr("Range"), limits[0], limits[1], (kind(low), kind(high)), step=step, key=key)
    return (float(picked[0]), float(picked[1])) if picked[0] < picked[1] else (low, high)


def device_of(state: ScalingState) -> str:
    """The device that times are estimated on; "" while another figure is shown."""
    return state.device if state.of == DEVICE_TIME.name else ""


def machine_of(state: ScalingState) -> Any:
    """The machine that latency is estimated for; None while another figure is shown."""
    return next(m for m in all_machines() if m.name == state.machine) if state.of == "latency" else None
