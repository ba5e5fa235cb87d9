"""The first minute: one sentence, three ways in that open, and a tour that points at what is there."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest
from streamlit.testing.v1 import AppTest

from blocks.language import LANGUAGES, speaking
from tests.pages.test_atlas import ROOT
from viz.atlas import welcome
from viz.atlas.welcome import ways_in
from viz.kit.navigation import exists


def test_each_way_in_opens_without_a_complaint() -> None:
    for way in ways_in():
        assert exists(way.link)
        at = AppTest.from_file(str(ROOT / way.link.page), default_timeout=240)
        for name in dict(way.link.query):
            at.query_params[name] = [value for key, value in way.link.query if key == name]
        at.run()
        assert not at.exception, urlencode(way.link.query)
        assert not at.error


def test_the_first_page_begins_with_one_sentence_and_the_ways_in() -> None:
    at = AppTest.from_file(str(ROOT / "pages" / "atlas.py"), default_timeout=240).run()
    said = [m.value for m in at.markdown]
    first = next(text for text in said if text.startswith("# "))
    assert first.count(".") == 1
    for way in ways_in():
        assert any(way.title in text and way.link.url in text for text in said)


def test_the_tour_has_its_words_in_every_language(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: dict[str, dict[str, Any]] = {}
    for language in LANGUAGES:
        monkeypatch.setattr(welcome, "_mount", lambda data, language=language, **_: shown.update({language: data}))
        with speaking(language):
            welcome.tour()
    assert {frozenset(data["words"]) for data in shown.values()} == {
        frozenset({"take", "skip", "again", "back", "next", "done"})
    }  # what assets/tour.js asks for
    assert [stop["place"] for stop in shown["en"]["stops"]] == ["1 of 4", "2 of 4", "3 of 4", "4 of 4"]
    assert [stop["place"] for stop in shown["zh"]["stops"]] == ["1 / 4", "2 / 4", "3 / 4", "4 / 4"]
