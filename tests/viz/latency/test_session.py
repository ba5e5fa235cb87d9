"""Keys of the page's tasks, and the line on what runs in other sections."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
import streamlit as st

from viz.latency import session


def test_a_key_names_its_section() -> None:
    assert session.task_key("profile") == "latency.profile"
    assert session.task_key("measure", 1000) == "latency.measure.1000"
    assert session.task_key("measure", 0) == "latency.measure.0"
    assert [session._section_of(k) for k in ("latency.profile", "latency.measure.1000")] == ["profile", "measure"]


def test_what_is_under_way_elsewhere_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    monkeypatch.setattr(st, "caption", lines.append)

    def task(over: bool, phase: str = "", n: int = 0) -> Any:
        return SimpleNamespace(over=over, status=SimpleNamespace(phase=phase, state="queued", n=n))

    session._elsewhere({"latency.profile": task(False, "warming up", 7), "latency.versus": task(False), "latency.measure.1": task(True)})
    session._elsewhere({"latency.profile": task(True)})
    assert lines[0].endswith("Under way: Where the time goes, warming up, n = 7; A against B, queued.")
    assert "is over" in lines[1]
