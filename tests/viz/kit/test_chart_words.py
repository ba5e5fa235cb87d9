"""Plotly's own words in the language of the page."""

from __future__ import annotations

import plotly

from blocks.language import speaking
from viz.kit.chart_words import chart_language


def test_plotly_speaks_english_by_itself_and_gets_every_word_of_another_language() -> None:
    assert chart_language() == {}
    with speaking("zh"):
        told = chart_language()
    words = told["locales"][told["locale"]]["dictionary"]
    assert words["Reset axes"] == "重置坐标轴"
    assert all(not word.isascii() for word in words.values())


def test_plotly_asks_for_these_words() -> None:
    script = plotly.offline.get_plotlyjs()
    with speaking("zh"):
        told = chart_language()
    missing = [word for word in told["locales"]["zh"]["dictionary"] if word not in script]
    assert missing == []
