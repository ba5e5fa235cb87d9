"""Words in two languages: each has both, with the same places for values."""

from __future__ import annotations

import re

import pytest

from viz.kit import words
from viz.kit.figures import QUANTITIES


@pytest.mark.parametrize("key", words._WORDS)
def test_both_languages_have_the_same_places(key: str) -> None:
    english, chinese = words._WORDS[key]
    assert english
    assert chinese
    assert set(re.findall(r"{\w+}", english)) == set(re.findall(r"{\w+}", chinese))


def test_values_are_put_in_their_places() -> None:
    assert words.word("seconds", "en", seconds=3) == "about 3 s"
    assert words.word("seconds", "zh", seconds=3) == "约 3 秒"


def test_figures_have_the_words_of_their_table() -> None:
    assert {name: words.word(name, "en") for name in QUANTITIES} == {name: f.label for name, f in QUANTITIES.items()}
