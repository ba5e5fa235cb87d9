"""How a lecture's text names a network, and what it stands for while knobs turn."""

from __future__ import annotations

import pytest

from blocks.knobs import KnobError
from viz.kit.choice import Choice
from viz.lectures.targets import of_options, target, targets


def test_a_target_has_knobs_input_and_a_label() -> None:
    found = target('resnet50 se_ratio=16 side=160 batch=8 as "small input"')
    assert found.choice == Choice("resnet50", {"se_ratio": 16}, side=160, batch=8)
    assert found.title == "small input"
    assert [t.title for t in targets("resnet18; bottleneck;")] == ["resnet18", target("bottleneck").title]


def test_turned_knobs_move_what_the_text_does_not_name() -> None:
    turned = {"resnet50": {"se_ratio": 4, "groups": 2, "side": 96, "unknown": 1}}
    assert target("resnet50").at(turned) == Choice("resnet50", {"se_ratio": 4, "groups": 2}, side=96)
    assert target("resnet50 se_ratio=16 side=160").at(turned) == Choice("resnet50", {"se_ratio": 16, "groups": 2}, side=160)
    assert target("resnet50!").at(turned) == Choice("resnet50")
    assert target("resnet18").at(turned) == Choice("resnet18")


def test_what_is_named_stays_even_where_it_is_the_presets_value() -> None:
    assert target("resnet50 groups=1").at({"resnet50": {"groups": 2}}).knobs == {"groups": 1}


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "names no network"),
        ('resnet50 as "open', "not closed"),
        ("ResNet", "must begin with a name"),
        ("resnet50 big", "knob=value"),
        ("resnet81", "resnet"),
        ("resnet50 se_ration=4", "se_ratio"),
        ("resnet50 side=x", "side"),
    ],
)
def test_what_cannot_be_read_is_refused(text: str, rule: str) -> None:
    with pytest.raises(KnobError, match=rule):
        target(text)


def test_options_of_a_view_are_knobs_too() -> None:
    assert of_options({"name": "resnet50", "se_ratio": "8", "height": "0.5"}).choice == Choice("resnet50", {"se_ratio": 8})
    assert of_options({"name": "resnet50!", "height": "0.5"}).follows is False
