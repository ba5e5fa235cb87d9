"""The runner of steps: each ends on its own, keeps what it found, and the budget holds."""

from __future__ import annotations

import time

import psutil
import pytest

from scripts import step_runner
from scripts.step_runner import CheckStep, StepOutcome, StepTask, run_steps


def step(name: str, weight: float = 1.0) -> CheckStep:
    return CheckStep(name, f"tests.scripts.steps_that_end_badly:{name}", weight)


def test_a_step_that_ends_badly_keeps_its_records_and_the_others_go_on() -> None:
    heard: list[str] = []
    steps = [step("failing"), step("crashing"), step("skipping"), CheckStep("missing", "tests.scripts.nowhere:f", 1.0), step("good")]
    found = run_steps(steps, StepTask("cpu", 60.0), 60.0, lambda name, _outcome: heard.append(name))
    assert heard == [s.name for s in steps]
    assert {name: outcome.status for name, outcome in found.items()} == {
        "failing": "failed", "crashing": "failed", "skipping": "skipped", "missing": "failed", "good": "done",
    }  # fmt: skip
    assert (found["failing"].error, found["failing"].records) == ("ValueError: the reason", [{"kept": 1}])
    assert (found["crashing"].error, found["crashing"].records) == ("the process ended with exit code 7", [{"kept": 2}])
    assert found["skipping"].error == "does not apply here"
    assert str(found["missing"].error).startswith("ModuleNotFoundError")
    (record,) = found["good"].records
    assert record["before"] == ["crashing", "failing", "missing", "skipping"]
    assert 0 < record["seconds"] <= 60, "the last step has all that is left"


def test_a_step_that_hangs_is_killed_with_what_it_started_and_the_budget_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(step_runner, "GRACE", 0.1)
    begin = time.monotonic()
    found = run_steps([step("hanging"), step("good", 1e-9), step("failing")], StepTask("cpu", 0.0), 6.0)
    assert time.monotonic() - begin < 6.0 + 10.0, "the kill itself may take a moment"
    assert (found["hanging"].status, found["hanging"].error) == ("cut", "killed at its time limit")
    if found["hanging"].records:  # a loaded machine may not have come so far
        child = found["hanging"].records[0]["child"]
        assert not psutil.pid_exists(child) or psutil.Process(child).status() == psutil.STATUS_ZOMBIE


def test_without_time_a_step_is_not_begun() -> None:
    assert run_steps([step("good")], StepTask("cpu", 0.0), 0.5) == {"good": StepOutcome("cut", error="no time was left")}
