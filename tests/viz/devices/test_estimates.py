"""Estimates of every preset: each with what it is, kept for the process, and the same as one asks for alone."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from blocks import catalog
from blocks.experiments.base import RunProgress, Stopped
from blocks.knobs import KnobError
from blocks.latency.devices.asked import AskedDevice, device_times, runs_of
from viz.devices import estimates
from viz.devices.estimates import all_estimates, error_there
from viz.kit.choice import Choice
from viz.kit.chosen_device import estimate_there

GALAXY = AskedDevice("qualcomm", "Samsung Galaxy S25", runs_of("Samsung Galaxy S25")[0], "float")
OWN = AskedDevice("ncnn", "", (("threads", "4"), ("gpu", "no")), "float", (("mobilenet_v2", 12.3), ("resnet50", 80.0)))


@pytest.mark.parametrize("asked", [GALAXY, OWN], ids=["known", "probed"])
def test_every_preset_has_a_row(asked: AskedDevice, monkeypatch: pytest.MonkeyPatch) -> None:
    names = ["resnet50", "resnet18", "vgg16", "mobilenet_v2", "googlenet"]
    own = SimpleNamespace(names=lambda **_: names, input_shape=catalog.input_shape)  # of this module alone: other rooms keep what they find in the catalog
    monkeypatch.setattr(estimates, "catalog", own)
    monkeypatch.setattr(estimates, "_kept", estimates.Bounded(4))
    heard: list[float] = []
    frame = all_estimates(asked, RunProgress(lambda share, _: heard.append(share)))
    assert sorted(frame["preset"]) == sorted(names)
    assert frame["ms"].is_monotonic_increasing
    assert heard == [0.2, 0.4, 0.6, 0.8, 1.0]
    for row in frame.itertuples():
        alone = estimate_there(asked, Choice(row.preset, side=None if row.side == catalog.input_shape(row.preset)[-1] else row.side))
        assert (row.ms, row.low, row.high, row.basis) == (alone.ms, alone.low, alone.high, alone.basis)
    assert ("published" in set(frame["basis"])) == (not asked.probes)
    assert all_estimates(asked, RunProgress(stopped=lambda: True)) is frame


def test_one_that_nobody_waits_for_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimates, "_kept", estimates.Bounded(4))
    with pytest.raises(Stopped):
        all_estimates(GALAXY, RunProgress(stopped=lambda: True))


def test_probes_that_fit_no_device_are_refused() -> None:
    with pytest.raises(KnobError, match="seconds"):
        device_times(AskedDevice("ncnn", "", OWN.settings, "float", (("resnet50", 0.01),)))


def test_the_error_there_is_of_each_published_network() -> None:
    assert len(error_there(GALAXY)) == len(device_times(GALAXY).networks)
