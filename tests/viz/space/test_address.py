"""The Design space's state reads back from its address."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from blocks.latency.roofline.known_machines import all_machines as machines
from blocks.space.sample import SAMPLING_METHODS
from tests.viz.kit.test_choice import choices
from viz.kit.figures import CHART_FIGURES
from viz.space.address import Design, movable, read_design, write_design

FINITE = st.floats(allow_nan=False, allow_infinity=False)


@st.composite
def designs(draw: st.DrawFn) -> Design:
    choice = draw(choices())
    names = list(movable(choice.name))
    moving = draw(st.lists(st.sampled_from(names), unique=True, max_size=3)) if names else []
    ends = st.none() | st.tuples(FINITE, FINITE).map(lambda pair: (min(pair), max(pair)))
    budgets = draw(st.dictionaries(st.sampled_from(list(CHART_FIGURES)), FINITE, max_size=2))
    figure = st.sampled_from(list(CHART_FIGURES))
    return Design(
        choice, {m: draw(ends) for m in moving}, draw(st.sampled_from(list(SAMPLING_METHODS))), draw(st.integers(1, 1000)), draw(st.integers(0, 1000)), budgets,
        draw(figure), draw(figure), draw(st.sampled_from(["", *(m.name for m in machines())])),
    )  # fmt: skip


@settings(max_examples=100, deadline=None)
@given(designs())
def test_a_state_reads_back(state: Design) -> None:
    assert read_design(write_design(state)) == (state, [])
