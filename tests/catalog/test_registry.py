"""Finding a network as a user types it, and what a mistyped name is answered with."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from blocks import catalog, reference
from blocks.knobs import KnobError

PRESETS = list(csv.DictReader((Path(reference.__file__).parent / "presets.csv").open()))


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("resnet50", "resnet50"),
        ("ResNet-50", "resnet50"),
        ("resnet 50", "resnet50"),
        ("ResNeXt-50 (32x4d)", "resnext50_32x4d"),
        ("se resnet 50", "seresnet50"),
        ("SE block", "se_basic_block"),
        ("squeeze excite", "squeeze_excitation"),
        ("depthwise", "depthwise_separable"),
        ("mobilenet", "mobilenet_v1"),
        ("MobileNetV2", "mobilenet_v2"),
        ("howard 2017", "depthwise_separable"),
        ("ViT-B/16", "vit_b_16"),
        ("vgg16 batch norm", "vgg16_bn"),
        ("wide resnet 28-10", "wrn_28_10"),
        ("arXiv:1512.03385", "basic_block"),
        ("skip connection", "basic_block"),
        ("dilation", "mobile_net_v3_block"),  # no entry is about it: those with such a knob
    ],
)
def test_what_a_person_types_finds_it_first(typed: str, first: str) -> None:
    assert catalog.search(typed)[0] == first


@pytest.mark.parametrize("typed", ["heatmap", "octconv", "OSA", "he 2015", "dw conv", "pose", "yolo", "1709.01507"])
def test_other_words_for_it_find_something(typed: str) -> None:
    assert catalog.search(typed)


def test_numbers_and_short_words_count_whole() -> None:
    assert all("50" in name for name in catalog.search("resnet 50"))
    assert {"seresnet50", "se_bottleneck"} <= set(catalog.search("SE"))
    assert "dense_block" not in catalog.search("SE")


def test_nothing_typed_is_everything_and_nonsense_is_nothing() -> None:
    assert set(catalog.search(" ")) == set(catalog.names())
    assert catalog.search("qqqq") == []


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("resnt50", "resnet50"),
        ("mobilnet", "mobilenet_v1"),
        ("efficentnet", "efficientnet_b0"),
        ("resnext", "resnext50_32x4d"),
        ("mobilenetv3large", "mobilenet_v3_large"),
        ("SEResNet50", "seresnet50"),
        ("inceptionv3", "inception_v3"),
    ],
)
def test_a_mistyped_name_is_answered_with_the_one_meant(typed: str, first: str) -> None:
    with pytest.raises(KnobError) as error:
        catalog.entry(typed)
    assert error.value.nearest[0] == first


def test_every_listed_preset_builds_by_its_name_and_takes_num_classes() -> None:
    assert len(PRESETS) == 111 + 5  # those that were given, and EfficientNet-Lite
    for row in PRESETS:
        knobs = {k.name for k in catalog.knobs(row["preset"])}
        assert "num_classes" in knobs, row
        assert catalog.input_shape(row["preset"])[-1] == int(row["image size"])
        assert catalog.entry(row["preset"]).equals == row["must equal"]


def test_every_knob_says_what_it_is() -> None:
    for name in catalog.names():
        for knob in catalog.knobs(name):
            assert knob.label, (name, knob.name)
            assert len(knob.help) > 10, (name, knob.name)
            assert knob.help.rstrip().endswith("."), (name, knob.name, knob.help)
            knob.check(knob.default)
