"""The folder that holds the app: here it is the checkout."""

from __future__ import annotations

from pathlib import Path

from viz.kit.home import APP_FOLDER


def test_the_app_and_its_pages_are_there() -> None:
    assert Path(__file__).resolve().parents[3] == APP_FOLDER
    assert (APP_FOLDER / "app.py").is_file()
    assert (APP_FOLDER / "pages" / "explore.py").is_file()
