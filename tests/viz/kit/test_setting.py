"""A network's name with what was turned."""

from __future__ import annotations

from blocks import catalog
from viz.kit.choice import Choice
from viz.kit.setting import knob_words, setting_title


def test_a_title_says_what_is_not_as_published() -> None:
    assert setting_title(Choice("resnet50")) == "resnet50"
    assert setting_title(Choice("resnet50", batch=8, training=True)) == "resnet50"
    assert setting_title(Choice("resnet50", {"groups": 32})) == "resnet50, groups 32"
    assert setting_title(Choice("resnet50", {"se_ratio": 16, "width_mult": 0.5}, side=192), "ResNet-50") == "ResNet-50, SE ratio 16, widen factor 0.5, 192 px"


def test_knobs_are_named_in_the_order_of_the_page_however_they_were_turned() -> None:
    turned = {"width_mult": 0.5, "se_ratio": 16, "groups": 2}
    assert setting_title(Choice("resnet50", turned)) == "resnet50, groups 2, SE ratio 16, widen factor 0.5"
    assert setting_title(Choice("resnet50", dict(reversed(turned.items())))) == setting_title(Choice("resnet50", turned))


def test_a_long_list_is_counted() -> None:
    turned = {"groups": 2, "se_ratio": 16, "width_mult": 0.5, "kernel_size": 5}
    assert setting_title(Choice("resnet50", turned)).endswith(", 1 more")


def test_switches_are_on_or_off() -> None:
    knob = next(k for k in catalog.knobs("resnet50") if k.kind == "bool")
    assert knob_words(knob, True).endswith(" on")
    assert knob_words(knob, False).endswith(" off")
