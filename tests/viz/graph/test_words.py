"""The viewer's words in two languages."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

from blocks.language import speaking
from viz.graph import labels
from viz.graph.frontend import template
from viz.graph.readings import OVERLAYS
from viz.graph.words import WORDS, graph_words
from viz.kit.palette import KIND_COLOURS, MARK_COLOURS

ASSETS = Path(labels.__file__).parent / "assets"
#: Names, keys and signs are the same in every language.
SAME = {"Mermaid", "Enter", "Esc", "/", "0", "← ↑ ↓ →", "+  −  0"}


class _Words(HTMLParser):
    """The texts of a template, and its attributes that are read aloud or shown."""

    def __init__(self) -> None:
        super().__init__()
        self.found: set[str] = set()

    def handle_starttag(self, _tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {value for name, value in attrs if name in ("title", "aria-label", "placeholder") and value}

    def handle_data(self, data: str) -> None:
        self.found |= {data.strip()} - {""}


def test_the_viewer_speaks_english_itself_and_is_told_every_word_of_another_language() -> None:
    assert graph_words() == {}
    with speaking("zh"):
        said = graph_words()
    assert said["convolution"] == "卷积"
    assert {word for word in said if said[word] == word} == {"dropout"}


def test_the_template_says_nothing_that_is_not_translated() -> None:
    page = _Words()
    page.feed(template())
    assert page.found - set(WORDS) == set()


def test_the_scripts_ask_for_nothing_that_is_not_translated() -> None:
    asked, listed = set(), set()
    for path in ASSETS.glob("*.js"):
        text = path.read_text("utf-8")
        asked |= set(re.findall(r'\bword\("([^"]+)"', text)) | set(re.findall(r'"aria-label": "([^"]+)"', text))
        for table in re.findall(r"const (?:HELP|FORMATS) = \[(.*?)\n\];", text, re.DOTALL):
            listed |= {word for pair in re.findall(r'\["([^"]+)", "([^"]+)"\]', table) for word in pair}
    formats = {"svg", "png", "pdf", "html", "dot", "mermaid", "json"}
    assert len(asked) > 10
    assert len(listed) > 20
    assert (asked | listed) - set(WORDS) - SAME - formats == set()


def test_the_legend_names_every_kind_every_mark_and_every_reading() -> None:
    shown = (set(KIND_COLOURS) - {"input", "output", "module"}) | set(MARK_COLOURS) | {o.label for o in OVERLAYS}
    assert shown - set(WORDS) == set()
