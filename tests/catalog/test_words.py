"""Knobs as words of a command line."""

import pytest

from blocks.catalog.words import knobs_of_words
from blocks.knobs import KnobError


def test_words_are_parsed_as_the_knob_wants_them() -> None:
    assert knobs_of_words("resnet50", ["--se-ratio", "16", "--width-per-group=3", "--kernel-size", "5"]) == {
        "se_ratio": 16,
        "width_per_group": 3,
        "kernel_size": 5,
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--se-ratio"], "needs a value"),
        (["--se-ratio", "--groups", "2"], "needs a value"),
        (["--sausage", "3"], "has no such knob"),
        (["16"], "has no such knob"),
    ],
)
def test_a_word_that_is_no_knob_is_a_sentence(words: list[str], said: str) -> None:
    with pytest.raises(KnobError, match=said):
        knobs_of_words("resnet50", words)
