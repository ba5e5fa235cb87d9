"""The Scaling page's state and its address."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from blocks.knobs import KnobError
from blocks.language import tr, translatable
from blocks.latency.devices.asked import read_device
from blocks.latency.devices.estimator import is_timed
from blocks.latency.roofline.known_machines import all_machines
from blocks.space.axes import DesignAxis, axes, find_axis
from viz.kit.address import Address, Query
from viz.kit.choice import Choice, can_run, read_choice, write_choice
from viz.kit.figures import CHART_FIGURES, DEVICE_TIME
from viz.kit.network_picker import show_network
from viz.kit.parameters import finite_number, number_text, numbers_between, one_of

_START = "mobilenet_v2"
SCALING_VIEWS = {"knobs": translatable("One or two knobs"), "compound": translatable("Compound scaling"), "published": translatable("Against accuracy")}


@dataclass(frozen=True)
class ScalingState:
    """``along`` and ``across`` are names of axes ("" for one axis only); ``low`` and ``high`` the range of ``along``."""

    choice: Choice
    view: str = "knobs"
    along: str = ""
    across: str = ""
    of: str = "macs"
    low: float | None = None
    high: float | None = None
    machine: str = "rtx4090"
    log: bool = False
    device: str = ""
    abc: tuple[float, float, float] = (1.2, 1.1, 1.15)


def scaling_figures(name: str) -> list[str]:
    """The figures that can be shown of a network."""
    return [f for f in CHART_FIGURES if f != DEVICE_TIME.name or is_timed(name)]


@lru_cache(maxsize=256)
def first_axis(name: str) -> str:
    """The axis that a network opens with: its width, else its resolution, else the first with a scale; "" where nothing has one.

    Input channels only where they may move alone: some blocks add their input to their output.
    """
    found = {a.name: a for a in axes(name) if a.numeric}
    if "c_in" in found and not can_run(Choice(name, {"c_in": found["c_in"].low})):
        del found["c_in"]
    return next((n for n in ("width_mult", "width", "c_in", "side") if n in found), next(iter(found), ""))


def read_scaling(params: Mapping[str, str]) -> tuple[ScalingState, list[str]]:
    """The page's state from a URL, and a sentence for each part that could not be used."""
    own = {"view", "x", "y", "of", "from", "to", "on", "log", "abc", "device"}
    choice, problems = read_choice({"net": _START} | {k: v for k, v in params.items() if k not in own})
    state = ScalingState(choice, along=first_axis(choice.name))
    for key, text in params.items():
        if key in own:
            try:
                state = _with(state, key, text)
            except KnobError as error:
                problems.append(str(error))
    return state, problems


def _with(state: ScalingState, key: str, text: str) -> ScalingState:
    name = state.choice.name
    if key in ("x", "y"):
        found = find_axis(name, text)
        if not found.numeric:
            raise KnobError(key, text, tr("has no numeric range to plot along"), [first_axis(name)])
        return replace(state, along=text) if key == "x" else replace(state, across=text)
    if key in ("from", "to"):
        value = finite_number(key, text)
        return replace(state, low=value) if key == "from" else replace(state, high=value)
    if key == "abc":
        a, b, c = numbers_between(key, text, 1.0, 2.0, "1.2,1.1,1.15", tr("must be three numbers such as 1.2,1.1,1.15"))
        return replace(state, abc=(a, b, c))
    if key == "device":
        read_device(text)
        return replace(state, device=text)
    allowed = {"view": list(SCALING_VIEWS), "of": list(CHART_FIGURES), "on": [m.name for m in all_machines()], "log": ["0", "1"]}[key]
    one_of(key, text, allowed)
    if key == "log":
        return replace(state, log=text == "1")
    return replace(state, machine=text) if key == "on" else replace(state, view=text) if key == "view" else replace(state, of=text)


def write_scaling(state: ScalingState) -> dict[str, str]:
    """The URL of a state; what is as the page opens is left out."""
    params = write_choice(state.choice)
    if params == {"net": _START}:
        params = {}
    plain = ScalingState(state.choice, along=first_axis(state.choice.name))
    for key, field in (("view", "view"), ("x", "along"), ("y", "across"), ("of", "of"), ("on", "machine"), ("device", "device")):
        if getattr(state, field) != getattr(plain, field):
            params[key] = getattr(state, field)
    for key, value in (("from", state.low), ("to", state.high)):
        if value is not None:
            params[key] = number_text(value)
    if state.log:
        params["log"] = "1"
    if state.abc != plain.abc:
        params["abc"] = ",".join(number_text(v) for v in state.abc)
    return params


def span(state: ScalingState, chosen: DesignAxis) -> tuple[float, float]:
    """The range that is drawn: what the URL says within what the knob allows, else what is usual for it."""
    least, most = chosen.allowed
    low = chosen.low if state.low is None else min(max(state.low, least), most)
    high = chosen.high if state.high is None else min(max(state.high, least), most)
    return (low, high) if low < high else (chosen.low, chosen.high)


def _read(query: Query) -> tuple[ScalingState, list[str]]:
    return read_scaling(dict(query))


def _write(state: ScalingState) -> Query:
    return tuple(write_scaling(state).items())


def _follow(state: ScalingState, network: Choice) -> ScalingState:
    if network.name == state.choice.name:
        return replace(state, choice=network)
    return replace(state, choice=network, along=first_axis(network.name), across="", low=None, high=None)


SCALING = Address(
    "pages/scaling.py", _read, _write, lambda state, _: show_network(state.choice.name, "scaling."), network=lambda state: state.choice, follow=_follow
)
