"""SVG charts without a browser: ticks that cover the data, text that is text."""

from __future__ import annotations

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from viz.compare.drawing import _label, svg, svg_text, tick_step


@given(st.floats(1e-3, 1e15))
def test_two_to_five_round_steps_cover_the_largest_value(most: float) -> None:
    step = tick_step(most)
    assert 2 <= most / step <= 5.01
    digits = f"{step:.6e}".split("e")[0].rstrip("0").rstrip(".")
    assert digits in ("1", "2", "2.5", "5")


def test_words_are_text_and_not_markup() -> None:
    root = ElementTree.fromstring(svg(100, 50, svg_text(1, 2, "a < b & <script>")))
    assert "".join(root.itertext()) == "a < b & <script>"


def test_a_long_name_is_cut_where_the_next_begins() -> None:
    def shown(words: str, room: float) -> str:
        return "".join(ElementTree.fromstring(_label(0, 0, words, room)).itertext())

    assert shown("short", 100) == "short"
    assert shown("a rather long name", 62) == "a rather …"
    assert shown("abcdef", 1) == "ab…"
