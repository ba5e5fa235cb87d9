"""Which language is spoken, by whom and where."""

from __future__ import annotations

import threading

import pytest

from blocks.language import in_same_language, language, speaking, system_language, tr
from blocks.language.speaking import known_language


def test_a_thread_speaks_what_it_was_told_and_others_do_not() -> None:
    heard: list[str] = []
    with speaking("zh"):
        for wanted in (lambda: heard.append(language()), in_same_language(lambda: heard.append(language()))):
            thread = threading.Thread(target=wanted)
            thread.start()
            thread.join()
        assert language() == "zh"
    assert heard == ["en", "zh"]
    assert language() == "en"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "C", "LC_MESSAGES": "zh_CN"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": ""}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
    ],
)
def test_the_terminals_language_is_the_first_that_is_set(environment: dict[str, str], expected: str) -> None:
    assert system_language(environment) == expected


@pytest.mark.parametrize(("tag", "expected"), [("zh-Hans-CN", "zh"), ("ZH", "zh"), ("en-GB", "en"), ("fr", None), ("", None), ("zhuang", None)])
def test_a_language_is_known_by_its_tag(tag: str, expected: str | None) -> None:
    assert known_language(tag) == expected


def test_an_error_ends_the_language_as_well() -> None:
    with pytest.raises(KeyError), speaking("zh"):
        tr("Nearest: {nearest}.", no=1)
    assert language() == "en"
