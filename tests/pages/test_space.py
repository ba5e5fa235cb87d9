"""The Design space page: a sample with its front, what a link restores, budgets, bad links, a search."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from blocks import analyse
from viz.space import sampled
from viz.space.address import read_design, write_design

PAGE = Path(__file__).resolve().parents[2] / "pages" / "space.py"
SMALL = {"net": "mobilenet_v2", "n": "12"}


def opened(**params: str) -> AppTest:
    """The page when its sample is counted."""
    at = AppTest.from_file(str(PAGE), default_timeout=240)
    for name, value in params.items():
        at.query_params[name] = value
    at.run()
    for job in [s.job for s in sampled._jobs.values()]:
        assert job.wait(240)
    return at.run()


def figures(at: AppTest) -> dict[str, str]:
    return {m.label: m.value for m in at.metric}


def test_a_sample_is_counted_and_shown_with_its_front() -> None:
    at = opened(**SMALL)
    assert not at.exception
    assert not at.error
    shown = figures(at)
    assert shown["Counted"] == "12"
    assert 1 <= int(shown["On the front"]) <= 12


def test_every_row_of_the_sample_is_as_its_own_trace_says() -> None:
    design, problems = read_design({**SMALL, "move": "width_mult,side", "seed": "3"})
    assert not problems
    drawn = sampled.sample_of(design)
    assert drawn.job.wait(240)
    frame = drawn.frame()
    for i in (0, 5, 11):
        choice = sampled.choice_of(design, drawn.variants[i])
        a = analyse(choice.name, choice.shape, **choice.knobs)
        assert (frame.loc[i, "params"], frame.loc[i, "macs"], frame.loc[i, "peak_memory"]) == (a.params, a.macs, a.peak_memory)


def test_budgets_of_a_link_hold_and_stay_in_it() -> None:
    at = opened(**SMALL, **{"max.macs": "150000000", "seed": "1"})
    assert int(figures(at)["Within budgets"]) < 12
    assert at.query_params["max.macs"] in ("150000000", ["150000000"])


def test_a_budget_of_time_on_a_device_holds() -> None:
    device = "raspberry-pi-5-broadcom-bcm2712-cortex-a76-armv8-2-4ghz-x-4"
    at = opened(**SMALL, device=device, **{"max.device_time": "0.02", "x": "device_time"})
    assert not at.exception
    assert 0 < int(figures(at)["Within budgets"]) < 12
    assert any("Raspberry Pi 5" in c.value and "estimates" in c.value for c in at.caption)


@pytest.mark.parametrize("params", [
    {"net": "resnet18", "move": "depths,groups", "range.depths": "1:3", "how": "grid", "n": "50", "seed": "9", "x": "flops", "y": "peak_memory"},
    {"device": "raspberry-pi-5-broadcom-bcm2712-cortex-a76-armv8-2-4ghz-x-4~threads=1,gpu=no", "max.device_time": "0.012", "x": "device_time"},
    {"net": "vit_b_16", "on": "t4", "max.latency": "0.01", "width": "384"},
    {},
])  # fmt: skip
def test_a_link_says_all_of_the_page(params: dict[str, str]) -> None:
    design, problems = read_design(params)
    assert not problems
    written = write_design(design)
    assert read_design(written)[0] == design
    assert set(written) == set(params)


@pytest.mark.parametrize(("params", "sentence"), [
    ({"net": "mobilenet_v22"}, "is not in the catalog"),
    ({"move": "colour"}, "nothing of this name"),
    ({"range.width_mult": "2:1"}, "must rise"),
    ({"range.width_mult": "wide"}, "must be a range"),
    ({"device": "abacus"}, "no published device"),
    ({"max.device_time": "-1"}, "must lie between"),
    ({"max.device_time": "nan"}, "number"),
    ({"max.device_time": "inf"}, "number"),
    ({"max.beauty": "3"}, "must be one of"),
    ({"max.macs": "many"}, "must be a number"),
    ({"how": "magic"}, "must be one of"),
    ({"n": "0"}, "must be a whole number between"),
    ({"on": "abacus"}, "must be one of"),
])  # fmt: skip
def test_a_bad_link_is_answered_and_the_rest_holds(params: dict[str, str], sentence: str) -> None:
    design, problems = read_design(params)
    assert any(sentence in p for p in problems)
    assert design.choice.name


def test_a_bad_link_shows_its_sentence_and_a_sample() -> None:
    at = opened(n="12", move="colour")
    assert not at.exception
    assert "nothing of this name" in at.error[0].value
    assert figures(at)["Counted"] == "12"


def test_a_search_runs_from_the_page_and_shows_its_best() -> None:
    at = opened(**SMALL, **{"max.macs": "300000000"})
    next(n for n in at.number_input if n.label == "Trials").set_value(12).run()
    at.button(key="design.search").click().run()
    assert not at.exception
    assert at.session_state["tasks"]["design.search.task"].search.wait(240)
    at.run()
    assert not at.exception
    assert any("Best of 12" in m.value for m in at.markdown)


def test_a_refused_setting_has_its_ways_out_and_one_that_moves_is_none() -> None:
    at = opened(net="bottleneck", groups="3", n="4", move="kernel_size")
    assert ["groups 3 cannot be used here: it must divide" in e.value for e in at.error] == [True]
    assert at.query_params["groups"] in ("3", ["3"])
    next(b for b in at.button if b.label.startswith("Use groups")).click().run()
    assert not at.error
    assert any("groups 2" in m.value or "groups 4" in m.value for m in at.markdown)  # the title says what is not as published
    assert not opened(net="bottleneck", groups="3", n="4", move="groups").error
