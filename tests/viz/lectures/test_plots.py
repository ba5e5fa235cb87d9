"""A step's charts hold counts of the networks that they name."""

from __future__ import annotations

import pytest

from blocks import analyse
from blocks.knobs import KnobError
from blocks.language import speaking
from viz.kit.screen import Screen
from viz.lectures import plots

SCREEN = Screen("s")


def test_a_sweep_counts_each_value() -> None:
    options = {"names": "standard_convolution c_in=24 c_out=40 norm=false", "turn": "kernel_size", "values": "1,3,5", "of": "params"}
    assert plots.swept_values(options) == [1, 3, 5]
    frame = plots.sweep_points(options, SCREEN)
    one, three, five = frame["params"]
    assert (three - one, five - one) == (24 * 40 * 8, 24 * 40 * 24)


def test_a_sweep_over_the_input_and_one_over_no_knob() -> None:
    options = {"names": "standard_convolution", "turn": "side", "values": "16,32", "of": "macs"}
    small, large = plots.sweep_points(options, SCREEN)["macs"]
    assert large == 4 * small
    with pytest.raises(KnobError):
        plots.swept_values(options | {"turn": "kernel_sise"})


def test_bars_of_one_count_are_counts_and_of_several_shares() -> None:
    figure, frame = plots._bars({"names": "resnet18;alexnet", "of": "params"}, SCREEN)
    assert list(frame["params"]) == [analyse("resnet18").params, analyse("alexnet").params]
    assert list(figure.data[0].y) == list(frame["params"])
    both, _ = plots._bars({"names": "resnet18;alexnet", "of": "params, macs"}, SCREEN)
    assert [max(bar.y) for bar in both.data] == pytest.approx([100, 100])


@pytest.mark.parametrize(
    ("options", "english", "other"),
    [
        ({"names": 'vit_b_16 as "ViT"', "of": "macs", "turn": "image_size"}, "MACs by image size (S): ViT", "乘加次数 (MACs) 随图片边长 (S) 的变化：ViT"),
        (
            {"names": "resnet18; resnet34; resnet50", "of": "accuracy", "kind": "scatter", "against": "params"},
            "Top-1 (%) against Parameters",
            "Top-1 (%) 与参数量",
        ),
        ({"names": "resnet18", "of": "params, macs"}, "Parameters, MACs: resnet18", "参数量、乘加次数 (MACs)：resnet18"),
    ],
)
def test_every_chart_has_a_title_that_says_what_it_shows(options: dict[str, str], english: str, other: str) -> None:
    assert plots.chart_title(options) == english
    with speaking("zh"):
        assert plots.chart_title(options) == other


def test_a_network_without_accuracy_is_left_out_of_the_scatter() -> None:
    _, frame = plots._scatter({"names": "resnet18;alexnet;bottleneck", "of": "accuracy"}, SCREEN)
    assert list(frame["network"]) == ["resnet18", "alexnet"]


def test_names_at_the_ends_stand_towards_the_middle_and_blocked_ones_below() -> None:
    import pandas as pd

    found = plots._beside(pd.Series([1.0, 50.0, 51.0, 100.0]), pd.Series([0.0, 50.0, 55.0, 100.0]), log=False)
    assert found == ["top right", "bottom center", "top center", "top left"]
    assert plots._shares([]) == []
    assert plots._shares([3.0, 3.0]) == [0.0, 0.0]
