"""Figures over knobs, compound scaling and published series."""

from __future__ import annotations

import pytest

from blocks import analyse, catalog, reference
from blocks.families.efficientnet import growth
from blocks.latency.devices.asked import device_times, read_device
from blocks.latency.roofline.estimate import estimate
from blocks.latency.roofline.known_machines import machine
from blocks.space.axes import INPUT_SIDE, axes, find_axis
from blocks.space.count import Setup
from blocks.space.published import first_published, points, scaling_series
from blocks.space.scaling import compound, published_family, values_over


def test_a_grid_over_two_knobs_has_every_combination_as_its_own_trace_says() -> None:
    along, across = find_axis("mobilenet_v2", "width_mult"), find_axis("mobilenet_v2", INPUT_SIDE)
    frame, refused = values_over(Setup("mobilenet_v2"), {"expansion": 4.0}, None, along, [0.5, 0.9, 1.3], across, [96, 130], machine("rtx4090"))
    assert not refused
    assert len(frame) == 6
    for row in frame.to_dict("records"):
        a = analyse("mobilenet_v2", (1, 3, row["side"], row["side"]), width_mult=row["width_mult"], expansion=4.0)
        assert (row["params"], row["macs"], row["peak_memory"]) == (a.params, a.macs, a.peak_memory)
        assert row["latency"] == pytest.approx(estimate(a, machine("rtx4090")).seconds)


def test_times_on_a_device_stand_beside_the_counts() -> None:
    device = "raspberry-pi-5-broadcom-bcm2712-cortex-a76-armv8-2-4ghz-x-4"
    frame, _ = values_over(Setup("mobilenet_v2"), {}, None, find_axis("mobilenet_v2", "width_mult"), [0.5, 0.9, 1.3], device=device)
    wanted = [device_times(read_device(device)).estimate("mobilenet_v2", {"width_mult": w}).ms for w in frame["width_mult"]]
    assert list(1e3 * frame["device_time"]) == pytest.approx(wanted)
    assert (frame["device_low"] < frame["device_time"]).all()


def test_what_is_refused_is_said_and_left_out() -> None:
    frame, refused = values_over(Setup("resnet18"), {}, None, find_axis("resnet18", "groups"), [1, 2, 3])
    assert list(frame["groups"]) == [1, 2]
    assert "must divide" in refused[0]


def test_values_fit_their_knob() -> None:
    assert find_axis("mobilenet_v2", "kernel_size").spread(1, 7, 20) == [1, 3, 5, 7]
    assert find_axis("mobilenet_v2", "width_mult").spread(0.5, 2.0, 3, geometric=True) == [0.5, 1.0, 2.0]
    for name in ("resnet50", "vit_b_16", "shuffle_unit", "densenet121"):
        for found in axes(name):
            if found.knob is not None and found.kind != "ints":
                for value in found.options():
                    found.knob.check(value)


def test_compound_scaling_follows_its_constraint_and_each_way_moves_its_own_knob() -> None:
    frame = compound([0.0, 1.0], 1.2, 1.1, 1.15)
    start = frame[frame["phi"] == 0]
    assert set(start["macs"]) == {analyse("efficientnet_b0").macs}
    one = frame[frame["phi"] == 1].set_index("way")
    assert one.loc["width", "side"] == one.loc["depth", "side"] == 224
    assert one.loc["resolution", "params"] == analyse("efficientnet_b0").params
    assert one.loc["compound", "depth_mult"] == pytest.approx(1.2)
    for way in ("width", "resolution"):
        assert one.loc[way, "macs"] == pytest.approx(start["macs"].iloc[0] * growth(), rel=0.06)


def test_the_published_family_is_what_the_presets_count() -> None:
    frame = published_family().set_index("preset")
    a = analyse("efficientnet_b3")
    assert (frame.loc["efficientnet_b3", "params"], frame.loc["efficientnet_b3", "macs"]) == (a.params, a.macs)
    assert frame["phi"].is_monotonic_increasing


def test_points_are_the_reference_and_series_move_one_thing() -> None:
    rows = reference.all_accuracy()
    rows = rows[(rows["dataset"] == "ImageNet-1K") & (rows["metric"] == "acc@1")]
    assert len(points()) == len(rows[rows["preset"].isin(catalog.names(kind="model"))])
    ways = {(s.way, tuple(p.preset for p in s.points)) for s in scaling_series()}
    assert ("compound", tuple(f"efficientnet_b{i}" for i in range(8))) in ways
    assert ("depth", ("resnet50", "resnet101", "resnet152")) in ways
    assert ("width", tuple(f"shufflenet_v2_x{w}" for w in ("0_5", "1_0", "1_5", "2_0"))) in ways
    assert ("resolution", ("seresnet50", "seresnet50")) in ways
    for s in scaling_series():
        assert len(s.points) > 1
        assert len({p.source for p in s.points}) == 1
    assert first_published()["resnet50"].accuracy == 76.13
