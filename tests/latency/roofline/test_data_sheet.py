"""A GPU by its data sheet: the model on made-up GPUs and on the published ones left out, and what is no data sheet."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from blocks.knobs import KnobError
from blocks.latency.roofline import data_sheet
from blocks.latency.roofline.data_sheet import (
    SHEET_LIMITS,
    fitted_sheet_model,
    left_out_gpus,
    sheet_errors,
    sheet_estimate,
    sheet_machine,
    stored_sheet_model,
)
from blocks.latency.roofline.efficiency_fit import FitRows
from blocks.latency.roofline.machines import GROUPS, machine_roofs

SHEET = "float16=165.2,float32=82.6,bandwidth=1008"


@pytest.fixture(scope="module")
def left_out() -> pd.DataFrame:
    return left_out_gpus()


def made_up(share: float, seed: int) -> FitRows:
    """A GPU on which every group reaches ``share`` of the roof."""
    roofs = np.append(np.random.default_rng(seed).uniform(1e-5, 1e-3, (30, len(GROUPS))), np.ones((30, 1)), axis=1)
    return FitRows(pd.DataFrame({"preset": [f"n{i}" for i in range(30)]}), roofs, roofs[:, :-1].sum(axis=1) / share)


def test_gpus_that_are_alike_give_their_share_to_another() -> None:
    parts = {name: made_up(0.5, i) for i, name in enumerate(("rtx3090", "rtx4090", "rtx5090"))}
    new = made_up(0.5, 9)
    mean, sd = fitted_sheet_model(parts).predict(machine_roofs()["rtx4090"], new.roofs)
    assert np.exp(mean) == pytest.approx(new.seconds, rel=0.08)
    assert (sd > data_sheet.OWN_GPU).all()


def test_left_out_gpus_are_nearer_than_mean_factors_and_the_roofline(left_out: pd.DataFrame) -> None:
    errors = sheet_errors(left_out).set_index("gpu").loc["all"]
    assert errors["estimated_median"] < 0.08
    assert errors["new_median"] < 0.09
    assert errors["pooled_median"] > 0.15
    assert errors["roof_median"] > 0.25
    assert errors["coverage"] >= 0.88
    off = np.abs(np.exp(left_out["estimated"] - left_out["measured"]) - 1)
    assert errors["estimated_median"] == pytest.approx(off.median(), abs=1e-4)


def test_what_is_stored_is_what_the_fit_says(left_out: pd.DataFrame) -> None:
    model, errors = stored_sheet_model()
    fresh = fitted_sheet_model(data_sheet.gpus())
    for name in ("level", "slopes", "beyond"):
        assert getattr(model, name) == pytest.approx(getattr(fresh, name), abs=1e-3)
    assert errors["estimated_median"] == pytest.approx(sheet_errors(left_out).iloc[-1]["estimated_median"], abs=1e-3)
    assert set(model.without("resnet50").presets) == set(model.presets) - {"resnet50"}


def test_a_gpu_unlike_the_known_ones_has_a_wider_interval() -> None:
    near, far = (sheet_estimate(sheet_machine(text), "resnet50") for text in (SHEET, "float16=989,float32=67,bandwidth=3350"))
    assert near.low < near.images_per_second < near.high
    assert far.high / far.low > 1.3 * near.high / near.low
    assert far.images_per_second > near.images_per_second
    assert sheet_estimate(sheet_machine(SHEET), "resnet50", {"width_mult": 2.0}).images_per_second < near.images_per_second


def test_more_of_what_bounds_a_network_is_faster() -> None:
    for preset, more in (("vgg16", "float16=330,float32=165,bandwidth=1008"), ("mobilenet_v2", "float16=165.2,float32=82.6,bandwidth=2016")):
        base, faster = (sheet_estimate(sheet_machine(text), preset).images_per_second for text in (SHEET, more))
        assert 1.2 * base < faster < 2.1 * base


@pytest.mark.parametrize(("text", "sentence"), [
    ("", "must be of"), ("float16=165", "lacks float32, bandwidth"), ("floats16=165,float32=82,bandwidth=1008", "must be of float16"),
    ("float16=-1,float32=82,bandwidth=1008", "must lie between"), ("float16=nan,float32=82,bandwidth=1008", "must lie between"),
    ("float16=165,float32=82,bandwidth=inf", "must lie between"), ("float16=165,float32=82,bandwidth=1.008e12", "other units"),
    ("float16=1.65e14,float32=82,bandwidth=1008", "other units"), ("float16=40,float32=82,bandwidth=1008", "no GPU has a lower one"),
    ("float16=many,float32=82,bandwidth=1008", "must be a number of TFLOPS"), ("float16=165,float16=165,float32=82,bandwidth=1008", "twice"),
])  # fmt: skip
def test_what_is_no_data_sheet_is_said(text: str, sentence: str) -> None:
    with pytest.raises(KnobError, match=sentence):
        sheet_machine(text)


def test_a_block_is_not_estimated_and_the_limits_hold_known_gpus() -> None:
    with pytest.raises(KnobError, match="network of the catalog"):
        sheet_estimate(sheet_machine(SHEET), "basic_block")
    for there in machine_roofs().values():
        if there.kind == "gpu" and "float16" in there.peaks:
            assert SHEET_LIMITS["bandwidth"][0] <= there.bandwidth / 1e9 <= SHEET_LIMITS["bandwidth"][1]
            assert SHEET_LIMITS["float16"][0] <= replace(there).peak("float16") / 1e12 <= SHEET_LIMITS["float16"][1]
