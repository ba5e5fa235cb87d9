"""The memory of a page's address, on a page of its own."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from viz.kit import address


def script(resumes: bool) -> None:
    import streamlit as st

    from viz.kit.address import Address, Query

    def read(query: Query) -> tuple[list[str], list[str]]:
        values = [value for name, value in query if name == "v"]
        return [v for v in values if v.isalpha()] or ["start"], [f"{v} is no word" for v in values if not v.isalpha()]

    def opened(state: list[str], before: list[str] | None) -> None:
        st.session_state.setdefault("log", []).append((list(state), before and list(before)))

    page = Address("page", read, lambda state: tuple(("v", v) for v in state), opened, resumes)
    saved = page.open()
    state = [*saved.state, "more"] if st.button("Add") else saved.state
    page.save(state)
    st.text(" ".join(state))
    st.caption(f"{saved.generation}")
    for problem in saved.problems:
        st.error(problem)


def page(*values: str, resumes: bool = False) -> AppTest:
    at = AppTest.from_function(script, args=(resumes,))
    at.query_params["v"] = list(values) if values else []
    return at.run()


def now(at: AppTest) -> dict[str, Any]:
    found = at.query_params.get("v", [])
    return {"state": at.text[0].value, "query": [found] if isinstance(found, str) else list(found), "problems": [e.value for e in at.error]}


def test_a_repeated_parameter_is_read_and_written_whole() -> None:
    at = page("a", "b")
    assert now(at) == {"state": "a b", "query": ["a", "b"], "problems": []}
    assert now(at.button[0].click().run()) == {"state": "a b more", "query": ["a", "b", "more"], "problems": []}


def test_a_page_without_parameters_stays_so_until_something_changes() -> None:
    at = page()
    assert now(at)["query"] == []
    assert now(at.button[0].click().run())["query"] == ["start", "more"]


def test_an_address_with_something_wrong_stays_until_something_changes() -> None:
    at = page("a", "2")
    for _ in range(2):
        assert now(at) == {"state": "a", "query": ["a", "2"], "problems": ["2 is no word"]}
        at.run()
    at.button[0].click().run()
    assert now(at.run()) == {"state": "a more", "query": ["a", "more"], "problems": []}


def test_an_address_changed_from_outside_is_read_anew() -> None:
    at = page("a")
    at.query_params["v"] = ["b"]
    assert now(at.run())["state"] == "b"
    assert at.caption[0].value == "1"
    assert at.session_state["log"] == [(["a"], None), (["b"], ["a"])]


@pytest.mark.parametrize(("late", "state"), [(60.0, "a more"), (-1.0, "a")])
def test_a_run_with_the_address_just_left_is_late_and_after_a_while_it_is_the_way_back(late: float, state: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(address, "LATE", late)
    at = page("a")
    at.button[0].click().run()
    at.query_params["v"] = ["a"]
    assert now(at.run())["state"] == state


@pytest.mark.parametrize(("resumes", "state"), [(True, "a"), (False, "start")])
def test_without_parameters_a_page_resumes_or_starts_afresh(resumes: bool, state: str) -> None:
    at = page("a", resumes=resumes)
    at.query_params.clear()
    assert now(at.run())["state"] == state
    assert now(at)["query"] == (["a"] if resumes else [])
