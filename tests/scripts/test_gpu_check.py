"""The check on a GPU, run on the processor with tiny sizes: the file that it writes, and what its summary says."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from scripts import gpu_check
from scripts.step_runner import StepOutcome


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a quick run on the processor wrote: the steps that take a second."""
    path = tmp_path_factory.mktemp("gpu") / "found.json"
    code = gpu_check.main(["--device", "cpu", "--quick", "--budget", "150", "--out", str(path), "--steps", "environment", "latency", "clocks", "compiled"])
    assert code == 0
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def test_the_file_has_what_the_docstring_says(written: dict[str, Any]) -> None:
    assert set(written) == {"format", "device", "started_at", "seconds", "budget", "quick", "steps"}
    assert (written["format"], written["budget"], written["quick"]) == (1, 150.0, True)
    assert written["seconds"] <= 150
    assert list(written["steps"]) == ["environment", "latency", "clocks", "compiled"]
    for outcome in written["steps"].values():
        assert set(outcome) == {"status", "seconds", "budget", "error", "records"}
        assert outcome["status"] == "done", outcome["error"]
    assert written["device"] == written["steps"]["environment"]["records"][0]["device"]


def test_every_condition_of_every_network_is_a_record(written: dict[str, Any]) -> None:
    records = [r for r in written["steps"]["latency"]["records"] if "network" in r]
    assert {(r["dtype"], r["cache"]) for r in records} == {(d, c) for d in ("float32", "tf32", "bfloat16") for c in ("hot", "cold")}
    for record in records:
        assert ("TF32" in record["error"]) if record["dtype"] == "tf32" else record["median"] > 0, record


def test_what_a_device_cannot_do_is_recorded_and_the_step_goes_on(written: dict[str, Any]) -> None:
    errors = [r["error"] for r in written["steps"]["compiled"]["records"]]
    assert len(errors) == 4
    assert all("CUDA graphs exist on NVIDIA devices only" in error for error in errors)


def test_the_summary_has_a_line_for_each_step(written: dict[str, Any]) -> None:
    lines = gpu_check.summary({name: StepOutcome(**outcome) for name, outcome in written["steps"].items()})
    assert [line.split()[0] for line in lines] == list(written["steps"])
    assert "float32 1.00" in lines[1]
    assert "4 failed" in lines[3]
    assert not any("not readable" in line for line in lines)


def test_figures_of_each_step() -> None:
    pairs = [{"pair": "A/A", "verdict": v} for v in ("same", "faster")] + [{"pair": "A/B", "verdict": v} for v in ("faster", "undecided")]
    memory = [{"mode": "forward", "ratio": 1.5}, {"mode": "forward", "ratio": 0.5}, {"mode": "forward_backward", "ratio": None}]
    images = [{"images_per_second": 200.0, "published": {"amp-x": 100.0}}, {"images_per_second": None, "published": {"amp-x": 1.0}}]
    guesses = [{"ratio": {"measured": 0.9, "h100": 0.5}}, {"error": "no"}]
    found = {
        "tests": [{"exit_code": 0, "passed": 13, "deselected": 50}], "calibration": pairs, "memory": memory, "throughput": images, "estimates": guesses,
        "clocks": [{"first_flops_per_second": 2.0, "last_flops_per_second": 1.0, "readings": 9, "conditions": {"throttled": {"heat": 3}}}],
        "roofline": [{"peaks": {"float32": 5e13}, "bandwidth": 3e12, "overhead": 5e-6}],
    }  # fmt: skip
    said = {name: gpu_check.SUMMARIES[name](records) for name, records in found.items()}
    assert said == {
        "tests": "13 passed",
        "calibration": "A/A: 1 false verdicts of 2; A/B (5 % more work): 1 of 2 found",
        "memory": "expected / allocated, forward: 1.00 (0.50 to 1.50)",
        "throughput": "measured / amp-x: 2.00 (2.00 to 2.00)",
        "estimates": "estimate / measured, measured: 0.90 (0.90 to 0.90); estimate / measured, h100: 0.50 (0.50 to 0.50)",
        "clocks": "last / first rate 0.500; lowered clocks: heat (3 of 9)",
        "roofline": "3000 GB/s; TFLOPS float32 50; 5 µs per operation",
    }
    assert "not readable" in gpu_check.summary({"roofline": StepOutcome("cut", records=[{}])})[0]


def test_the_file_is_named_by_device_and_date_and_has_no_numbers_that_json_lacks(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(gpu_check, "FOLDER", tmp_path)
    report = gpu_check.CheckReport("NVIDIA H100 80GB HBM3", 480.0, False, None)
    report.add("latency", StepOutcome("cut", records=[{"median": float("nan"), 3: (float("inf"), 1)}]))
    (path,) = tmp_path.iterdir()
    assert path.name == f"nvidia-h100-80gb-hbm3-{report.started_at:%Y-%m-%d}.json"
    assert json.loads(path.read_text())["steps"]["latency"]["records"] == [{"median": None, "3": [None, 1]}]
