"""The memory of the pages' addresses, on two pages of their own."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from viz.kit import address
from viz.kit.address import addresses_left, remember_left


def script(spelled: bool) -> None:
    from dataclasses import dataclass, replace

    import streamlit as st

    from viz.kit.address import Address, Query
    from viz.kit.choice import Choice

    @dataclass(frozen=True)
    class State:
        words: tuple[str, ...]
        network: Choice | None = None

    def read(query: Query) -> tuple[State, list[str]]:
        values = [value for name, value in query if name == "v"]
        names = [value for name, value in query if name == "net"]
        words = tuple(v for v in values if v.isalpha()) or ("start",)
        return State(words, Choice(names[0]) if names else Choice("resnet18")), [f"{v} is no word" for v in values if not v.isalpha()]

    def write(state: State) -> Query:
        return (*(("v", v) for v in state.words), *((("net", state.network.name),) if state.network and state.network.name != "resnet18" else ()))

    def opened(state: State, before: State | None) -> None:
        st.session_state.setdefault("log", []).append((" ".join(state.words), before and " ".join(before.words)))

    def follow(state: State, network: Choice) -> State:
        return replace(state, network=network)

    where = st.session_state.get("where", "one")
    page = Address(f"pages/{where}.py", read, write, opened, spelled, network=lambda state: state.network, follow=follow)
    saved = page.open()
    state = saved.state
    if st.button("Add", key=f"{where}.add"):
        state = replace(state, words=(*state.words, "more"))
    if st.button("Network", key=f"{where}.network"):
        state = replace(state, network=Choice("vgg11"))
    page.save(state)
    st.text(" ".join(state.words))
    st.text(state.network.name if state.network else "")
    st.caption(f"{saved.generation}")
    for problem in saved.problems:
        st.error(problem)


def page(*values: str, spelled: bool = False) -> AppTest:
    at = AppTest.from_function(script, args=(spelled,))
    at.query_params["v"] = list(values) if values else []
    return at.run()


def now(at: AppTest) -> dict[str, Any]:
    found = at.query_params.get("v", [])
    return {"state": at.text[0].value, "query": [found] if isinstance(found, str) else list(found), "problems": [e.value for e in at.error]}


def switched(at: AppTest, where: str, **query: Any) -> AppTest:
    """By the top bar to another page, or by a link with a ``query``."""
    at.session_state["where"] = where
    at.query_params = query
    return at.run()


def went_back(at: AppTest, monkeypatch: pytest.MonkeyPatch, where: str = "one", **query: Any) -> AppTest:
    with monkeypatch.context() as patch:
        patch.setattr(address, "by_history", lambda: True)
        return switched(at, where, **query)


def press(at: AppTest, name: str) -> AppTest:
    return next(b for b in at.button if b.key.endswith(f".{name}")).click().run()


def test_a_repeated_parameter_is_read_and_written_whole() -> None:
    at = page("a", "b")
    assert now(at) == {"state": "a b", "query": ["a", "b"], "problems": []}
    assert now(press(at, "add")) == {"state": "a b more", "query": ["a", "b", "more"], "problems": []}


def test_a_page_without_parameters_stays_so_until_something_changes() -> None:
    at = page()
    assert now(at)["query"] == []
    assert now(press(at, "add"))["query"] == ["start", "more"]


def test_where_the_address_is_spelled_out_it_is_so_at_once() -> None:
    assert now(page(spelled=True))["query"] == ["start"]


def test_an_address_with_something_wrong_stays_until_something_changes() -> None:
    at = page("a", "2")
    for _ in range(2):
        assert now(at) == {"state": "a", "query": ["a", "2"], "problems": ["2 is no word"]}
        at.run()
    press(at, "add")
    assert now(at.run()) == {"state": "a more", "query": ["a", "more"], "problems": []}


def test_an_address_changed_from_outside_is_read_anew() -> None:
    at = page("a")
    at.query_params["v"] = ["b"]
    assert now(at.run())["state"] == "b"
    assert at.caption[0].value == "1"
    assert at.session_state["log"] == [("a", None), ("b", "a")]


@pytest.mark.parametrize("missed", [1, 5])
def test_a_browser_that_has_not_heard_of_the_newest_addresses_changes_nothing(missed: int) -> None:
    at = page("a")
    for _ in range(missed):
        press(at, "add")
    words = " ".join(["a", *["more"] * missed])
    at.query_params["v"] = ["a"]
    assert now(at.run()) == {"state": words, "query": words.split(), "problems": []}
    assert at.caption[0].value == "0"  # the widgets are the same ones: none loses its focus


def test_going_back_reads_the_same_address_anew(monkeypatch: pytest.MonkeyPatch) -> None:
    at = press(page("a"), "add")
    assert now(went_back(at, monkeypatch, v=["a"])) == {"state": "a", "query": ["a"], "problems": []}
    assert now(went_back(at, monkeypatch)) == {"state": "start", "query": [], "problems": []}


def test_a_link_to_the_page_itself_is_read_though_its_address_was_there_before() -> None:
    at = press(page("a"), "add")
    assert now(switched(at, "one", v=["a"], _followed="1")) == {"state": "a", "query": ["a"], "problems": []}
    assert "_followed" not in at.query_params


def test_without_parameters_the_page_that_is_open_goes_on() -> None:
    assert now(switched(page("a"), "one")) == {"state": "a", "query": ["a"], "problems": []}


def test_a_page_comes_back_as_it_was_left_with_its_address() -> None:
    at = press(page("a"), "add")
    assert now(switched(at, "two"))["state"] == "start"
    press(at, "add")
    assert now(switched(at, "one")) == {"state": "a more", "query": ["a", "more"], "problems": []}
    assert now(switched(at, "two")) == {"state": "start more", "query": ["start", "more"], "problems": []}


def test_the_address_of_another_page_is_not_read() -> None:
    at = switched(page("a"), "two", v=["b"])
    at.query_params["v"] = ["a"]
    assert now(at.run()) == {"state": "b", "query": ["b"], "problems": []}


def test_a_link_opens_a_page_with_its_own_parameters() -> None:
    at = switched(switched(page("a"), "two"), "one", v=["c"])
    assert now(at)["state"] == "c"


def test_the_network_looked_at_last_follows_to_every_page() -> None:
    at = switched(press(page("a"), "network"), "two")
    assert (at.text[1].value, at.query_params["net"]) == ("vgg11", "vgg11")
    at = switched(switched(at, "two", net="vgg13"), "one")
    assert (at.text[0].value, at.text[1].value) == ("a", "vgg13")


def test_a_network_that_cannot_run_stays_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address, "can_run", lambda network: network.name != "vgg11")
    at = press(page("a"), "network")
    assert switched(at, "two").text[1].value == "resnet18"
    assert switched(at, "one").text[1].value == "vgg11"


def test_a_reloaded_tab_tells_how_the_other_pages_were_left(monkeypatch: pytest.MonkeyPatch) -> None:
    state: dict[str, Any] = {}
    monkeypatch.setattr(address.st, "session_state", state)
    remember_left({"": (("net", "vgg16"),), "pages/two.py": (("v", "x"),)})
    assert state["address.network"].name == "vgg16"
    assert addresses_left() == {"": (("net", "vgg16"),), "pages/two.py": (("v", "x"),)}
    remember_left({"": (("net", "resnet18"),)})
    assert state["address.network"].name == "vgg16"  # this session has one already


def test_a_page_opens_as_the_tab_remembers_it() -> None:
    at = page("a")
    at.session_state["address.left"] = {"pages/two.py": (("v", "x"), ("v", "9"))}
    assert now(switched(at, "two")) == {"state": "x", "query": ["x", "9"], "problems": ["9 is no word"]}
