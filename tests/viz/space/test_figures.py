"""The Design space's charts hold the sample that they were given."""

from __future__ import annotations

import pandas as pd
import pytest

from viz.space.figures import cost_scatter, parallel, search_course

FRAME = pd.DataFrame({"width_mult": [0.5, 1.0], "params": [1_000_000, 4_000_000], "macs": [10_000_000, 40_000_000]})


def test_an_axis_for_each_knob_and_figure() -> None:
    made = parallel(FRAME, {"width_mult": "Width"}, ["params", "macs"], "macs", False)
    assert made.data[0].dimensions[0].label == "Width"
    assert len(made.data[0].dimensions) == 3


def test_the_course_shows_the_best_so_far() -> None:
    frame = FRAME.assign(fits=[True, True], best_so_far=[10_000_000, 10_000_000])
    made = search_course(frame, "macs", False)
    assert any(list(trace.y) == [10_000_000, 10_000_000] for trace in made.data)


def test_estimated_times_are_marked_and_a_budgets_word_stands_at_its_line() -> None:
    frame = FRAME.assign(device_time=[0.01, 0.03], device_low=[0.008, 0.02], device_high=[0.0125, 0.045])
    fits = frame["device_time"] <= 0.012
    made = cost_scatter(frame, "device_time", "params", [0], fits, pd.DataFrame(), {"device_time": 0.012, "params": 3e6}, {}, False)
    words = [c[1] for trace in made.data for c in trace.customdata]
    assert any("≈ 10 ms" in w and "90 %: 8 – 12.5 ms" in w for w in words)
    assert made.layout.xaxis.title.text == "Estimated device time (ms)"
    places = [(a.x, a.y) for a in made.layout.annotations]
    assert places == [pytest.approx((1.0792, 1), abs=1e-3), pytest.approx((1, 6.4771), abs=1e-3)]
    assert [(s.x0, s.y0) for s in made.layout.shapes] == [(12.0, 0), (0, 3e6)]
