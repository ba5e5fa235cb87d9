"""The latency beside the graph: what its pictures say, and the panel through a whole measurement, comparison and profile."""

from __future__ import annotations

import base64
import re
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from blocks.latency import lab
from viz.explore.latency_figure import HEIGHT, bars, figure, milliseconds, verdict_figure


def drawing(html: str) -> str:
    """The SVG inside of a picture."""
    found = re.search(r"base64,([A-Za-z0-9+/=]+)", html)
    assert found
    return base64.b64decode(found[1]).decode()


def test_a_figure_says_median_interval_and_note() -> None:
    html = figure(0.0413, 0.0409, 0.0418, [0.041, 0.042, 0.0405], "n = 3 <b>", False)
    assert "41.30" in html
    assert "95 % in 40.90 – 41.80 ms" in html
    assert "n = 3 &lt;b&gt;" in html
    assert drawing(html).count("h0") == 3
    assert "opacity:0.45" in figure(1.0, None, None, (), "", True, stale=True)


def test_an_empty_figure_takes_as_much_room() -> None:
    empty, full = figure(None, None, None, (), "", False), figure(0.1, 0.09, 0.11, [0.1] * 500, "n", False)
    assert f"height:{HEIGHT}px" in empty
    assert f"height:{HEIGHT}px" in full
    assert empty.count("<div") == full.count("<div")
    assert "h0" not in drawing(empty)


def test_samples_stay_inside_of_the_picture() -> None:
    svg = drawing(figure(1.0, 0.9, 1.2, [1.0, 1.1, 50.0, 0.9] * 30, "", False))
    heights = [float(v) for v in re.findall(r"M[\d.]+ ([\d.-]+)h0", svg)]
    assert heights
    assert all(0 <= v <= HEIGHT for v in heights)


@pytest.mark.parametrize(("ratio", "side"), [(1.3, "right"), (0.7, "left")])
def test_a_verdict_lies_on_its_side_of_one(ratio: float, side: str) -> None:
    svg = drawing(verdict_figure({"ratio": ratio, "low": ratio * 0.95, "high": ratio * 1.05}, False, 0.02))
    place = float(re.search(r"<circle cx='([\d.]+)'", svg)[1])  # type: ignore[index]
    assert (place > 150) == (side == "right")
    assert "<circle" not in drawing(verdict_figure(None, False, 0.02))
    assert "<circle" not in drawing(verdict_figure({"ratio": None, "low": None, "high": None}, True, 0.02))


def test_bars_are_relative_to_the_longest() -> None:
    html = bars([("stem & conv", 0.004, "#123456"), ("head", 0.001, "#654321")], 0.008, False)
    assert "width:100.0%" in html
    assert "width:25.0%" in html
    assert "4.00 ms · 50 %" in html
    assert "stem &amp; conv" in html


def test_milliseconds() -> None:
    assert (milliseconds(0.0123456), milliseconds(None), milliseconds(1.5)) == ("12.35", "–", "1500")


# --- The panel -------------------------------------------------------------------------------------------


def panel(name: str, side: int, **knobs: Any) -> AppTest:
    """The panel by itself, on a choice."""

    def script(name, side, knobs):  # type: ignore[no-untyped-def]
        from viz.explore.latency_panel import latency_panel
        from viz.kit.choice import Choice

        latency_panel(Choice(name, knobs, side=side))

    return AppTest.from_function(script, args=(name, side, knobs), default_timeout=240)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Measurements of a second at most."""
    import viz.explore.latency_panel as module

    old = module.experiment_of

    def short(choice: Any, device: str) -> lab.Experiment:
        from dataclasses import replace

        return replace(old(choice, device), threads=1, limits=lab.Limits(min_samples=6, max_samples=30, max_seconds=1.0, warmup_seconds=0.05))

    monkeypatch.setattr(module, "experiment_of", short)
    yield
    lab.shutdown()


def after(app: AppTest, done: Callable[[AppTest], bool], seconds: float = 120.0) -> AppTest:
    """Run again as the page's timer would, until ``done``."""
    end = time.monotonic() + seconds
    while not done(app) and time.monotonic() < end:
        time.sleep(0.3)
        app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    return " ".join([*(c.value for c in app.caption), *(m.value for m in app.markdown), *(h.proto.body for h in app.get("html"))])


def test_the_panel_measures_compares_and_profiles() -> None:
    app = panel("squeezenet1_1", 64).run()
    assert not app.exception
    assert "not measured yet" in said(app)
    app.toggle(key="measure").set_value(True).run()
    after(app, lambda a: "images/s" in said(a))
    app.toggle(key="measure").set_value(False).run()
    app.segmented_control(key="latency_view").set_value("versus").run()
    assert app.button(key="versus_start").disabled is False, "another resolution is not the preset"
    app.button(key="versus_start").click().run()
    after(app, lambda a: "interleaved rounds" in said(a))
    assert re.search(r"faster than|No difference larger|Not yet decided", said(app))
    app.segmented_control(key="latency_view").set_value("operations").run()
    app.button(key="operations_start").click().run()
    after(app, lambda a: "ms in operations" in said(a))


def test_the_preset_is_not_compared_with_itself() -> None:
    app = panel("squeezenet1_1", 224).run()
    app.segmented_control(key="latency_view").set_value("versus").run()
    assert not app.exception


def test_a_type_that_is_not_measured_says_so() -> None:
    def script() -> None:
        from viz.explore.latency_panel import latency_panel
        from viz.kit.choice import Choice

        latency_panel(Choice("squeezenet1_1", dtype="float64"))

    app = AppTest.from_function(script, default_timeout=240).run()
    assert not app.exception
    assert "float64 is counted but not measured" in app.info[0].value
