"""Execute the notebooks of docs/notebooks and store them with their outputs: ``python -m scripts.notebooks``."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

_ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((_ROOT / "docs" / "notebooks").glob("*.ipynb"))


def executed(path: Path) -> object:
    """A fresh copy of the notebook at ``path``, run from the repository's root. Raises nbclient's CellExecutionError where a cell fails."""
    notebook = copy.deepcopy(nbformat.read(path, as_version=4))
    NotebookClient(notebook, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(_ROOT)}}).execute()
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # wall-clock times
    return notebook


def outputs(notebook: Any) -> list[list[str]]:
    """What each cell shows, as text."""
    return [[str(o.get("text") or o.get("data", {}).get("text/plain", "")) for o in cell.get("outputs", [])] for cell in notebook.cells]


if __name__ == "__main__":
    for path in NOTEBOOKS:
        nbformat.write(executed(path), path)
        print(f"executed {path.relative_to(_ROOT)}")
