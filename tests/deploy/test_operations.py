"""docs/operations.md names every setting that the program reads, and its fault table names tests that are there."""

from __future__ import annotations

import re

from tests.deploy.deployed import ROOT

DOCUMENT = (ROOT / "docs" / "operations.md").read_text()
SOURCES = [path for folder in ("blocks", "viz", "architecture_explorer", "pages") for path in (ROOT / folder).rglob("*.py")]


def test_every_setting_is_named() -> None:
    read = {name for path in SOURCES for name in re.findall(r'"(EXPLORER_[A-Z_]+)"', path.read_text())}
    assert len(read) >= 4
    assert {name for name in read if f"`{name}`" not in DOCUMENT} == set()


def test_the_fault_table_names_tests_that_are_there() -> None:
    rows = [row for row in DOCUMENT.split("## Faults")[1].splitlines() if row.startswith("| ")][1:]
    assert len(rows) > 10
    for row in rows:
        named = re.findall(r"`(tests/[\w/]+\.py)`", row)
        assert named, row
        assert all((ROOT / name).is_file() for name in named)


def test_every_fault_test_is_in_the_table() -> None:
    tests = {f"tests/faults/{path.name}" for path in (ROOT / "tests" / "faults").glob("test_*.py")}
    assert {name for name in tests if f"`{name}`" not in DOCUMENT} == set()
