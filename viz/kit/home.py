"""The folder of app.py and its pages: the checkout, or the installed package (pyproject.toml puts them into ``architecture_explorer``)."""

from pathlib import Path

_ROOT = Path(__file__).resolve().parents[2]
APP_FOLDER = _ROOT if (_ROOT / "app.py").is_file() else _ROOT / "architecture_explorer"
