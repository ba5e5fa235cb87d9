"""The language of a session: what decides it, how pages keep it, and that sessions do not mix."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from blocks.language import speaking
from viz.kit import language
from viz.kit.choice import Choice
from viz.kit.language import in_language, language_refused, with_language, without_language
from viz.kit.links import explore_link

PAGE = str(Path(__file__).resolve().parents[3] / "pages" / "scaling.py")


def opened(**params: str) -> AppTest:
    at = AppTest.from_file(PAGE, default_timeout=240)
    for name, value in params.items():
        at.query_params[name] = value
    return at.run()


def press(at: AppTest, key: str) -> AppTest:
    with speaking(spoken(at)):  # as the browser does, AppTest tells the page what its widgets hold in the words that they show
        return next(b for b in at.button if b.key == key).click().run()


def address(at: AppTest) -> list[str]:
    """The language that the address says."""
    if "lang" not in at.query_params:
        return []
    found = at.query_params["lang"]
    return found if isinstance(found, list) else [found]


def spoken(at: AppTest) -> str:
    return str(at.session_state["language"])


def test_an_address_with_a_language_is_one_with_what_else_it_holds() -> None:
    assert without_language((("net", "vgg11"), ("lang", "zh"))) == (("net", "vgg11"),)
    assert without_language((("lang", "xx"),)) == (("lang", "xx"),)
    assert with_language((("lang", "zh"), ("net", "vgg11"))) == (("net", "vgg11"),)
    with speaking("zh"):
        assert with_language((("net", "vgg11"),)) == (("net", "vgg11"), ("lang", "zh"))
        assert in_language((("lang", "en"),)) == (("lang", "en"),)
        assert explore_link(Choice("vgg11")).url == "/explore?net=vgg11&lang=zh"
        assert language_refused((("lang", "xx"),)) == ["lang = 'xx'：必须是 en, zh 之一。最接近的可用值：en。"]


def test_the_address_says_the_language_and_the_button_changes_it() -> None:
    at = opened(lang="zh")
    assert not at.exception
    assert (spoken(at), address(at)) == ("zh", ["zh"])
    at = press(at, "lang-en")
    assert (spoken(at), address(at)) == ("en", [])
    at = press(at, "lang-zh")
    assert (spoken(at), address(at)) == ("zh", ["zh"])
    assert spoken(opened()) == "en"  # another session


@pytest.mark.parametrize(
    ("cookie", "locale", "expected"), [("", "zh-CN", "zh"), ("en", "zh-CN", "en"), ("zh", "en-US", "zh"), ("xx", "fr", "en"), ("", "", "en")]
)
def test_a_session_begins_with_what_was_chosen_before_or_the_browsers_own_language(
    cookie: str, locale: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Context:
        cookies = {language.COOKIE: cookie} if cookie else {}

    Context.locale = locale  # type: ignore[attr-defined]
    monkeypatch.setattr(language.st, "context", Context)
    monkeypatch.setattr(language.st, "session_state", {})
    monkeypatch.setattr(language.st, "query_params", {})
    language.settle_language()
    assert language.st.session_state["language"] == expected


def test_going_back_to_an_address_without_a_language_is_english(monkeypatch: pytest.MonkeyPatch) -> None:
    at = press(opened(), "lang-zh")
    monkeypatch.setattr(language, "by_history", lambda: True)
    at.query_params.clear()
    with speaking("zh"):
        at.run()
    assert spoken(at) == "en"


def test_a_language_that_is_not_spoken_is_refused_in_a_sentence() -> None:
    at = opened(lang="xx")
    assert not at.exception
    assert "lang = 'xx'" in at.error[0].value
