"""The Latency page: what it opens on, what its sections show, what a link restores and what a broken one says."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from blocks.latency import lab
from blocks.latency.store import ledger
from blocks.latency.sweeps import sweep
from tests.latency.conftest import reported

PAGE = Path(__file__).resolve().parents[2] / "pages" / "latency.py"


@pytest.fixture(autouse=True)
def own_ledger(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ledger.Ledger:
    monkeypatch.setenv(ledger.LEDGER_URL_VARIABLE, f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    return ledger.ledger()


def opened(*variants: str, **params: str) -> AppTest:
    at = AppTest.from_file(str(PAGE), default_timeout=240)
    if variants:
        at.query_params["v"] = list(variants)
    for name, value in params.items():
        at.query_params[name] = value
    return at.run()


def widget(at: AppTest, kind: str, ending: str) -> Any:
    return next(w for w in at.get(kind) if (w.key or "").endswith(ending))


def press(at: AppTest, key: str) -> AppTest:
    return next(b for b in at.button if b.key == key).click().run()


def said(at: AppTest) -> str:
    return "\n".join([*(m.value for m in at.markdown), *(c.value for c in at.caption), *(i.value for i in at.info), *(e.value for e in at.error)])


def param(at: AppTest, name: str) -> list[str]:
    found = at.query_params.get(name, [])
    return list(found) if isinstance(found, list) else [found]


def until_over(at: AppTest, key: str, seconds: float = 120.0) -> AppTest:
    """Run the page until the task under ``key`` is over."""
    task = at.session_state["tasks"][f"latency.{key}"]
    assert lab.wait(task.job, seconds).over
    return at.run()


def test_it_opens_on_resnet50_and_has_measured_nothing() -> None:
    at = opened()
    assert not at.exception
    assert not at.error
    assert {m.label: m.value for m in at.metric} == {"A · resnet50": "–"}
    assert param(at, "v") == ["net=resnet50"]


def test_a_small_network_is_measured_and_its_samples_are_shown(own_ledger: ledger.Ledger) -> None:
    at = opened("net=squeezenet1_1&side=64", seconds="2", threads="1")
    at = until_over(press(at, "latency.measure"), "measure.1001")
    assert not at.exception
    assert not at.error
    (metric,) = at.metric
    assert metric.value.endswith(" ms")
    result = at.session_state["tasks"]["latency.measure.1001"].result
    assert ("95 % interval" if result.low is not None else "too few for an interval") in metric.delta  # a busy machine's samples follow one another
    assert "images/s" in said(at)
    assert "1 thread" in said(at)
    assert own_ledger.count() == 1
    assert float(metric.value.removesuffix(" ms")) == pytest.approx(result.median * 1e3, rel=1e-3)
    widget(at, "selectbox", ".cache").set_value("cold").run()
    assert "Measured under other settings" in said(at)


def test_conditions_go_into_the_address_and_come_back() -> None:
    at = opened()
    widget(at, "selectbox", ".quantity").set_value("amortised")
    widget(at, "number_input", ".threads").set_value(1)
    widget(at, "toggle", ".channels_last").set_value(True)
    at.run()
    assert (param(at, "quantity"), param(at, "threads"), param(at, "channels_last")) == (["amortised"], ["1"], ["1"])
    again = opened("net=resnet18", quantity="amortised", threads="1", channels_last="1")
    assert widget(again, "selectbox", ".quantity").value == "amortised"
    assert widget(again, "toggle", ".channels_last").value is True
    assert "amortised, hot cache, host clock, forward, float32, eager, channels-last, 1 thread" in said(again)


def test_what_the_device_cannot_do_is_said_and_refused() -> None:
    at = opened("net=resnet18", dtype="tf32")
    if lab.devices()[0].device != "cpu":
        pytest.skip("a GPU is here, which can do TF32")
    assert "TF32 is a format of NVIDIA's tensor cores" in said(at)
    at = press(at, "latency.measure")
    assert not at.exception
    assert any("TF32" in e.value for e in at.error)


@pytest.mark.parametrize(("params", "sentence"), [
    ({"section": "nothing"}, "There is no section nothing"),
    ({"dtype": "float8"}, "must be one of"),
    ({"threads": "many"}, "must be a whole number between 0 and 1024"),
    ({"device": "cuda:9"}, "must be one of"),
    ({"channels_last": "yes"}, "must be one of 1, 0"),
])  # fmt: skip
def test_bad_links_are_answered_and_something_is_shown(params: dict[str, str], sentence: str) -> None:
    at = opened("net=resnet18", **params)
    assert not at.exception
    assert any(sentence in e.value for e in at.error), [e.value for e in at.error]
    assert [m.label for m in at.metric] == ["A · resnet18"]


def test_a_network_that_is_not_there_is_named() -> None:
    at = opened("net=resnet5O")
    assert not at.exception
    assert len([e for e in at.error if "resnet5O" in e.value]) == 1


def test_a_type_that_is_counted_but_not_measured_is_said() -> None:
    at = press(opened("net=resnet18&dtype=int8"), "latency.measure")
    assert not at.exception
    assert "is counted but not measured" in said(at)


def test_a_job_of_another_section_is_still_seen() -> None:
    at = press(opened("net=squeezenet1_1&side=64", seconds="30", threads="1"), "latency.measure")
    widget(at, "button_group", ".section").set_value("predict").run()
    assert not at.exception
    task = at.session_state["tasks"]["latency.measure.1001"]
    if not task.over:
        assert "Under way: Measure" in said(at)
    task.stop()
    assert lab.wait(task.job, 30).over
    assert "Under way" not in said(at.run())


def test_two_networks_are_compared_with_a_verdict(own_ledger: ledger.Ledger) -> None:
    at = opened("net=squeezenet1_1&side=64", "net=resnet18&side=64", section="versus", seconds="3", threads="1")
    at = until_over(press(at, "latency.compare"), "versus")
    assert not at.exception
    assert not at.error
    text = said(at)
    assert any(word in text for word in ("faster than", "No difference larger", "Not yet decided"))
    assert "episodes" in text
    assert own_ledger.frame(kind="compare").shape[0] == 1


def test_a_comparison_of_one_asks_for_another() -> None:
    at = opened("net=resnet18", section="versus")
    assert "needs two networks" in said(at)
    assert next(b for b in at.button if b.key == "latency.compare").disabled


def test_a_profile_is_laid_on_the_operations() -> None:
    at = opened("net=squeezenet1_1&side=64", section="profile", threads="1", seconds="2")
    at = until_over(press(at, "latency.profile"), "profile")
    assert not at.exception
    assert not at.error
    profile = at.session_state["tasks"]["latency.profile"].result
    table = next(d.value for d in at.dataframe if "share" in d.value)
    assert len(table) == len(profile.by_node)
    assert table["ms"].sum() == pytest.approx(profile.sum * 1e3)
    assert table["ms"].is_monotonic_decreasing
    assert [m.label for m in at.metric] == ["A whole pass", "Its operations", "Between and beside"]


def test_the_roofline_estimates_on_every_machine() -> None:
    at = opened("net=resnet50", "net=mobilenet_v2", section="roofline")
    assert not at.exception
    assert not at.error
    machines = widget(at, "selectbox", "latency.machine")
    assert any("A100" in o for o in machines.options)
    basis = next(d.value for d in at.dataframe if "fitted on" in d.value)
    assert {"depthwise convolution", "GB/s", "median error"} <= set(basis.columns)
    machines.set_value("t4").run()
    assert not at.exception
    assert not at.error


def test_a_type_that_a_machine_lacks_costs_a_sentence() -> None:
    at = opened("net=resnet18", section="roofline", dtype="bfloat16")
    widget(at, "selectbox", "latency.machine").set_value("t4").run()
    assert not at.exception
    assert any("no figure for NVIDIA T4" in e.value for e in at.error)


def test_predictors_are_ranked() -> None:
    at = opened("net=resnet18", section="predict")
    assert not at.exception
    assert any("FLOPs order 48 networks" in m.value for m in at.markdown)
    widget(at, "selectbox", "latency.one").set_value("params").run()
    assert not at.exception


def test_a_sweep_is_planned_started_and_drawn() -> None:
    at = opened("net=squeezenet1_1&side=64", section="sweep", seconds="1", threads="1")
    assert not at.exception
    assert "No sweep yet" in said(at)
    widget(at, "text_input", "latency.batches").set_value("1, many").run()
    assert any("whole numbers" in e.value for e in at.error)
    assert next(b for b in at.button if b.key == "latency.start_sweep").disabled
    widget(at, "text_input", "latency.batches").set_value("1, 3").run()
    assert "squeezenet1_1: batch, 2 cells" in said(at)
    press(at, "latency.start_sweep")
    assert sweep.wait_for_sweep(at.session_state["latency.sweep"], 120).state == "done"
    at.run()
    assert not at.exception
    table = next(d.value for d in at.dataframe if "state" in d.value)
    assert table["state"].tolist() == ["done", "done"]
    assert table["batch"].tolist() == [1, 3]
    assert (table["median (ms)"] > 0).all()


def test_a_knob_of_a_sweep_has_values() -> None:
    at = opened("net=mobilenet_v2", section="sweep")
    widget(at, "multiselect", "latency.vary.mobilenet_v2").set_value(["width_mult"]).run()
    widget(at, "text_input", "mobilenet_v2.width_mult").set_value("0.5, 1, 1.4").run()
    assert "mobilenet_v2: width_mult × batch, 12 cells" in said(at)
    widget(at, "text_input", "mobilenet_v2.width_mult").set_value("half").run()
    assert not at.exception
    assert any("width_mult" in e.value for e in at.error)


def filled(kept: ledger.Ledger) -> None:
    for i, (network, median) in enumerate([("resnet18", 0.02), ("resnet18", 0.03), ("vgg11", 0.09)]):
        kept.add("measure", f"r{i}", reported(median, time.time() - 3600 * (3 - i), network))


def test_the_ledger_is_listed_filtered_and_exported(own_ledger: ledger.Ledger) -> None:
    filled(own_ledger)
    at = opened("net=resnet18", section="ledger")
    assert not at.exception
    table: pd.DataFrame = at.dataframe[0].value
    assert table["ms"].tolist() == pytest.approx([90, 30, 20])
    widget(at, "text_input", "latency.text").set_value("RESNET").run()
    assert at.dataframe[0].value["network"].tolist() == ["resnet18", "resnet18"]
    assert "2 of 3 results" in said(at)
    widget(at, "text_input", "latency.text").set_value("no such network").run()
    assert not at.exception
    assert "No result fits" in said(at)


def test_an_empty_ledger_says_so() -> None:
    at = opened("net=resnet18", section="ledger")
    assert not at.exception
    assert "No result fits" in said(at)


def test_a_damaged_ledger_costs_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "ledger.sqlite").write_text("this is no database, but long enough to have a header. " * 20)
    for section in ("ledger", "roofline"):
        at = opened("net=resnet18", section=section)
        assert not at.exception
    assert opened("net=resnet18", section="ledger").error
