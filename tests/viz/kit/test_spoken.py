"""Words for the letters of formulas: the names of the knobs that have these symbols."""

from __future__ import annotations

import pytest
from streamlit.testing.v1 import AppTest

from blocks.language import speaking
from viz.kit.spoken import letter_words


@pytest.mark.parametrize(
    ("symbol", "words"),
    [("C_in", "input channels"), ("k", "kernel size"), ("g", "groups"), ("r", "SE ratio"), ("C_s0", "minimum squeeze width"), ("p_d", "stochastic depth")],
)
def test_a_knobs_symbol_is_heard_as_its_name(symbol: str, words: str) -> None:
    assert letter_words(["se_bottleneck"])[symbol] == words


def test_a_list_of_numbers_has_a_word_for_each_place() -> None:
    words = letter_words(["resnet50"])
    assert [words[f"n_{i}"] for i in (1, 4)] == ["blocks per stage 1", "blocks per stage 4"]
    assert "n" not in words


def test_a_letter_of_two_meanings_stays_a_letter() -> None:
    assert letter_words(["standard_convolution"])["N"] == "output channels"
    assert letter_words(["wrn_16_8"])["N"] == "depth"
    assert "N" not in letter_words(["standard_convolution", "wrn_16_8"])


def test_the_words_speak_the_pages_language() -> None:
    with speaking("zh"):
        assert letter_words(["se_bottleneck"])["C_in"] == "输入通道"


def test_no_knob_no_word() -> None:
    assert letter_words([]) == {}


def formulas_of_two_groups() -> None:
    from viz.kit.spoken import speak_formulas, speak_letters

    speak_formulas()
    speak_letters(["bottleneck"])
    speak_letters(["bottleneck"], "lecture.letters.1")


def test_a_page_may_have_letters_of_several_groups() -> None:
    assert not AppTest.from_function(formulas_of_two_groups).run().exception
