"""A sample: counted once for a setting, its rows the network's own figures, variants as Explore opens them."""

from __future__ import annotations

from blocks import analyse
from blocks.space.structure import COUNTED_FIGURES
from viz.kit.choice import Choice
from viz.space.address import Design
from viz.space.sampled import choice_of, sample_of

DESIGN = Design(Choice("mobilenet_v2"), {"width_mult": None}, n=4)


def test_a_sample_is_counted_once_and_exactly() -> None:
    drawn = sample_of(DESIGN)
    assert sample_of(DESIGN) is drawn
    assert drawn.job.wait(240)
    assert drawn.task.state == "done"
    frame = drawn.frame()
    assert list(frame.columns) == ["width_mult", *COUNTED_FIGURES]
    for place, row in frame.head(2).iterrows():
        choice = choice_of(DESIGN, drawn.variants[int(str(place))])
        assert row["macs"] == analyse("mobilenet_v2", **choice.knobs).macs
