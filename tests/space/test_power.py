"""Power laws: the exponents that the formulas have, checked against counts far out, and slopes against closed forms."""

from __future__ import annotations

import pytest

from blocks import analyse, catalog
from blocks.space.count import NetworkVariant, Setup
from blocks.space.power import NoPowerLaw, PowerLaw, power_law, slope


def law(name: str, axis: str, of: str, **knobs: object) -> PowerLaw:
    return power_law(Setup(name), NetworkVariant(knobs), catalog.settings(name, **knobs), axis, of)


@pytest.mark.parametrize(("name", "axis", "of", "exponent"), [
    ("mobilenet_v2", "width_mult", "macs", 2),
    ("mobilenet_v2", "expansion", "params", 1),
    ("mobilenet_v2", "side", "macs", 2),
    ("resnet18", "width_mult", "params", 2),
    ("resnet18", "kernel_size", "macs", 2),
    ("vit_ti_16", "image_size", "macs", 4),
    ("vit_ti_16", "image_size", "params", 2),
    ("vit_ti_16", "mlp_ratio", "macs", 1),
    ("densenet121", "growth_rate", "params", 2),
])  # fmt: skip
def test_the_leading_exponent(name: str, axis: str, of: str, exponent: int) -> None:
    assert law(name, axis, of).exponent == exponent


@pytest.mark.parametrize(("name", "axis", "of", "value"), [
    ("mobilenet_v2", "kernel_size", "params", 9),
    ("resnet18", "kernel_size", "macs", 5),
    ("inverted_residual", "expansion", "macs", 4.0),
    ("vit_ti_16", "width", "params", 384),
])  # fmt: skip
def test_a_law_without_roundings_is_the_count_elsewhere(name: str, axis: str, of: str, value: float) -> None:
    found = law(name, axis, of)
    counted = getattr(analyse(name, **{axis: value}), of)
    assert found.at(value) == pytest.approx(counted, rel=1e-9)


def test_a_law_with_roundings_comes_close_and_closer_the_wider_the_network() -> None:
    found = law("resnet50", "width_mult", "macs")
    assert found.rounded
    for width, within in ((1.0, 1e-3), (4.0, 1e-3)):
        assert found.at(width) == pytest.approx(analyse("resnet50", width_mult=width).macs, rel=within)
    assert 0.9 < found.share(1.0) < found.share(4.0) < 1


def test_a_knob_that_moves_nothing_has_exponent_0_and_one_that_is_looped_over_is_said_to_be() -> None:
    assert law("vit_ti_16", "heads", "params").exponent == 0
    assert law("vit_ti_16", "heads", "params").followed
    assert not law("vit_ti_16", "depth", "macs").followed


def test_peak_memory_has_no_law() -> None:
    with pytest.raises(NoPowerLaw, match="largest"):
        law("resnet18", "width_mult", "peak_memory")


def test_the_slope_of_a_power_is_its_exponent_anywhere() -> None:
    xs = [0.5 + i / 10 for i in range(30)]
    for exponent in (0.0, 1.0, 2.5):
        assert slope(xs, [3 * x**exponent for x in xs], 1.7) == pytest.approx(exponent)
    assert slope([1, 2, 4], [1, 4, 16], 2) is None  # too few within a factor of 1.5
    assert slope(xs, [0.0] * 30, 1.7) is None
