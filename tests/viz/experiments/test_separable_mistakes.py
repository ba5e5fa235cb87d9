"""The table of mistakes: the right block first, its evidence in words, and what torch says as text, never as markup."""

from __future__ import annotations

from blocks.experiments.separable_mistakes import Case, Mistakes
from tests.drawing import HOLDS, drawn
from viz.experiments.separable_mistakes import draw

RIGHT = Case("right", "block(x)", 1824, 466_944, "", {})


def table(*cases: Case) -> str:
    (found,) = drawn(draw, Mistakes(RIGHT, list(cases), HOLDS)).get("html")
    return str(found.proto.body)


def test_a_row_per_case_with_its_evidence() -> None:
    body = table(Case("no_groups", "groups=1", 10_752, 2_752_512, "", {"channels": 32.0}), Case("late_stride", "stride=2", 1824, 98_304, "", {"unused": 0.75}))
    rows = body.split("<tr style=")[1:]
    assert len(rows) == 3
    assert "None: the right block" in rows[0]
    assert "each channel reads 32 channels, not 1" in rows[1]
    assert "75% of the depthwise outputs get no gradient" in rows[2]


def test_what_torch_refused_has_no_counts_and_is_escaped() -> None:
    body = table(Case("undivided", "Conv2d(32, 48)", None, None, "out_channels <b> & 48", {}))
    last = body.split("<tr style=")[-1]
    assert "refused: out_channels &lt;b&gt; &amp; 48" in last
    assert last.count(">–<") == 2
