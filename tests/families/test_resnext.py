"""ResNeXt: the three forms of the block cost the same and compute the same."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import nn

from blocks import catalog
from blocks.families.resnext import ResNeXtPaths, as_grouped, concatenate_early
from blocks.knobs import KnobError

FORMS = ("resnext_paths", "resnext_concatenated", "resnext_grouped")
#: Parameters that torchvision and timm publish with the models.
PUBLISHED = {"resnext50_32x4d": 25_028_904, "resnext101_32x4d": 44_177_704, "resnext101_32x8d": 88_791_336, "resnext101_64x4d": 83_455_272}


def parameters(net: nn.Module) -> int:
    return sum(p.numel() for p in net.parameters())


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_parameters(name: str) -> None:
    with torch.device("meta"):
        assert parameters(catalog.build(name)) == PUBLISHED[name]


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(("g", "d", "weights"), [(32, 4, 70_144), (1, 64, 69_632), (8, 14, None)])
def test_weights_of_the_papers_equation(form: str, g: int, d: int, weights: int | None) -> None:
    block = catalog.build(form, c_in=256, c_out=256, cardinality=g, width_per_group=d)
    counted = sum(m.weight.numel() for m in block.modules() if isinstance(m, nn.Conv2d))
    assert counted == g * (256 * d + 9 * d * d + 256 * d) == (weights or counted)


@pytest.mark.parametrize(
    "knobs",
    [
        {"cardinality": 32, "width_per_group": 4},
        {"c_in": 24, "c_out": 40, "cardinality": 5, "width_per_group": 3, "kernel_size": 5, "stride": 2, "activation": "silu"},
    ],
    ids=str,
)
def test_the_three_forms_are_one_function(knobs: dict[str, Any]) -> None:
    torch.manual_seed(0)
    a = catalog.build(FORMS[0], **knobs).double()
    assert isinstance(a, ResNeXtPaths)
    x = torch.randn(2, knobs.get("c_in", 256), 10, 10, dtype=torch.float64)
    a(x)  # in train mode: running statistics that are not the initial ones
    a.eval()
    b = concatenate_early(a)
    c = as_grouped(b)
    assert (a(x) - b(x)).abs().max() < 1e-10
    assert (b(x) - c(x)).abs().max() < 1e-10
    assert parameters(a) == parameters(b) == parameters(c)
    assert a(x).std() > 0.1


def test_a_conversion_keeps_no_hold_on_its_source() -> None:
    a = catalog.build(FORMS[0], c_in=8, c_out=8, cardinality=2, width_per_group=3)
    c = as_grouped(concatenate_early(a))
    with torch.no_grad():
        before = c.merge.weight.clone()
        for p in a.parameters():
            p.zero_()
    assert torch.equal(c.merge.weight, before)


def test_cardinality_out_of_range_names_the_nearest() -> None:
    with pytest.raises(KnobError) as error:
        catalog.build(FORMS[0], cardinality=0)
    assert (error.value.argument, error.value.nearest) == ("cardinality", (1,))
