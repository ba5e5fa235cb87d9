"""FLOPs against published time, a rank correlation per run, checked against pandas'."""

from __future__ import annotations

import numpy as np
import pandas as pd

from blocks import analyse
from blocks.latency.devices.flop_ranks import flop_ranks, flops_of, worst_inversion
from blocks.latency.devices.tables import TableNetwork, population


def test_flops_are_of_one_picture_at_the_tables_size() -> None:
    assert flops_of(TableNetwork("x", "resnet18", None, "float")) == analyse("resnet18").flops
    assert flops_of(TableNetwork("x", "resnet18", 160, "float")) == analyse("resnet18", (1, 3, 160, 160)).flops
    assert flops_of(TableNetwork("x", "vit_b_32", 384, "float")) > 2.5 * flops_of(TableNetwork("x", "vit_b_32", None, "float"))


def test_each_run_has_its_rank_correlation() -> None:
    for table in ("ncnn", "qualcomm"):
        fleet, found = population(table), flop_ranks(table)
        assert len(found) == len(fleet.times)
        assert found["rho"].between(-1, 1).all()
        columns = [i for i, c in enumerate(fleet.columns) if c.precision != "int8"]
        flops = np.array([flops_of(fleet.columns[i]) for i in columns], dtype=float)
        for run in (0, len(found) - 1):
            known = ~np.isnan(fleet.times[run, columns])
            assert np.isclose(found["rho"].iloc[run], pd.Series(flops[known]).rank().corr(pd.Series(fleet.times[run, columns][known]).rank()))
            assert found["networks"].iloc[run] == known.sum()


def test_the_pair_that_flops_mislead_about_most() -> None:
    for table in ("ncnn", "qualcomm"):
        pair, fleet = worst_inversion(table), population(table)
        times = {name: fleet.times[:, fleet.index(name)] for name in (pair.more, pair.fewer)}
        both = ~np.isnan(times[pair.more] + times[pair.fewer])
        assert pair.runs == both.sum() >= len(both) / 2
        assert pair.share == np.mean(times[pair.more][both] < times[pair.fewer][both]) > 0.9
        assert pair.times > 1.3
