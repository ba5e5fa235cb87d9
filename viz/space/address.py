"""The Design space page's state and its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import streamlit as st

from blocks.knobs import KnobError
from blocks.language import tr
from blocks.latency.devices.asked import read_device
from blocks.latency.devices.estimator import is_timed
from blocks.latency.roofline.known_machines import all_machines
from blocks.space.axes import DesignAxis, axes, find_axis
from blocks.space.sample import MOST_VARIANTS, SAMPLING_METHODS, Space, default_axes
from blocks.space.search import Goal
from viz.kit.address import Address, Query
from viz.kit.choice import Choice, read_choice, write_choice
from viz.kit.figures import CHART_FIGURES, DEVICE_TIME
from viz.kit.network_picker import show_network
from viz.kit.parameters import number_between, number_text, numbers_between, one_of, whole_number

_START = "mobilenet_v2"
_MOST_BUDGET = 1e18  # in the figure's own unit: counts, bytes, seconds
X_KEY, Y_KEY = "design.x", "design.y"  # of the chart's figures
_OWN = {"move", "how", "n", "seed", "x", "y", "on", "device"}


@dataclass(frozen=True)
class Design:
    """The network, what may move (axis -> its range, None for all that is usual), the way of sampling, budgets, and the chart's figures."""

    choice: Choice
    moving: Mapping[str, tuple[float, float] | None] = field(default_factory=dict)
    how: str = "sobol"
    n: int = 300
    seed: int = 0
    budgets: Mapping[str, float] = field(default_factory=dict)
    x: str = "macs"
    y: str = "params"
    machine: str = ""
    device: str = ""

    @property
    def timed_on(self) -> str:
        """The device that times are estimated on; "" where none is chosen, or the model of times is none for this network."""
        return self.device if is_timed(self.choice.name) else ""

    @property
    def space(self) -> Space:
        """What is sampled."""
        return Space(self.choice.name, dict(self.moving), dict(self.choice.knobs), self.choice.side)

    @property
    def goal(self) -> Goal:
        """What a search looks for: the most of the chart's upward figure where more is better, the least elsewhere."""
        return Goal(self.y, self.y == "params", dict(self.budgets))

    @property
    def figures(self) -> list[str]:
        """The figures that every variant gets."""
        left_out = {"latency": not self.machine, DEVICE_TIME.name: not self.timed_on}
        return [f for f in CHART_FIGURES if not left_out.get(f)]


def fresh(name: str) -> Design:
    """What the page opens with for a network."""
    return Design(Choice(name), dict.fromkeys(default_axes(name)))


def read_design(params: Mapping[str, str]) -> tuple[Design, list[str]]:
    """The page's state from a URL, and a sentence for each part that could not be used."""
    choice, problems = read_choice({"net": _START} | {k: v for k, v in params.items() if k not in _OWN and "." not in k})
    state = replace(fresh(choice.name), choice=choice)
    for key in sorted((k for k in params if k in _OWN or "." in k), key=lambda k: ("." in k, k)):
        try:
            state = _with(state, key, params[key])
        except KnobError as error:
            problems.append(str(error))
    return state, problems


def _with(state: Design, key: str, text: str) -> Design:
    name = state.choice.name
    if key == "move":
        wanted = [part for part in text.split(",") if part]
        return replace(state, moving={find_axis(name, part).name: None for part in wanted})
    if key.startswith("range."):
        moved = find_axis(name, key.removeprefix("range."))
        return replace(state, moving={**state.moving, moved.name: _pair(key, text, moved)})
    if key.startswith("max."):
        figure = key.removeprefix("max.")
        one_of(key, figure, list(CHART_FIGURES))
        return replace(state, budgets={**state.budgets, figure: number_between(key, text, 0, _MOST_BUDGET)})
    if key in ("n", "seed"):
        value = whole_number(key, text, 1 if key == "n" else 0, MOST_VARIANTS)
        return replace(state, n=value) if key == "n" else replace(state, seed=value)
    if key == "how":
        return replace(state, how=one_of(key, text, list(SAMPLING_METHODS)))
    if key == "on":
        return replace(state, machine=one_of(key, text, [m.name for m in all_machines()]))
    if key == "device":
        read_device(text)
        return replace(state, device=text)
    if key in ("x", "y"):
        one_of(key, text, list(CHART_FIGURES))
        return replace(state, x=text) if key == "x" else replace(state, y=text)
    raise KnobError(key, text, tr("is not a setting of this page"))


def _pair(key: str, text: str, moved: DesignAxis) -> tuple[float, float]:
    if moved.low is None:
        raise KnobError(key, text, tr("{knob} has no range", knob=moved.name))
    low, high = numbers_between(key, text, *moved.allowed, "0.5:2", tr("must be a range such as 0.5:2"), ":")
    if low > high:
        raise KnobError(key, text, tr("the range must rise"), [f"{number_text(high)}:{number_text(low)}"])
    return low, high


def write_design(state: Design) -> dict[str, str]:
    """The URL of a state; what is as the page opens is left out."""
    params = write_choice(state.choice)
    if params == {"net": _START}:
        params = {}
    plain = fresh(state.choice.name)
    if list(state.moving) != list(plain.moving):
        params["move"] = ",".join(state.moving)
    for key, ends in state.moving.items():
        if ends is not None:
            params[f"range.{key}"] = ":".join(map(number_text, ends))
    for key in CHART_FIGURES:
        if key in state.budgets:
            params[f"max.{key}"] = number_text(state.budgets[key])
    for key, value, usual in (("how", state.how, plain.how), ("n", state.n, plain.n), ("seed", state.seed, plain.seed),
                              ("x", state.x, plain.x), ("y", state.y, plain.y), ("on", state.machine, plain.machine), ("device", state.device, plain.device)):  # fmt: skip
        if value != usual:
            params[key] = str(value)
    return params


def movable(name: str) -> dict[str, str]:
    """Labels of what may move, by name."""
    return {a.name: tr(a.label) for a in axes(name)}


def _read(query: Query) -> tuple[Design, list[str]]:
    return read_design(dict(query))


def _write(state: Design) -> Query:
    return tuple(write_design(state).items())


def _follow(state: Design, network: Choice) -> Design:
    if network.name == state.choice.name:
        return replace(state, choice=network)
    return replace(state, choice=network, moving=fresh(network.name).moving)


def _opened(state: Design, _: Design | None) -> None:
    show_network(state.choice.name, "space.")
    st.session_state[X_KEY], st.session_state[Y_KEY] = state.x, state.y


DESIGN = Address("pages/space.py", _read, _write, _opened, network=lambda state: state.choice, follow=_follow)
