"""Streamlit's own words are those that the installed Streamlit says; each has its like in the page's language."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import streamlit

from blocks.language import speaking
from viz.kit import own_words
from viz.kit.own_words import streamlit_words


@pytest.fixture(scope="module")
def bundle() -> str:
    """Everything that Streamlit sends to a browser."""
    return "\n".join(path.read_text("utf-8") for path in (Path(streamlit.__file__).parent / "static" / "static" / "js").glob("*.js"))


def test_streamlit_says_each_of_them(bundle: str) -> None:
    parts = {
        part.strip() for word in own_words._WORDS for part in re.split(r"\{\w+\}|Press Enter to (?=apply)|— (?=start|end)", word)
    }  # which it joins from two
    assert [part for part in sorted(parts) if part and part not in bundle] == []


def test_none_is_said_in_english_on_a_chinese_page() -> None:
    assert streamlit_words() == {}
    with speaking("zh"):
        words = streamlit_words()
    assert len(words) > 30
    assert all(re.search("[\u4e00-\u9fff]", said) for said in words.values())
    assert all(set(re.findall(r"\{\w+\}", word)) == set(re.findall(r"\{\w+\}", said)) for word, said in words.items())
