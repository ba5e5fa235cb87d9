"""Drawing a result on a page of a test, and reading back the charts that it shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from streamlit.testing.v1 import AppTest

from blocks.experiments.base import ClaimVerdict
from viz.kit.screen import Screen

HOLDS = ClaimVerdict(True)


def drawn(draw: Callable[[Any, Screen, str], None], result: Any, language: str = "en") -> AppTest:
    """The page on which ``draw`` has drawn ``result``."""

    def page(draw, result, screen) -> None:
        draw(result, screen, "picture")

    app = AppTest.from_function(page, args=(draw, result, Screen(language, "step"))).run()
    assert not app.exception
    return app


def charts(app: AppTest) -> list[dict[str, Any]]:
    """The plotly charts of a page, as the browser gets them: ``data`` and ``layout``."""
    return [json.loads(element.proto.spec) for element in app.get("plotly_chart")]


def chart_of(draw: Callable[[Any, Screen, str], None], result: Any, language: str = "en") -> dict[str, Any]:
    """The one chart that ``draw`` makes of ``result``."""
    (found,) = charts(drawn(draw, result, language))
    return found


def titles(chart: dict[str, Any]) -> list[str]:
    """What stands above the panes."""
    return [note["text"] for note in chart["layout"].get("annotations", [])]


def named(chart: dict[str, Any], name: str) -> dict[str, Any]:
    """The first trace called ``name``."""
    return next(trace for trace in chart["data"] if trace.get("name") == name)


def of_type(chart: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    """Its traces of a type: "scatter", "bar", "heatmap", "image", "histogram"."""
    return [trace for trace in chart["data"] if trace["type"] == kind]
