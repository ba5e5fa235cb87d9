"""A user's words are shown as they are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from viz.kit import markdown
from viz.kit.markdown import error_box, plain_markdown, without_links

_MARKS = st.text(alphabet="[]()<>!\\\\`*_:/.awhtps \n", max_size=60)


def test_what_markdown_would_read_is_escaped() -> None:
    assert plain_markdown("a*b [c](d) $x$") == r"a\*b \[c\]\(d\) \$x\$"


def test_an_ordinary_sentence_stays_as_it_is() -> None:
    said = "se_ratio = 7: must divide C = 64. Nearest: 8 or 4. See `docs`, 2·C_in (or *more*)."
    assert without_links(said) == said


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("[a](b)", r"\[a](b)"),
        ("![a](b)", r"!\[a](b)"),
        ("<b>", r"\<b>"),
        ("\\[a](b)", r"\\\[a](b)"),
        ("https://a.b", "https:\u2060//a.b"),
        ("WWW.a.b", "WWW\u2060.a.b"),
    ],
)
def test_links_pictures_and_html_are_words(typed: str, shown: str) -> None:
    assert without_links(typed) == shown


@given(_MARKS)
def test_nothing_that_begins_one_is_left(typed: str) -> None:
    for said in (without_links(typed), plain_markdown(typed)):
        free = said.replace("\\\\", "")  # escaped backslashes escape nothing
        assert not [i for i, c in enumerate(free) if c in "[<" and free[i - 1 : i] != "\\"]
        assert "://" not in said
        assert "www." not in said.lower()


def test_an_error_is_shown_with_its_sign(monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[str, str]] = []
    monkeypatch.setattr(markdown.st, "error", lambda body, icon: shown.append((body, icon)))
    error_box("[a](b)")
    assert shown == [(r"\[a](b)", ":material/error:")]
