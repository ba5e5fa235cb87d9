"""The documents: what they name exists, and the Python that they show runs."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").glob("*.md"))]
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text()
#: Most files that a reader has to open to follow one of the ways.
MOST_FILES = 20


def files_named(text: str) -> list[str]:
    """The files that a text names as code, in order and once each: `` `blocks/analysis.py` ``."""
    return list(dict.fromkeys(re.findall(r"`([\w./-]+\.(?:py|js|css|html|toml|sh|csv|md|yml|txt|json|ipynb|cff))`", text)))


def ways() -> dict[str, str]:
    """The sections of the architecture that follow something through the files, by title."""
    parts = re.split(r"^## ", ARCHITECTURE, flags=re.MULTILINE)[1:]
    return {part.splitlines()[0]: part for part in parts if part.startswith("Way ")}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda p: p.name)
def test_links_lead_somewhere(path: Path) -> None:
    text = re.sub(r"```.*?```", "", path.read_text(), flags=re.DOTALL)
    targets = [t.partition("#")[0] for t in re.findall(r"\]\(([^)\s]+)\)|srcset=\"([^\"]+)\"|src=\"([^\"]+)\"", text) for t in t if t]
    assert [t for t in targets if t and "://" not in t and not (path.parent / t).exists()] == []


def test_the_architecture_names_files_that_exist() -> None:
    assert [name for name in files_named(ARCHITECTURE) if not (ROOT / name).is_file()] == []


def test_three_ways_are_told() -> None:
    assert list(ways()) == ["Way 1: a knob turns", "Way 2: a network is traced", "Way 3: a latency is measured"]


@pytest.mark.parametrize("title", ways())
def test_a_way_lists_few_files_and_names_no_others(title: str) -> None:
    named = files_named(ways()[title])
    assert 5 <= len(named) <= MOST_FILES


def test_the_rooms_are_all_drawn() -> None:
    drawn = ARCHITECTURE[ARCHITECTURE.index("```mermaid") : ARCHITECTURE.index("```", ARCHITECTURE.index("```mermaid") + 3)]
    rooms = [p.relative_to(ROOT).as_posix() for top in ("blocks", "viz") for p in (ROOT / top).iterdir() if (p / "__init__.py").is_file()]
    assert [room for room in rooms if room not in drawn] == []


def test_the_readme_s_python_runs() -> None:
    for code in re.findall(r"```python\n(.*?)```", (ROOT / "README.md").read_text(), flags=re.DOTALL):
        exec(compile(code, "README.md", "exec"), {})


def test_what_the_make_file_offers_is_what_documents_say() -> None:
    targets = set(re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(), flags=re.MULTILINE))
    said = {word for path in DOCUMENTS for word in re.findall(r"`make ([\w-]+)", path.read_text())}
    assert said - targets == set()
