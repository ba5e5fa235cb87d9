"""The Design space's state reads back from its address."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.latency.devices.asked import device_slugs
from blocks.latency.roofline.known_machines import all_machines as machines
from blocks.space.axes import DesignAxis, find_axis
from blocks.space.sample import SAMPLING_METHODS
from tests.viz.kit.test_choice import choices
from viz.kit.figures import CHART_FIGURES
from viz.space.address import Design, movable, read_design, write_design


def ends_of(axis: DesignAxis) -> st.SearchStrategy[tuple[float, float] | None]:
    """A range within what the axis may be; what has none has only None."""
    if axis.low is None:
        return st.none()
    end = st.floats(*map(float, axis.allowed))
    return st.none() | st.tuples(end, end).map(lambda pair: (min(pair), max(pair)))


@st.composite
def designs(draw: st.DrawFn) -> Design:
    choice = draw(choices())
    names = list(movable(choice.name))
    moving = draw(st.lists(st.sampled_from(names), unique=True, max_size=3)) if names else []
    budgets = draw(st.dictionaries(st.sampled_from(list(CHART_FIGURES)), st.floats(0, 1e18), max_size=2))
    figure = st.sampled_from(list(CHART_FIGURES))
    return Design(
        choice, {m: draw(ends_of(find_axis(choice.name, m))) for m in moving}, draw(st.sampled_from(list(SAMPLING_METHODS))), draw(st.integers(1, 1000)), draw(st.integers(0, 1000)), budgets,
        draw(figure), draw(figure), draw(st.sampled_from(["", *(m.name for m in machines())])), draw(st.sampled_from(["", *device_slugs()])),
    )  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(designs())
def test_a_state_reads_back(state: Design) -> None:
    assert read_design(write_design(state)) == (state, [])


@pytest.mark.parametrize(
    ("key", "text"),
    [
        ("max.device_time", "-5"),
        ("max.device_time", "nan"),
        ("max.device_time", "inf"),
        ("device", "abacus"),
        ("max.macs", "-5"),
        ("max.macs", "1e30"),
        ("range.width_mult", "-5:1e30"),
        ("range.side", "0:99999"),
        ("range.activation", "0:1"),
    ],
)
def test_what_lies_outside_is_refused(key: str, text: str) -> None:
    net = "resnet50" if key == "range.activation" else "mobilenet_v2"
    state, problems = read_design({"net": net, key: text})
    assert len(problems) == 1
    assert not state.budgets
    assert set(state.moving.values()) <= {None}


def test_a_device_gives_a_figure_to_networks_and_none_to_blocks() -> None:
    device = next(iter(device_slugs()))
    assert "device_time" not in read_design({})[0].figures
    assert "device_time" in read_design({"device": device})[0].figures
    block, problems = read_design({"net": "basic_block", "device": device})
    assert (problems, block.timed_on) == ([], "")
    assert "device_time" not in block.figures
