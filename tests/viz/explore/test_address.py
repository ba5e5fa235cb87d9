"""The Explore page's state reads back from its address."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.viz.kit.test_choice import choices
from viz.explore.address import SETTINGS, ExploreState, ViewSettings, read_explore, write_explore


@st.composite
def views(draw: st.DrawFn) -> ViewSettings:
    opened = draw(st.none() | st.lists(st.sampled_from(["stages.0×", "stages.1×", "head"]), unique=True).map(tuple))
    names = [n for n in SETTINGS if opened is None or n != "level"]
    return ViewSettings({n: draw(st.sampled_from(SETTINGS[n][1:])) for n in names if draw(st.booleans())}, opened)


@settings(max_examples=100, deadline=None)
@given(st.builds(ExploreState, choices(), views()))
def test_a_state_reads_back(state: ExploreState) -> None:
    assert read_explore(write_explore(state)) == (state, [])


@pytest.mark.parametrize("part", [("_tab", "layer"), ("_zoom", "2"), ("_level", "atom")])
def test_what_is_unknown_is_said_and_the_rest_holds(part: tuple[str, str]) -> None:
    state, problems = read_explore((("net", "resnet18"), part, ("_count", "flops")))
    assert (state.choice.name, state.view["count"]) == ("resnet18", "flops")
    assert len(problems) == 1
    assert part[0] in problems[0]


def test_more_open_modules_than_an_address_holds_are_left_out() -> None:
    state = ExploreState(view=ViewSettings(opened=tuple(f"stages.{i}" for i in range(200))))
    assert "_open" not in dict(write_explore(state))
