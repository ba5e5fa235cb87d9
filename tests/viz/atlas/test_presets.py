"""The Atlas' presets on accuracy against cost: what is on the chart and from where."""

from __future__ import annotations

import pytest

from blocks import reference
from blocks.latency.store import ledger as ledgers
from blocks.space.published import PublishedPoint, first_published
from viz.atlas import costs
from viz.atlas.costs import Costs
from viz.atlas.presets import accuracy_chart, preset_table


def points(**accuracy: float) -> dict[str, PublishedPoint]:
    return {name: PublishedPoint(name, "w", 224, value, "s") for name, value in accuracy.items()}


def test_published_throughput_is_that_of_the_set_up_at_the_nearest_resolution() -> None:
    found = first_published()
    setup = costs.throughput_setups()[0]
    made = costs.throughput_costs(setup, found)
    assert made.more
    assert len(made.values) > 40
    rows = reference.throughput("resnet50")
    rows = rows[(rows["setup"] == setup) & (rows["image_size"] == 224)]
    assert made.values["resnet50"] in list(rows["images_per_second"])


def test_a_table_has_the_presets_with_both_figures() -> None:
    frame = preset_table(points(resnet18=69.0, vgg11=70.0, alexnet=56.0), Costs({"resnet18": 2.0, "alexnet": 1.0}, "Cost", False, ""))
    assert list(frame["preset"]) == ["resnet18", "alexnet"]
    assert list(frame["family"]) == ["resnet", "alexnet"]


@pytest.mark.parametrize("more", [False, True])
def test_the_chart_names_the_front_and_turns_its_axis_where_more_is_better(more: bool) -> None:
    values = {"resnet18": 2.0, "vgg11": 8.0, "resnet50": 4.0}
    frame = preset_table(points(resnet18=69.0, vgg11=68.0, resnet50=76.0), Costs(values, "Cost", more, ""))
    figure = accuracy_chart(frame, Costs(values, "Cost", more, ""), "", None, dark=False)
    named = {text for trace in figure.data for text in (trace.text or ()) if text}
    assert named == ({"resnet50", "vgg11"} if more else {"resnet18", "resnet50"})
    assert (figure.layout.xaxis.autorange == "reversed") is more


def test_the_chosen_family_is_lit_and_joined() -> None:
    values = {"resnet18": 2.0, "vgg11": 8.0, "resnet50": 4.0}
    frame = preset_table(points(resnet18=69.0, vgg11=68.0, resnet50=76.0), Costs(values, "Cost", False, ""))
    figure = accuracy_chart(frame, Costs(values, "Cost", False, ""), "resnet", None, dark=True)
    opacity = {p[0]: o for t in figure.data if t.customdata is not None for p, o in zip(t.customdata, t.marker.opacity, strict=True)}
    assert opacity["resnet18"] == opacity["resnet50"] > opacity["vgg11"]
    assert "ResNet" in {t.name for t in figure.data}


def test_without_measurements_there_are_no_conditions() -> None:
    assert ledgers.ledger().count() >= 0
    assert all(n > 0 for n in costs.measured_conditions().values())
