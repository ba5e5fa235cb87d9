"""The Latency page's pictures hold the numbers that they were given; its conditions survive their address."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import numpy as np
import pandas as pd
import pytest

from blocks.knobs import KnobError
from blocks.latency.measure.results import Comparison, Measurement
from blocks.latency.roofline.predictors import Predictors
from tests.latency.conftest import reported
from viz.kit.choice import Choice
from viz.kit.links import latency_link, read_variants
from viz.kit.palette import variant_colour
from viz.kit.published_throughput import setup_words
from viz.latency import figures
from viz.latency.ledger_view import since
from viz.latency.settings import Conditions, read_conditions, reasons, values


def measurement(median: float, **more: object) -> Measurement:
    return Measurement.from_dict(reported(median) | {"n_eff": 40.0, "why": "", **more})


SERIES = [("A", 2, measurement(0.01, samples=[0.010, 0.011, 0.0105])), ("B", 4, measurement(0.03, samples=[0.03, 0.029]))]


def test_every_sample_is_drawn_in_order_and_counted() -> None:
    figure = figures.sample_chart(SERIES, dark=False)
    dots = [t for t in figure.data if t.type == "scatter"]
    assert [list(t.y) for t in dots] == [pytest.approx([10, 11, 10.5]), pytest.approx([30, 29])]
    assert [t.marker.color for t in dots] == [variant_colour(2), variant_colour(4)]
    assert [list(t.y) for t in figure.data if t.type == "histogram"] == [list(t.y) for t in dots]
    bands = [(s.y0, s.y1) for s in figure.layout.shapes if s.type == "rect"]
    assert (pytest.approx(9.9), pytest.approx(10.1)) in bands


def test_processes_are_a_row_a_network() -> None:
    figure = figures.process_chart([("A", 0, measurement(0.01, process_medians=[0.010, 0.012])), ("B", 1, measurement(0.02))], dark=True)
    assert [list(t.x) for t in figure.data] == [pytest.approx([10, 12])]


def comparison() -> Comparison:
    each = [measurement(m) for m in (0.02, 0.01, 0.0201)]
    verdicts = [{"kind": "slower", "ratio": 0.5, "low": 0.48, "high": 0.52}, {"kind": "same", "ratio": 1.005, "low": 0.99, "high": 1.01}]
    places = [{"rank": 1, "name": "b", "index": 1, "relative": 1.0, "ties": []}] + [
        {"rank": 2, "name": n, "index": i, "relative": 2.0, "ties": [2 - i]} for n, i in (("a", 0), ("c", 2))
    ]
    logs = [[0.0, math.log(0.5), math.log(1.01)], [0.0, math.log(0.49), math.log(1.0)]]
    return Comparison([m.experiment for m in each], verdicts, places, True, 2, 10, 0.97, 1.0, each, logs)


def test_ratios_are_times_over_the_firsts() -> None:
    figure = figures.ratio_chart(comparison(), ["A", "B", "C"], [0, 3, 1], dark=False)
    assert [list(t.y) for t in figure.data] == [pytest.approx([0.5, 0.49]), pytest.approx([1.01, 1.0])]
    assert [t.name for t in figure.data] == ["B / A", "C / A"]
    assert figure.data[0].marker.color == variant_colour(3)


def test_the_ranking_reads_from_the_fastest_down_and_shows_ties() -> None:
    (bars,) = figures.ranking_chart(comparison(), ["A", "B", "C"], [0, 1, 2], dark=False).data
    assert list(bars.y)[::-1] == ["<b>1. B</b><br>10 ms · 1.00×", "<b>2. A</b><br>20 ms · 2.00×", "<b>2. C</b><br>20.1 ms · 2.00×"]
    assert list(bars.x)[::-1] == pytest.approx([10, 20, 20.1])
    assert list(bars.error_x.array)[::-1] == pytest.approx([0.1, 0.2, 0.201])


def test_kinds_are_sorted_and_add_up() -> None:
    (bars,) = figures.kind_chart(pd.Series({"norm": 0.001, "convolution": 0.003}), dark=False).data
    assert list(bars.y) == ["norm", "convolution"]
    assert list(bars.x) == pytest.approx([1, 3])
    assert "75 %" in bars.text[1]


def test_estimates_have_whiskers_only_where_an_error_is_known() -> None:
    table = pd.DataFrame({"machine": ["x", "y"], "network": "A", "milliseconds": [2.0, 5.0], "error": [0.1, np.nan], "basis": ""})
    (dots,) = figures.estimate_chart(table, [0], dark=False).data
    assert list(dots.error_x.array) == pytest.approx([0.2, 0])


def test_history_has_a_line_an_experiment_in_order_of_time() -> None:
    rows = pd.DataFrame({
        "experiment_key": ["k", "j", "k"], "finished_at": pd.to_datetime([30, 20, 10], unit="s", utc=True), "median": [0.3, 0.2, 0.1], "low": [0.29, 0.19, 0.09],
        "high": [0.31, 0.21, 0.11], "network": ["n", "m", "n"], "device": "cpu", "dtype": "float32", "mode": "forward_backward", "batch": 1,
    })  # fmt: skip
    first, second = figures.history_chart(rows, dark=False).data
    assert list(first.y) == pytest.approx([100, 300])
    assert "forward + backward" in first.name
    assert list(second.y) == pytest.approx([200])


SWEPT = pd.DataFrame({
    "batch": [1, 2, 1, 2], "r": [4, 4, 16, 16], "state": ["done", "done", "done", "waiting"], "median": [0.01, 0.02, 0.03, None], "low": [0.009, 0.019, 0.029, None],
    "high": [0.012, 0.022, 0.032, None], "images_per_second": [100.0, 100.0, 33.0, None],
})  # fmt: skip


def test_a_sweep_has_a_line_a_value_and_leaves_out_what_is_not_done() -> None:
    first, second = figures.sweep_chart(SWEPT, "batch", "r", time=True, dark=False).data
    assert (list(first.x), list(first.y), first.name) == (["1", "2"], pytest.approx([10, 20]), "r = 4")
    assert list(first.error_y.array) == pytest.approx([2, 2])
    assert list(second.x) == ["1"]


def test_a_sweep_over_more_axes_shows_medians_without_an_interval() -> None:
    (line,) = figures.sweep_chart(SWEPT, "batch", None, time=True, dark=False).data
    assert list(line.y) == pytest.approx([20, 20])
    assert line.error_y.array is None
    (rate,) = figures.sweep_chart(SWEPT, "r", None, time=False, dark=False).data
    assert list(rate.y) == pytest.approx([100, 33])


PREDICTED = Predictors(
    "setup", "machine", "float16",
    pd.DataFrame({"preset": ["a", "b", "c"], "image_size": 224, "flops": [1e9, 2e9, 4e9], "model": [0.001, 0.002, 0.003], "seconds": [0.001, 0.004, 0.0031]}),
    pd.DataFrame({"predictor": ["flops", "model"], "rho": [0.5, 0.9], "low": [0.2, 0.8], "high": [0.7, 0.95]}), 0.05,
)  # fmt: skip


def test_rank_correlations_have_their_intervals() -> None:
    (dots,) = figures.predictor_ranks(PREDICTED, dark=False).data
    assert list(dots.x) == [0.5, 0.9]
    assert list(dots.error_x.array) == pytest.approx([0.2, 0.05])
    assert list(dots.error_x.arrayminus) == pytest.approx([0.3, 0.1])


def test_a_predictor_against_time_marks_the_pages_networks() -> None:
    figure = figures.against_time(PREDICTED, "flops", dark=False, marked={"b": 3})
    others, marked = figure.data
    assert list(others.x) == pytest.approx([1, 4])
    assert (list(marked.x), list(marked.y), list(marked.text)) == ([pytest.approx(2)], [pytest.approx(4)], ["b"])
    assert list(marked.marker.line.color) == [variant_colour(3)]
    assert len(figures.against_time(PREDICTED, "model", dark=False).data) == 3  # with the diagonal


@pytest.mark.parametrize(("low", "high"), [(0.02, 1.1), (3.0, 4.0), (1.0, 5000.0)])
def test_a_logarithmic_axis_is_labelled_inside_its_range(low: float, high: float) -> None:
    axis = figures._log_axis(pd.Series([low, high]))
    begin, end = (10**v for v in axis["range"])
    assert begin < low < high < end
    assert axis["tickvals"]
    assert all(begin <= t <= end for t in axis["tickvals"])
    assert [float(t) for t in axis["ticktext"]] == pytest.approx(axis["tickvals"])


# --- Conditions and addresses ------------------------------------------------------------------------


def test_conditions_survive_their_address() -> None:
    made = Conditions("cpu", "bfloat16", "forward_backward", "amortised", "cold", "host", "compile", True, 3, 2, 7)
    assert read_conditions(made.write()) == (made, [])
    assert Conditions().write() == {}


def test_an_experiment_takes_type_and_mode_of_the_network_unless_told() -> None:
    choice = Choice("resnet18", {"se_ratio": 4}, side=96, batch=2, dtype="bfloat16", training=True)
    own = Conditions(seconds=9).experiment(choice)
    assert (own.dtype, own.mode, own.input_shape, own.knobs) == ("bfloat16", "forward_backward", (2, 3, 96, 96), (("se_ratio", 4),))
    assert (own.limits.max_seconds, own.threads) == (9.0, None)
    told = Conditions(dtype="float32", mode="forward", threads=3).experiment(choice)
    assert (told.dtype, told.mode, told.threads) == ("float32", "forward", 3)


def test_what_is_only_counted_is_refused() -> None:
    with pytest.raises(KnobError, match="counted but not measured"):
        Conditions().experiment(Choice("resnet18", dtype="int8"))


def test_reasons_name_field_and_value() -> None:
    assert "tensor cores" in reasons("cpu")[("dtype", "tf32")]
    assert values("dtype")[0] == "own"
    assert "own" not in values("cache")


def test_a_link_to_the_page_holds_networks_section_and_conditions() -> None:
    link = latency_link([Choice("resnet18"), Choice("vgg11", batch=2)], "versus", threads="1")
    assert [v.choice.name for v in read_variants([value for name, value in link.query if name == "v"])[0]] == ["resnet18", "vgg11"]
    assert link.query[-2:] == [("section", "versus"), ("threads", "1")]
    assert link.url.startswith("/latency?v=")


def test_since_is_a_midnight() -> None:
    now = datetime(2026, 3, 1, 15, 30, tzinfo=UTC)
    assert since(0, now) == datetime(2026, 3, 1, tzinfo=UTC).timestamp()
    assert since(7, now) == datetime(2026, 2, 22, tzinfo=UTC).timestamp()
    assert since(None, now) is None


@pytest.mark.parametrize(("setup", "words"), [
    ("amp-nchw-pt291-cu128-4090-dynamo", "4090 · amp · channels first · torch 2.9.1 · CUDA 12.8 · torch.compile"),
    ("fp32-nchw-pt240-cpu-i9_10940x-dynamo", "i9 10940x · fp32 · channels first · torch 2.4.0 · torch.compile"),
    ("amp-nhwc-pt113-cu117-rtx3090", "rtx3090 · amp · channels last · torch 1.13 · CUDA 11.7"),
])  # fmt: skip
def test_setups_are_readable(setup: str, words: str) -> None:
    assert setup_words(setup) == words
