"""Changed weights, activations and pictures, against torch's own quantised reference operators and closed forms."""

from __future__ import annotations

import json

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.ao.nn.quantized.reference import Conv2d, Linear

from blocks.look.samples import sample_pixels
from blocks.look.seen_network import WHOLE, SeenNetwork, SwitchedOff
from blocks.look.what_if import NUMBER_TYPES, WhatIf, as_number_type, changed_picture, changed_weights, plain_what_if, pruned, what_if_of


def torchs(weight: Tensor, per_channel: bool) -> dict[str, object]:
    """How torch's reference operators are told to hold a weight in int8."""
    largest = weight.detach().abs().flatten(1).amax(1) if per_channel else weight.detach().abs().amax()
    scheme = torch.per_channel_affine if per_channel else torch.per_tensor_affine
    zero = torch.zeros(len(weight), dtype=torch.int32) if per_channel else torch.tensor(0)
    return {"qscheme": scheme, "dtype": torch.qint8, "scale": largest / 127.5, "zero_point": zero, "axis": 0}


@pytest.mark.parametrize("per_channel", [True, False])
@pytest.mark.parametrize("layer", [nn.Conv2d(6, 10, (3, 5), stride=(2, 1), padding=2, groups=2), nn.Linear(17, 11)], ids=["convolution", "linear"])
def test_int8_is_what_torchs_reference_operators_compute(layer: nn.Conv2d | nn.Linear, per_channel: bool) -> None:
    kind = Conv2d if isinstance(layer, nn.Conv2d) else Linear
    inputs = torch.randn(3, 6, 13, 9) if isinstance(layer, nn.Conv2d) else torch.randn(4, 17)
    reference = kind.from_float(layer, torchs(layer.weight, per_channel))
    ours = changed_weights(layer, WhatIf("int8", per_channel))
    assert torch.equal(ours(inputs), reference(inputs))
    assert not torch.equal(ours(inputs), layer(inputs))


@pytest.mark.parametrize(("kind", "count"), [("int8", 256), ("int4", 16)])
def test_integers_take_no_more_values_than_they_have(kind: str, count: int) -> None:
    values = torch.randn(5, 4000)
    for row in as_number_type(values, kind, per_channel=True):
        assert 10 < len(row.unique()) <= count
    assert len(as_number_type(values, kind).unique()) <= count


@given(st.sampled_from(NUMBER_TYPES), st.integers(0, 1000))
def test_rounding_twice_changes_nothing_more_than_rounding_once(kind: str, seed: int) -> None:
    values = torch.randn(3, 7, generator=torch.Generator().manual_seed(seed))
    once = as_number_type(values, kind)
    steps = {"": 0.0, "bfloat16": 2**-8, "int8": 1 / 127, "int4": 1 / 7}[kind]
    assert (once - values).abs().max() <= steps * values.abs().max()
    assert torch.equal(as_number_type(torch.zeros(2, 3), kind, per_channel=True), torch.zeros(2, 3))


def test_pruning_takes_the_smallest() -> None:
    weight = torch.tensor([[0.1, -3.0, 0.2], [-0.05, 2.0, 1.0]])
    assert torch.equal(pruned(weight, 50), torch.tensor([[0.0, -3.0, 0.0], [0.0, 2.0, 1.0]]))
    assert torch.equal(pruned(weight, 0), weight)
    net = nn.Sequential(nn.Conv2d(3, 20, 5), nn.BatchNorm2d(20), nn.Linear(9, 8))
    made = changed_weights(net, WhatIf(pruned=40))
    for before, after in zip(net, made, strict=True):
        share = float((after.weight == 0).float().mean())
        assert share == pytest.approx(0.0 if isinstance(before, nn.BatchNorm2d) else 0.4, abs=0.01)
    assert not (net[0].weight == 0).any()  # the network itself stays


def test_the_picture_is_shifted_darkened_and_blurred() -> None:
    pixels = sample_pixels("cat", 40)[None]
    shifted = changed_picture(pixels, WhatIf(shift=7))
    assert torch.equal(shifted[..., 7:], pixels[..., :-7])
    assert torch.equal(shifted[..., :7], pixels[..., :1].expand(1, 3, 40, 7))
    assert torch.allclose(changed_picture(pixels, WhatIf(light=30)), pixels * 0.3)
    assert float(changed_picture(pixels, WhatIf(light=400)).max()) == 1.0
    dot = changed_picture(sample_pixels("dot", 41)[None], WhatIf(blur=3))
    assert float(dot[0, 0].sum()) == pytest.approx(1, abs=1e-4)
    spread = (dot[0, 0].sum(0) * (torch.arange(41) - 20.0).square()).sum()
    assert float(spread) == pytest.approx(9, rel=0.05)
    assert changed_picture(sample_pixels("cat", 8)[None], WhatIf(blur=9)).shape == (1, 3, 8, 8)


def test_a_what_if_is_written_by_what_it_changes() -> None:
    what = WhatIf("int4", False, pruned=30)
    assert plain_what_if(what) == {"weights": "int4", "per_channel": False, "pruned": 30}
    assert what_if_of(plain_what_if(what)) == what
    swapped = WhatIf(swapped=((-1, "silu"), (7, "gelu")))
    assert what_if_of(json.loads(json.dumps(plain_what_if(swapped)))) == swapped
    assert not swapped.is_nothing
    assert plain_what_if(WhatIf()) == {}
    assert WhatIf(per_channel=False).is_nothing
    assert not WhatIf(light=90).is_nothing


def test_a_whole_operation_is_switched_off_and_activations_are_rounded() -> None:
    seen = SeenNetwork("resnet18", {}, "", (3, 64, 64))
    inputs = torch.randn(1, 3, 64, 64)
    add = next(n for n in seen.analysis.graph.nodes if n.kind == "add")
    branch, shortcut = add.inputs[0][0], add.inputs[1][0]
    run = seen.run(inputs, lambda _, given: given.clone(), SwitchedOff({branch: [WHOLE]}))
    assert torch.equal(run.notes[add.index], run.notes[shortcut])  # the block is its shortcut
    rounded = seen.run(inputs, lambda _, given: given.clone(), SwitchedOff({}, "int4"))
    assert all(len(rounded.notes[n.index].unique()) <= 16 for n in seen.analysis.graph.nodes if n.kind == "convolution")
