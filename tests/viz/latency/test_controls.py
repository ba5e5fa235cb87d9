"""The bar of conditions: what it starts at, what it returns, and what the device cannot do."""

from __future__ import annotations

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from tests.drawing import page_of, said, shown
from viz.kit.board import Board
from viz.kit.choice import Choice
from viz.kit.links import MAX_VARIANTS
from viz.latency import controls
from viz.latency.address import SECTIONS, LatencyState
from viz.latency.settings import Conditions


def bar(state: LatencyState) -> None:
    """A page that keeps what the bar returned."""
    st.session_state["found"] = controls.conditions_bar(state)


def test_the_bar_returns_what_it_was_given() -> None:
    given = Conditions(dtype="bfloat16", mode="forward_backward", quantity="amortised", channels_last=True, threads=2, processes=3, seconds=7)
    assert shown(bar, LatencyState(conditions=given)).session_state["found"] == given


def test_a_value_that_is_none_becomes_the_first_there_is() -> None:
    assert shown(bar, LatencyState(conditions=Conditions(device="cuda:77"))).session_state["found"].device != "cuda:77"


def test_what_the_device_cannot_do_is_marked_and_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(controls, "reasons", lambda _: {("dtype", "tf32"): "There are no tensor cores."})
    app = shown(bar, LatencyState())
    assert "Type, TF32: There are no tensor cores." in said(app)
    types = next(box for box in app.selectbox if box.label == "Type")
    assert [option for option in types.options if option.endswith("· not here")] == ["TF32 · not here"]


def test_an_address_that_opens_gets_new_widgets() -> None:
    first = {box.key for box in shown(bar, LatencyState()).selectbox}
    assert not first & {box.key for box in shown(bar, LatencyState(generation=1)).selectbox}


def test_the_section_is_the_states_until_another_is_chosen() -> None:
    def sections(state: LatencyState, titles: dict[str, str]) -> None:
        st.session_state["found"] = controls.section_bar(state, titles)

    app = shown(sections, LatencyState(section="sweep"), SECTIONS)
    assert app.session_state["found"] == "sweep"


@pytest.mark.parametrize("count", [1, MAX_VARIANTS])
def test_a_network_can_be_added_while_there_is_room(count: int) -> None:
    board = Board()
    for _ in range(count):
        board.add(Choice("resnet18"))
    app: AppTest = page_of(controls._add, board).run()
    app.selectbox[0].set_value("vgg11").run()
    assert not app.exception
    assert [slot.choice.name for slot in board.slots] == (["resnet18", "vgg11"] if count == 1 else ["resnet18"] * MAX_VARIANTS)
