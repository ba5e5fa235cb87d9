"""The Scaling page's state reads back from its address."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.latency.devices.asked import device_slugs
from blocks.latency.roofline.known_machines import all_machines as machines
from blocks.space.axes import axes
from tests.viz.kit.test_choice import choices
from viz.kit.figures import CHART_FIGURES
from viz.scaling.address import SCALING_VIEWS, ScalingState, first_axis, read_scaling, write_scaling

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def states(draw: st.DrawFn) -> ScalingState:
    choice = draw(choices())
    names = [a.name for a in axes(choice.name) if a.numeric]
    along = draw(st.sampled_from(names)) if names else first_axis(choice.name)
    across = draw(st.sampled_from(["", *names]))
    return ScalingState(
        choice, draw(st.sampled_from(list(SCALING_VIEWS))), along, across, draw(st.sampled_from(list(CHART_FIGURES))), draw(st.none() | FINITE), draw(st.none() | FINITE),
        draw(st.sampled_from([m.name for m in machines()])), draw(st.booleans()), draw(st.sampled_from(["", *device_slugs()])), draw(st.tuples(*[st.floats(1.0, 2.0)] * 3)),
    )  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(states())
def test_a_state_reads_back(state: ScalingState) -> None:
    assert read_scaling(write_scaling(state)) == (state, [])


def test_a_block_opens_along_its_input_channels_only_where_they_may_move_alone() -> None:
    assert [first_axis(name) for name in ("bottleneck", "shuffle_unit", "shuffle_unit_v2", "shift_module")] == ["c_in", "side", "side", "side"]
