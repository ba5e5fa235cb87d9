"""Times of many variants on a device: the array arithmetic gives what each variant's own trace does, and the estimate is the model's."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from blocks import analyse, catalog
from blocks.knobs import KnobError
from blocks.latency.devices.asked import device_times, read_device
from blocks.latency.devices.features import fused_work
from blocks.space.count import NetworkVariant, Setup, by_structure, count_variants
from blocks.space.device_time import DeviceTimer, WorkProgram, variant_works
from blocks.space.sample import Space, sample_variants
from blocks.workers.control import Cancelled

DEVICE = "raspberry-pi-5-broadcom-bcm2712-cortex-a76-armv8-2-4ghz-x-4"
MOVING = {
    "mobilenet_v2": {"width_mult": None, "kernel_size": None, "side": None},
    "resnet18": {"groups": (1, 4), "width_mult": None},
    "resnext50_32x4d": {"groups": None, "side": None},
    "vit_b_16": {"width": None},
}


def own_work(setup: Setup, variant: NetworkVariant) -> np.ndarray:
    shape = setup.shape(catalog.settings(setup.name, **variant.knobs), variant.side)
    return fused_work(analyse(setup.name, shape, **variant.knobs))


def times_of(setup: Setup, variant: NetworkVariant, progress: Callable[[], None] = lambda: None) -> np.ndarray:
    return DeviceTimer(DEVICE, setup).times([variant], count_variants(setup, [variant]), progress)[0]


@pytest.mark.parametrize("name", MOVING)
def test_work_is_that_of_each_variants_own_trace(name: str) -> None:
    setup, variants = Setup(name), sample_variants(Space(name, MOVING[name]), "random", 40, seed=5)
    counts = count_variants(setup, variants)
    fine = [i for i in range(len(variants)) if i not in counts.errors]
    works = variant_works(setup, variants, fine, {}, lambda: None)
    assert len(fine) >= 3
    assert np.isnan(works[list(counts.errors)]).all()
    for i in fine[:: max(1, len(fine) // 8)]:
        assert works[i] == pytest.approx(own_work(setup, variants[i]), rel=1e-12)


def test_structures_are_used_and_say_every_kind_of_convolution() -> None:
    setup = Setup("basic_block")
    variants = [NetworkVariant({"c_in": c, "c_out": c, "groups": g}) for c in (32, 64, 96) for g in (1, 2, 32)]
    count_variants(setup, variants)
    found = {i: structure for structure, rows, _ in by_structure(setup, variants, range(len(variants))) for i in rows if structure is not None}
    assert len(found) >= 4
    for structure, rows, values in by_structure(setup, variants, range(len(variants))):
        if structure is not None:
            made, fine = WorkProgram(structure.analysis.graph).run(values, len(rows))
            assert fine.all()
            for place, i in enumerate(rows):
                assert made[place] == pytest.approx(own_work(setup, variants[i]), rel=1e-12)


def test_an_estimate_is_the_models_whatever_batch_and_type_are_counted() -> None:
    variants = [NetworkVariant({"width_mult": w}) for w in (0.5, 0.75, 1.25, 1.5, 1.75)]
    there = device_times(read_device(DEVICE))
    for setup in (Setup("mobilenet_v2"), Setup("mobilenet_v2", "float16", training=True, batch=4)):
        timer = DeviceTimer(DEVICE, setup)
        counts = count_variants(setup, variants, reading=timer.reading)
        times = timer.times(variants, counts, lambda: None)
        assert (np.diff(times[:, 0]) > 0).all()
        for variant, (seconds, low, high) in zip(variants, times, strict=True):
            wanted = there.estimate("mobilenet_v2", variant.knobs)
            assert (1e3 * seconds, 1e3 * low, 1e3 * high) == pytest.approx((wanted.ms, wanted.low, wanted.high))


def test_a_published_time_is_not_put_among_estimates() -> None:
    [seconds, *_] = times_of(Setup("mobilenet_v2"), NetworkVariant())
    known = device_times(read_device(DEVICE)).estimate("mobilenet_v2")
    assert known.published is not None
    assert 1e3 * seconds != known.published
    assert 1e3 * seconds == pytest.approx(known.published, rel=0.2)


def test_what_is_traced_by_the_count_is_not_traced_again(monkeypatch: pytest.MonkeyPatch) -> None:
    setup, variants = Setup("resnet18"), [NetworkVariant({"depths": (1, 1, 1, n)}) for n in (1, 2)]
    timer = DeviceTimer(DEVICE, setup)
    counts = count_variants(setup, variants, reading=timer.reading)
    monkeypatch.setattr("blocks.space.device_time.analysis_of", lambda *_: pytest.fail("traced again"))
    assert not np.isnan(timer.times(variants, counts, lambda: None)).any()


def test_blocks_have_none_a_stop_ends_it_and_a_device_that_is_none_is_said() -> None:
    assert np.isnan(times_of(Setup("basic_block"), NetworkVariant())).all()
    assert np.isnan(times_of(Setup("resnet18"), NetworkVariant({"groups": 3}))).all()

    def stop() -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        times_of(Setup("resnet18"), NetworkVariant(), stop)
    with pytest.raises(KnobError, match="no published device"):
        DeviceTimer("abacus", Setup("resnet18"))
