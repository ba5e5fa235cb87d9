"""The Design space's charts hold the sample that they were given."""

from __future__ import annotations

import pandas as pd

from viz.space.figures import parallel, search_course

FRAME = pd.DataFrame({"width_mult": [0.5, 1.0], "params": [1_000_000, 4_000_000], "macs": [10_000_000, 40_000_000]})


def test_an_axis_for_each_knob_and_figure() -> None:
    made = parallel(FRAME, {"width_mult": "Width"}, ["params", "macs"], "macs", False)
    assert made.data[0].dimensions[0].label == "Width"
    assert len(made.data[0].dimensions) == 3


def test_the_course_shows_the_best_so_far() -> None:
    frame = FRAME.assign(fits=[True, True], best_so_far=[10_000_000, 10_000_000])
    made = search_course(frame, "macs", False)
    assert any(list(trace.y) == [10_000_000, 10_000_000] for trace in made.data)
