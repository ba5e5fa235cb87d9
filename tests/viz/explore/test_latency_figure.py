"""The measured figure as a picture."""

from __future__ import annotations

import base64
import re
from xml.etree import ElementTree

import pytest

from viz.explore.latency_figure import BAD, GOOD, bars, figure, milliseconds, strip, verdict_figure


def drawn(text: str) -> ElementTree.Element:
    """The SVG inside of an image."""
    found = re.search(r"base64,([^']+)'", text)
    assert found
    return ElementTree.fromstring(base64.b64decode(found[1]))


def test_times_are_milliseconds() -> None:
    assert milliseconds(0.041324) == "41.32"
    assert milliseconds(None) == "–"


def test_the_card_escapes_its_words_and_has_an_interval_only_where_known() -> None:
    text = figure(0.01, 0.009, 0.011, [0.01], "<b>note</b>", dark=False)
    assert "<b>note" not in text
    assert "95 % in 9.000 – 11.00 ms" in text
    assert "95 %" not in figure(0.01, None, None, [], "", dark=True)
    assert "opacity:0.45" in figure(0.01, None, None, [], "", dark=True, stale=True)


@pytest.mark.parametrize("n", [0, 1, 40, 400])
def test_the_last_samples_are_dots(n: int) -> None:
    dots = [p.get("d", "") for p in drawn(strip([0.01 + i * 1e-5 for i in range(n)], None, None, None, dark=False)).iter() if p.tag.endswith("path")]
    assert sum(d.count("M") for d in dots) == min(n, 150)


@pytest.mark.parametrize(("low", "high", "colour"), [(1.1, 1.3, BAD), (0.7, 0.9, GOOD)])
def test_a_verdict_has_its_colour_and_side(low: float, high: float, colour: object) -> None:
    root = drawn(verdict_figure({"ratio": (low + high) / 2, "low": low, "high": high}, dark=False, margin=0.02))
    (dot,) = [e for e in root.iter() if e.tag.endswith("circle")]
    assert dot.get("fill") == getattr(colour, "light")  # noqa: B009
    assert (float(dot.get("cx", 0)) > 150) is (low > 1)
    assert not [e for e in drawn(verdict_figure(None, dark=False, margin=0.02)).iter() if e.tag.endswith("circle")]


def test_the_longest_bar_fills_its_row() -> None:
    text = bars([("conv <1>", 0.003, "#111"), ("norm", 0.001, "#222")], 0.005, dark=False)
    assert re.findall(r"width:([\d.]+)%;background", text) == ["100.0", "33.3"]
    assert "60 %" in text
    assert "conv <1>" not in text
