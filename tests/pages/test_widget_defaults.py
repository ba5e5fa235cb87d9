"""A widget that the session gives a value has it as its default as well: a browser that gets its widgets from a later run than the one that set them shows the same."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

PAGES = Path(__file__).resolve().parents[2] / "pages"


def shown_by_a_later_run(at: AppTest) -> Iterator[tuple[str, Any, Any]]:
    """(key, what the session holds, what the widget would show by itself) of every widget that has a value."""
    for kind in ("number_input", "toggle", "checkbox", "text_input", "text_area"):
        yield from ((w.key, w.value, w.proto.default) for w in at.get(kind) if w.value is not None)  # an empty field shows nothing
    for w in at.slider:
        default = list(w.proto.default)
        yield w.key, w.value, tuple(default) if isinstance(w.value, (tuple, list)) else default[0]
    for w in at.selectbox:
        if w.value is not None:
            yield w.key, w.proto.options[w.index], w.proto.options[w.proto.default]
    for w in at.get("button_group"):
        if w.proto.click_mode == w.proto.SINGLE_SELECT:
            yield w.key, w.indices, list(w.proto.default)


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("explore", {"net": "hourglass", "channels": "128"}),
        ("explore", {"net": "mobilenet_v3_large", "batch": "3", "side": "192", "train": "1", "se_ratio": "8", "view": "bars"}),
        ("compare", {"v": ["net=resnet50&groups=2&batch=2", "net=mobilenet_v2&expansion=5.5"]}),
        ("inside", {"net": "resnet18", "side": "64", "picture": "coffee", "by": "zeros"}),
        ("scaling", {"net": "resnet50", "x": "width_per_group"}),
        ("scaling", {"view": "compound"}),
        ("space", {"net": "mobilenet_v2", "n": "3", "x": "params"}),
        ("latency", {"net": "resnet18", "batch": "2", "section": "sweep"}),
        ("devices", {"net": "resnet18", "on": "samsung-galaxy-s25", "find": "galaxy"}),
        ("devices", {"view": "own", "set": "threads=2,gpu=no", "int8": "1", "times": "resnet50 80"}),
        ("lectures", {"lecture": "hourglass", "step": "2"}),
        ("lectures", {"lecture": "resnet", "step": "4"}),
        ("atlas", {"find": "attention"}),
    ],
)
def test_a_widget_shows_what_the_session_holds(page: str, query: dict[str, Any]) -> None:
    at = AppTest.from_file(str(PAGES / f"{page}.py"), default_timeout=240)
    for name, value in query.items():
        at.query_params[name] = value
    at.run()
    at.run()
    assert not at.exception
    found = list(shown_by_a_later_run(at))
    assert found
    assert [(key, held, default) for key, held, default in found if held != pytest.approx(default)] == []
