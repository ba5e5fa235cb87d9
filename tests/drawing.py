"""Drawing a result on a page of a test, and reading back the charts that it shows."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from typing import Any

import numpy as np
from streamlit.testing.v1 import AppTest

from blocks.experiments.base import ClaimVerdict
from blocks.language import speaking
from viz.kit.screen import Screen

HOLDS = ClaimVerdict(True)


def page_of(call: Callable[..., Any], *args: Any, **state: Any) -> AppTest:
    """A page that calls ``call`` with ``args``, not yet run; ``state`` is in its session."""

    def page(call, args) -> None:
        call(*args)

    app = AppTest.from_function(page, args=(call, args), default_timeout=240)
    for name, value in state.items():
        app.session_state[name] = value
    return app


def shown(call: Callable[..., Any], *args: Any, **state: Any) -> AppTest:
    """As :func:`page_of`, run once, with no exception."""
    app = page_of(call, *args, **state).run()
    assert not app.exception
    return app


def drawn(draw: Callable[[Any, Screen, str], None], result: Any, language: str = "en") -> AppTest:
    """The page on which ``draw`` has drawn ``result`` for a user of this language."""

    def spoken(*args: Any) -> None:
        with speaking(language):
            draw(*args)

    return shown(spoken, result, Screen("step"), "picture")


def said(app: AppTest) -> str:
    """All sentences of a page."""
    return "\n".join(str(element.value) for kind in ("markdown", "caption", "info", "warning", "error") for element in app.get(kind))


def charts(app: AppTest) -> list[dict[str, Any]]:
    """The plotly charts of a page, as the browser gets them: ``data`` and ``layout``."""
    return [json.loads(element.proto.spec) for element in app.get("plotly_chart")]


def numbers(values: Any) -> list[float]:
    """The numbers of a trace: a list, or plotly's typed array."""
    if isinstance(values, dict):
        values = np.frombuffer(base64.b64decode(values["bdata"]), dtype=values["dtype"])
    return [float(value) for value in values]


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
