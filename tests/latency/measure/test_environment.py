"""What a figure was taken under: energy only where the system tells, clocks and load as sentences, nothing invented."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from blocks.latency.measure import environment, nvml
from blocks.latency.measure.devices import Device
from blocks.latency.measure.environment import MachineMonitor


@pytest.fixture
def packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Counters of two processor packages, one with a part of its own (which must not be counted twice); returns how to set them."""
    for name in ("intel-rapl:0", "intel-rapl:0:0", "intel-rapl:1"):
        (tmp_path / name).mkdir()

    def put(first: int, second: int) -> None:
        (tmp_path / "intel-rapl:0" / "energy_uj").write_text(f"{first}\n")
        (tmp_path / "intel-rapl:0:0" / "energy_uj").write_text(f"{first // 2}\n")
        (tmp_path / "intel-rapl:1" / "energy_uj").write_text(f"{second}\n")

    put(5_000_000, 7_000_000)
    monkeypatch.setattr(environment, "POWERCAP", tmp_path)
    monkeypatch.setattr(environment, "SHORTEST_ENERGY", 0.0)
    return put


def test_energy_is_what_the_packages_used_meanwhile(packages: Any) -> None:
    monitor = MachineMonitor(Device("cpu"))
    packages(6_500_000, 9_000_000)
    assert monitor.joules() == pytest.approx(1.5 + 2.0)
    assert monitor.report()["energy_source"] == "RAPL, whole processor package"


def test_a_counter_that_began_anew_or_stood_still_gives_no_energy(packages: Any) -> None:
    monitor = MachineMonitor(Device("cpu"))
    assert monitor.joules() is None
    packages(10, 20)
    assert monitor.joules() is None


def test_too_short_a_time_gives_no_energy(packages: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "SHORTEST_ENERGY", 3600.0)
    monitor = MachineMonitor(Device("cpu"))
    packages(6_500_000, 9_000_000)
    assert monitor.joules() is None


def test_without_a_counter_there_is_no_energy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "POWERCAP", tmp_path / "nothing")
    monitor = MachineMonitor(Device("cpu"))
    assert monitor.joules() is None
    assert "energy_source" not in monitor.report()


def test_load_and_clocks_become_sentences(monkeypatch: pytest.MonkeyPatch) -> None:
    monitor = MachineMonitor(Device("cpu"))
    monitor.frequencies = [3000.0, 2000.0, 2900.0]
    report = monitor.report() | {"other_cpu_share": 0.31, "stolen_cpu_share": 0.05, "cpu_mhz": [2000.0, 3000.0]}
    monkeypatch.setattr(monitor, "report", lambda: report)
    said = " ".join(monitor.remarks())
    assert "Other programs used 31 %" in said
    assert "took 5 % of the virtual processor" in said
    assert "between 2000 and 3000 MHz" in said


def test_a_quiet_machine_has_no_remarks(monkeypatch: pytest.MonkeyPatch) -> None:
    monitor = MachineMonitor(Device("cpu"))
    monkeypatch.setattr(monitor, "report", lambda: {"other_cpu_share": 0.02, "stolen_cpu_share": 0.0, "cpu_mhz": [2950.0, 3000.0]})
    assert monitor.remarks() == []


def test_shares_are_shares() -> None:
    report = MachineMonitor(Device("cpu")).report()
    for name in ("own_cpu_share", "other_cpu_share", "stolen_cpu_share"):
        assert 0 <= report[name] <= 1


def test_where_there_is_no_card_nothing_is_told() -> None:
    if nvml.driver() is not None:
        pytest.skip("there is an NVIDIA driver")
    assert (nvml.card_info(0), nvml.read_clocks(0), nvml.throttled(0), nvml.energy(0)) == (None, None, [], None)


@pytest.mark.cuda
def test_a_card_tells_its_clocks() -> None:
    monitor = MachineMonitor(__import__("blocks.latency.measure.devices", fromlist=["open_device"]).open_device("cuda:0"))
    monitor.read()
    assert monitor.report()["gpu_clocks"]["sm_mhz"][0] > 0
