"""The Design space's sidebar: the network, what may move, how it is sampled, budgets."""

from __future__ import annotations

import re
from dataclasses import replace

import streamlit as st

from blocks.language import tr
from blocks.latency.devices.estimator import is_timed
from blocks.space.axes import DesignAxis, find_axis
from blocks.space.sample import SAMPLING_METHODS
from viz.kit.chosen_device import pick_device
from viz.kit.figures import CHART_FIGURES
from viz.kit.machine_titles import machine_titles
from viz.kit.network_picker import pick_network
from viz.kit.refusal_view import working_choice
from viz.space.address import DESIGN, Design, fresh, movable


def controls(state: Design, prefix: str) -> Design:
    """All of the sidebar; returns what is chosen now."""
    name = pick_network(state.choice.name, "space.")
    if name != state.choice.name:
        state = replace(fresh(name), how=state.how, n=state.n, machine=state.machine, device=state.device)
    prefix = f"{prefix}{name}."  # another network gets fresh widgets
    labels = movable(name)
    moving = st.multiselect(tr("Knobs to vary"), list(labels), list(state.moving), format_func=labels.__getitem__, key=f"{prefix}move")
    ranges = {m: _range(find_axis(name, m), state.moving.get(m), prefix) for m in moving}
    state = replace(state, moving=ranges)
    how = st.selectbox(
        tr("Sampled"),
        list(SAMPLING_METHODS),
        list(SAMPLING_METHODS).index(state.how),
        format_func=lambda h: re.split("[:：]", tr(SAMPLING_METHODS[h]))[0],
        key=f"{prefix}how",
        help="\n\n".join(map(tr, SAMPLING_METHODS.values())),
    )
    left, right = st.columns(2)
    n = int(left.number_input(tr("Variants"), 1, 20_000, state.n, step=100, key=f"{prefix}n"))
    seed = int(right.number_input(tr("Seed"), 0, 20_000, state.seed, key=f"{prefix}seed"))
    titles = {"": tr("none")} | machine_titles()
    machine = st.selectbox(tr("Estimate latency on"), list(titles), list(titles).index(state.machine), format_func=titles.__getitem__, key=f"{prefix}machine")
    device = pick_device(state.device, f"{prefix}device", none=True) if is_timed(name) else state.device
    state = replace(state, how=how, n=n, seed=seed, machine=machine, device=device)
    return replace(state, budgets=_budgets(state, prefix))


def working_design(state: Design) -> Design:
    """``state`` with a network that works (:func:`viz.kit.refusal_view.working_choice`)."""
    return replace(state, choice=working_choice(state.choice, state.moving, lambda choice: DESIGN.update(replace(state, choice=choice)), "space"))


def _range(chosen: DesignAxis, ends: tuple[float, float] | None, prefix: str) -> tuple[float, float] | None:
    if not chosen.numeric or chosen.low is None or chosen.low == chosen.high:
        return ends
    kind = float if chosen.kind == "float" else int
    low, high = ends or (chosen.low, chosen.high)
    least, most = min(kind(chosen.low), kind(low)), max(kind(chosen.high), kind(high))
    key = f"{prefix}range-{chosen.name}"
    limits: tuple[float | int, float | int] = st.session_state.setdefault(
        f"{key}.limits", (least, most)
    )  # once: a slider with other ends is another one, without the focus
    picked = st.slider(tr(chosen.label), limits[0], limits[1], (kind(low), kind(high)), step=kind(chosen.step or 1), key=key)
    return None if picked == (chosen.low, chosen.high) else (float(picked[0]), float(picked[1]))


def _budgets(state: Design, prefix: str) -> dict[str, float]:
    """The most that each figure may be, in the unit that its field says; empty for no budget."""
    found = {}
    with st.expander(tr("Budgets"), expanded=bool(state.budgets), icon=":material/savings:"):
        for name in state.figures:
            figure = CHART_FIGURES[name]
            scale, unit = (1e-6, "M") if figure.scale == 1 else (figure.scale, figure.unit)
            now = state.budgets.get(name)
            most = st.number_input(
                tr("{figure} at most ({unit})", figure=tr(figure.label), unit=unit),
                0.0,
                value=None if now is None else now * scale,
                key=f"{prefix}max-{name}",
                placeholder=tr("any"),
            )
            if most:
                found[name] = now if now is not None and abs(most - now * scale) < 1e-9 * most else most / scale
    return found
