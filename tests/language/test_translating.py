"""Sentences in two languages, and the catalogues that hold them."""

from __future__ import annotations

import re
from collections import defaultdict

import polib
import pytest

from blocks import catalog
from blocks.language import LANGUAGES, speaking, tr, trn
from blocks.language.translating import Catalogue, catalogue, catalogue_files
from scripts.sentences import sentences

#: A {place} of a sentence; what is between `these` or $these$ is code or a formula.
PLACE = re.compile(r"\{(\w*)[^{}]*\}")
CHINESE = re.compile(r"[\u4e00-\u9fff]")


def test_a_sentence_is_said_in_the_language_of_now_with_its_values() -> None:
    sentence = "lang = {lang}: must be one of {known}. Nearest: {nearest}."
    values = {"lang": "'xx'", "known": "en, zh", "nearest": "en"}
    assert tr(sentence, **values) == "lang = 'xx': must be one of en, zh. Nearest: en."
    with speaking("zh"):
        assert tr(sentence, **values) == "lang = 'xx'：必须是 en, zh 之一。最接近的可用值：en。"
        assert tr("not in any catalogue {a}", a=1) == "not in any catalogue 1"


def test_what_is_counted_has_a_plural_where_the_language_has(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("blocks.language.translating.catalogue", lambda name: Catalogue({}, {"{n} box": "{n} 个框"} if name == "zh" else {}))
    assert [trn("{n} box", "{n} boxes", n) for n in (0, 1, 2)] == ["0 boxes", "1 box", "2 boxes"]
    with speaking("zh"):
        assert trn("{n} box", "{n} boxes", 1) == "1 个框"


def entries() -> list[polib.POEntry]:
    return [entry for path in catalogue_files("zh") for entry in polib.pofile(str(path))]


def test_english_is_its_own_catalogue() -> None:
    assert catalogue("en") == Catalogue({}, {})
    assert list(LANGUAGES) == ["en", "zh"]


def test_catalogues_and_code_have_the_same_sentences() -> None:
    said = {found.text for found in sentences()}
    listed = {entry.msgid for entry in entries()}
    assert said - listed == set(), "python -m scripts.catalogues --write"
    assert listed - said == set(), "python -m scripts.catalogues --write"


def test_a_sentence_has_one_translation() -> None:
    by_sentence = defaultdict(set)
    for entry in entries():
        by_sentence[entry.msgid].add(entry.msgstr or entry.msgstr_plural.get(0, ""))
    assert {sentence: said for sentence, said in by_sentence.items() if len(said) > 1} == {}


def test_a_translation_has_the_places_of_its_sentence() -> None:
    wrong = []
    for entry in entries():
        said = entry.msgstr or entry.msgstr_plural.get(0, "")
        if said and set(PLACE.findall(entry.msgid)) | set(PLACE.findall(entry.msgid_plural)) != set(PLACE.findall(said)):
            wrong.append((entry.msgid, said))
    assert wrong == []


def test_a_blocks_title_is_no_knobs_label() -> None:
    """One sentence has one translation: of "Bottleneck", the block, that was the one of the knob, a factor. Only a knob that puts in the very block is called like it."""
    found = [catalog.entry(name) for name in catalog.names()]
    labels = {knob.label for e in found for knob in e.knobs}
    assert {e.title for e in found if e.title in labels} == {"Effective SE"}
