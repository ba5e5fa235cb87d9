"""The viewer's words in two languages."""

from __future__ import annotations

from blocks.language import speaking
from viz.graph.words import graph_words


def test_the_viewer_speaks_english_itself_and_is_told_every_word_of_another_language() -> None:
    assert graph_words() == {}
    with speaking("zh"):
        said = graph_words()
    assert said["convolution"] == "卷积"
    assert {word for word in said if said[word] == word} == {"dropout"}
