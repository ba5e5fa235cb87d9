"""What may move in a network, and the values that it may take."""

from __future__ import annotations

import pytest

from blocks import catalog
from blocks.knobs import KnobError
from blocks.space.axes import INPUT_SIDE, axes, axis_names, find_axis, moved_variant


@pytest.mark.parametrize("name", ["mobilenet_v2", "resnext50_32x4d", "efficientnet_b0", "vit_ti_16", "densenet121"])
def test_every_option_is_a_value_that_its_knob_takes(name: str) -> None:
    for axis in axes(name):
        options = axis.options()
        assert len(set(options)) == len(options) > 0
        if axis.knob is not None and axis.kind != "ints":
            for value in options:
                axis.knob.check(value)
    assert axis_names(axes(name), numeric=True)


def test_the_side_comes_first_and_is_no_knob() -> None:
    side = axes("mobilenet_v2")[0]
    assert (side.name, side.default, side.knob) == (INPUT_SIDE, catalog.input_shape("mobilenet_v2")[-1], None)
    moved = moved_variant({"expansion": 4.0}, 192, {INPUT_SIDE: 96, "width_mult": 0.5})
    assert (dict(moved.knobs), moved.side) == ({"expansion": 4.0, "width_mult": 0.5}, 96)


def test_a_kernel_stays_odd_and_an_unknown_axis_is_refused() -> None:
    assert find_axis("mobilenet_v2", "kernel_size").fitted(4) % 2 == 1
    with pytest.raises(KnobError, match="has nothing of this name to vary"):
        find_axis("mobilenet_v2", "wings")
