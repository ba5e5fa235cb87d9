"""The Latency page's state reads back from its address."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.viz.kit.test_choice import choices
from viz.kit.choice import Choice
from viz.latency.address import SECTIONS, LatencyState, read_latency, write_latency
from viz.latency.settings import Conditions, first_device, values


@st.composite
def states(draw: st.DrawFn) -> LatencyState:
    chosen = {name: draw(st.sampled_from(values(name))) for name in ("dtype", "mode", "quantity", "cache", "clock", "compile")}
    conditions = Conditions(
        first_device(), **chosen, channels_last=draw(st.booleans()), threads=draw(st.integers(0, 1024)), processes=draw(st.integers(1, 50)), seconds=draw(st.integers(1, 600))
    )  # fmt: skip
    state = LatencyState(conditions=conditions, section=draw(st.sampled_from(list(SECTIONS))))
    for choice in draw(st.lists(choices(), min_size=1, max_size=4)):
        state.board.add(choice, draw(st.sampled_from(["", "mine", "x & y = z?"])))
    return state


@settings(max_examples=50, deadline=None)
@given(states())
def test_a_state_reads_back(state: LatencyState) -> None:
    read, problems = read_latency(write_latency(state))
    assert problems == []
    assert read.board.variants() == state.board.variants()
    assert replace(read, board=state.board) == state


def test_an_address_that_names_a_network_as_other_pages_do_opens_it_under_its_own_conditions() -> None:
    state, problems = read_latency(
        (("net", "mobilenet_v2"), ("expansion", "5.5"), ("batch", "8"), ("threads", "2"), ("dtype", "bfloat16"), ("section", "roofline"))
    )
    assert problems == []
    assert [slot.choice for slot in state.board.slots] == [Choice("mobilenet_v2", {"expansion": 5.5}, batch=8)]
    assert (state.conditions.threads, state.conditions.dtype, state.section) == (2, "bfloat16", "roofline")
