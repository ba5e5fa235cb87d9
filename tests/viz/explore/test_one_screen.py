"""The page's own CSS speaks of containers that the page has."""

from __future__ import annotations

import re
from pathlib import Path

from viz.explore.one_screen import ONE_SCREEN
from viz.explore.view_settings import GRAPH_KEY

ROOT = Path(__file__).resolve().parents[3]


def test_every_key_in_the_style_is_a_key_of_the_page() -> None:
    source = "".join(path.read_text() for path in [ROOT / "pages" / "explore.py", *(ROOT / "viz" / "explore").glob("*.py")])
    keys = set(re.findall(r"\.st-key-([\w-]+)", ONE_SCREEN))
    assert keys
    assert [key for key in keys if f'key="{key}"' not in source and key != GRAPH_KEY] == []


def test_the_graph_has_a_least_and_a_greatest_height() -> None:
    assert re.search(r"--viewer-height: clamp\(\d+rem, calc\(100vh - \d+px\), \d+rem\)", ONE_SCREEN)
