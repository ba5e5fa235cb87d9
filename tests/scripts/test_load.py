"""The class of `make load`: its client reads what a session is sent, and its report tells good from bad."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from blocks import analyse
from scripts.load import Assignment, Record, class_of, figures_by_value, memory_of, percentile, report
from scripts.load_client import Client
from tests.browser.harness import ROOT, serve
from viz.kit.figures import HEADLINE
from viz.kit.knob_widgets import main_first
from viz.kit.numbers import short


def finished(work: Coroutine[Any, Any, Any]) -> Any:
    """What ``work`` returns. In a thread of its own: a browser's test before this one in the same process leaves its event loop running here."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, work).result()


def test_a_client_turns_a_widget_and_reads_the_figures(tmp_path: Path) -> None:
    async def turned(url: str) -> list[dict[str, str]]:
        client = await Client.open(url, "", "")
        await client.run()
        first = client.metrics
        await client.turn("knob", 7)
        await client.close()
        return [first, client.metrics]

    with serve(tmp_path, ROOT / "scripts" / "bare_page.py") as app:
        first, second = finished(turned(app.url))
        assert memory_of(app) > 2**20
    assert first == {f"Figure {i}": str(i) for i in range(5)}
    assert second == {f"Figure {i}": str(7 + i) for i in range(5)}


def test_a_class_gets_its_own_figures_and_a_wrong_one_is_found(tmp_path: Path) -> None:
    figures = _figures("bottleneck", "groups")
    wrong = {value: {**texts, "Parameters": "1"} for value, texts in figures.items()}
    record = Record()
    with serve(tmp_path) as app:
        does = [Assignment("bottleneck", "groups", figures), Assignment("bottleneck", "groups", wrong)]
        finished(class_of([app], 2, 20.0, does, record))
    assert len(record.first) == 2
    assert record.turns
    assert 0 < len(record.wrong) < len(record.turns)
    assert all("groups" in words for words in record.wrong), record.wrong


def _figures(name: str, knob: str) -> dict[float, dict[str, str]]:
    from blocks import catalog

    return figures_by_value(name, next(k for k in main_first(catalog.knobs(name))[0] if k.name == knob))


def test_the_figures_are_those_of_the_analysis() -> None:
    found = _figures("bottleneck", "groups")
    assert 2 in found
    assert 3 not in found, "64 channels cannot be split into three groups"
    assert found[2]["Parameters"] == HEADLINE[0].form(analyse("bottleneck", groups=2).params) == short(analyse("bottleneck", groups=2).params)


@pytest.mark.parametrize(
    ("change", "fine"),
    [({}, True), ({"turns": [2.0] * 100}, False), ({"first": [3.5]}, False), ({"wrong": ["x"]}, False), ({"memory": [(60, 100), (120, 140)]}, False)],
)
def test_the_report_tells_good_from_bad(change: dict[str, object], fine: bool, capsys: pytest.CaptureFixture[str]) -> None:
    record = Record([1.0], [0.2] * 96 + [3.0] * 4, [], [(0, 10), (60, 100), (120, 120)])
    vars(record).update(change)
    assert report(record, 50, 120.0) is fine
    assert "50 sessions" in capsys.readouterr().out


def test_percentiles() -> None:
    assert [percentile(list(range(100)), share) for share in (0.0, 0.5, 0.95, 1.0)] == [0, 50, 95, 99]
