"""The chart of rank correlations shows every run, and rings those of the chosen device."""

from __future__ import annotations

from blocks.latency.devices.flop_ranks import flop_ranks
from viz.kit.rank_chart import rank_chart


def test_every_run_is_a_dot_of_its_unit_and_the_device_is_ringed() -> None:
    frame = flop_ranks("ncnn")
    made = rank_chart(frame, str(frame["device"].iloc[0]), False)
    *units, ringed = made.data
    assert sum(len(t.x) for t in units) == len(frame)
    assert [len(t.x) for t in units] == [(frame["unit"] == unit).sum() for unit in ("CPU", "GPU")]
    assert len(ringed.x) == (frame["device"] == frame["device"].iloc[0]).sum()
    assert len(rank_chart(frame, "nothing", True).data) == 2
