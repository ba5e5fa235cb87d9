"""Every notebook runs, and is stored with the outputs that it gives today."""

from __future__ import annotations

from pathlib import Path

import nbformat
import pytest

from scripts.notebooks import NOTEBOOKS, executed, outputs


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_a_notebook_is_stored_as_it_runs(path: Path) -> None:
    stored = nbformat.read(path, as_version=4)
    assert all(cell.execution_count for cell in stored.cells if cell.cell_type == "code"), "run: python -m scripts.notebooks"
    assert outputs(executed(path)) == outputs(stored), "run: python -m scripts.notebooks"


def test_there_are_notebooks() -> None:
    assert {path.stem for path in NOTEBOOKS} == {"count_and_compare", "write_your_own_block"}
