"""Work beside a page: it is drawn while it runs, stopped by its button, and a refused start leaves what was there."""

from __future__ import annotations

from typing import Any

from streamlit.testing.v1 import AppTest

from viz.kit.task import Task, TaskState, running


class Fixed(Task):
    """A task that stands where it is put."""

    def __init__(self, state: TaskState = "running") -> None:
        self.at: TaskState = state

    @property
    def state(self) -> TaskState:
        return self.at

    @property
    def share(self) -> float:
        return 0.25

    @property
    def result(self) -> Any:
        return 7 if self.at == "done" else None

    def stop(self) -> None:
        self.at = "stopped"


def page() -> None:
    import streamlit as st

    from blocks.knobs import KnobError
    from tests.viz.kit.test_task import Fixed
    from viz.kit.task import live, progress, start_button

    def start() -> Fixed:
        st.session_state["starts"] = st.session_state.get("starts", 0) + 1
        if st.session_state.get("refuse"):
            raise KnobError("depth", 3, "must be even")
        return Fixed()

    task = start_button("mine", start, "Go", key="go", icon=":material/timer:")
    if task is not None:
        live([task], lambda: progress(task, stop="end"))
        st.write(f"state {task.state}, result {task.result}")


def opened() -> AppTest:
    return AppTest.from_function(page, default_timeout=240).run()


def bars(at: AppTest) -> list[Any]:
    return list(at.get("progress"))


def test_a_button_starts_and_stops() -> None:
    at = opened()
    assert at.button(key="go").label == "Go"
    at.button(key="go").click().run()
    assert not at.exception
    assert at.button(key="go").label == "Stop"
    assert bars(at)[0].proto.value == 25
    at.button(key="go").click().run()
    assert at.session_state["tasks"]["mine"].state == "stopped"
    assert at.button(key="go").label == "Go"
    assert not bars(at)
    assert at.info[0].value == "stopped"


def test_the_bars_own_button_stops_it() -> None:
    at = opened()
    at.button(key="go").click().run()
    at.button(key="end").click().run()
    assert at.session_state["tasks"]["mine"].state == "stopped"


def test_a_result_replaces_the_bar() -> None:
    at = opened()
    at.button(key="go").click().run()
    at.session_state["tasks"]["mine"].at = "done"
    at.run()
    assert not bars(at)
    assert "result 7" in at.markdown[0].value


def test_a_failure_is_an_error() -> None:
    at = opened()
    at.button(key="go").click().run()
    at.session_state["tasks"]["mine"].at = "failed"
    assert at.run().error[0].value == "failed"


def test_a_refused_start_says_why_and_keeps_what_was_there() -> None:
    at = opened()
    at.button(key="go").click().run()
    before = at.session_state["tasks"]["mine"]
    before.at = "done"
    at.session_state["refuse"] = True
    at.run()
    at.button(key="go").click().run()
    assert "depth = 3: must be even" in at.error[0].value
    assert at.session_state["tasks"]["mine"] is before
    assert at.session_state["starts"] == 2


def test_one_that_runs_is_enough() -> None:
    assert running([None, Fixed("done"), Fixed("waiting")])
    assert not running([None, Fixed("done"), Fixed("failed"), Fixed("stopped")])
