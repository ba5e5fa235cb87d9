"""Results as text: the figures in milliseconds, what is not known left out, and the longest operations first."""

from __future__ import annotations

from typing import Any

import pandas as pd
import pytest

from blocks import analyse
from blocks.knobs import KnobError
from blocks.latency import lab, terminal
from blocks.latency.measure.profile import Profile
from blocks.latency.measure.results import Comparison, Measurement
from blocks.latency.roofline.machines import published_machines
from blocks.latency.sweeps.sweep import SweepProgress
from tests.latency.conftest import reported


def measured(**changes: Any) -> Measurement:
    return Measurement.from_dict(reported(median=0.02) | {"low": 0.019, "high": 0.0215, "n_eff": 9.0, "why": "Stopped."} | changes)


@pytest.mark.parametrize(
    ("status", "line"),
    [
        (lab.Status("j", "queued", position=2), "queued, 2 before it"),
        (lab.Status("j", "running", phase="measuring", n=12, median=0.0123), "measuring, n = 12, median 12.3 ms"),
        (lab.Status("j", "running", phase="waiting", message="Another program measures."), "waiting. Another program measures."),
        (lab.Status("j", "starting"), "starting"),
    ],
)
def test_where_a_job_stands(status: lab.Status, line: str) -> None:
    assert terminal.status_line(status) == line


def test_a_measurement_in_milliseconds() -> None:
    text = terminal.measurement_text(measured(images=4, p90=(0.03, 0.029, 0.031), joules_per_image=0.5, process_medians=[0.019, 0.021], remarks=["Busy."]))
    assert text.startswith("resnet18: median 20 ms (19 – 21.5, 95 %), n = 57; 200 images/s\n")
    assert text.endswith("float32, eager, p90 30 ms\n  0.5 J per image, measured\n  medians of fresh processes: 19, 21 ms\n  Stopped. Busy.")


def test_what_is_not_known_is_left_out() -> None:
    text = terminal.measurement_text(measured(low=None, high=None))
    assert "median 20 ms, n = 57" in text
    assert "J per image" not in text
    assert "p90" not in text


def test_a_comparison_ranks_by_the_fastest() -> None:
    plain: dict[str, Any] = {
        "experiments": [reported()["experiment"]] * 2, "verdicts": [{"sentence": "B is 1.25 times faster."}], "converged": True, "episodes": 4, "rounds": 20,
        "level": 0.99, "seconds": 3.25, "each": [], "ranking": [{"rank": 1, "name": "B", "relative": 1.0}, {"rank": 2, "name": "A", "relative": 1.25}],
    }  # fmt: skip
    lines = terminal.comparison_text(Comparison.from_dict(plain)).splitlines()
    assert lines == ["B is 1.25 times faster.", "  1. B  1.000 times the fastest", "  2. A  1.250 times the fastest", "  4 episodes in 3.25 s."]


def test_a_profile_begins_with_the_longest_operation() -> None:
    analysis = analyse("bottleneck")
    first, second, third = analysis.table["node"].tolist()[:3]
    plain = {
        "experiment": reported()["experiment"], "by_node": {first: 0.001, second: 0.003, third: 0.0005}, "intervals": {}, "backward": {}, "kernels": {},
        "whole": 0.005, "sum": 0.004, "other": 0.0, "between_operations": 0.001, "overhead": 0.0, "passes": 8, "explained": ["All of it."],
    }  # fmt: skip
    lines = terminal.profile_text(Profile.from_dict(plain), analysis, rows=2).splitlines()
    ops = analysis.table.set_index("node")["op"]
    assert lines[1].split()[:4] == ["3.0000", "ms", "75.00", "%"]
    assert ops[second] in lines[1]
    assert ops[first] in lines[2]
    assert lines[3].strip() == "and 1 more"
    assert lines[-1] == "All of it."


def test_a_network_under_a_roof_agrees_with_the_roof() -> None:
    machine = published_machines()[0]
    text = terminal.roofline_text(analyse("bottleneck"), machine, [machine], None, rows=3)
    assert f"ridge at {machine.peaks['float32'] / machine.bandwidth:.3g} FLOPs per byte" in text
    assert text.splitlines()[-1].strip().startswith(machine.title)
    with pytest.raises(KnobError, match="has no figure for"):
        terminal.roofline_text(analyse("bottleneck"), machine, [machine], "int3")


def test_a_sweep_shows_milliseconds_and_no_empty_columns() -> None:
    table = pd.DataFrame({"batch": [1, 2], "state": ["done", "waiting"], "median": [0.0125, None], "joules_per_image": [None, None]})
    text = terminal.sweep_text(SweepProgress("s-1", "T", "paused", 2, 1, 0, None, table, {}, "Paused by the user."))
    assert "median ms" in text
    assert "12.5" in text
    assert "joules" not in text
    assert text.endswith("s-1: paused, 1 of 2 done. Paused by the user.")


def test_the_ledgers_comparisons_are_ratios() -> None:
    assert terminal.ledger_text(pd.DataFrame()) == "No result fits."
    rows = pd.DataFrame({
        "id": ["a", "b"], "finished_at": pd.to_datetime(["2026-01-02 03:04", "2026-01-02 03:05"]), "kind": ["measure", "compare"], "network": "resnet18",
        "median": [0.0125, 1.25], "n": [9, 4], "batch": 1, "device_name": "cpu", "dtype": "float32", "mode": "forward",
    })  # fmt: skip
    first, second = terminal.ledger_text(rows).splitlines()[1:]
    assert "12.5" in first.split()
    assert "1.25" in second.split()
    assert "2026-01-02 03:04" in first


@pytest.mark.parametrize("text", ["1,3,x", "", "1.5", "1,,3"])
def test_sizes_are_whole_numbers(text: str) -> None:
    with pytest.raises(KnobError, match="must be whole numbers with commas"):
        terminal.whole_numbers(text, "input")


def test_a_network_from_a_file_needs_its_input(tmp_path: Any) -> None:
    file = tmp_path / "net.py"
    file.write_text("")
    with pytest.raises(KnobError, match="needs --input"):
        terminal.network_input_shape(f"{file}:Net", {}, None, 2)
    with pytest.raises(KnobError, match="is not a file here"):
        terminal.network_of(f"{tmp_path / 'gone.py'}:Net")
