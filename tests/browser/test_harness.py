"""The harness sees what it should see: values, complaints and exceptions of a page."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import App, Complaints, exceptions, open_page, serve, settled, shoot


def test_turning_the_bare_knob_shows_its_value(bare: App, page: Page, complaints: Complaints, tmp_path: Path) -> None:
    open_page(page, bare.url)
    page.get_by_role("slider").press("ArrowRight")
    expect(page.locator(".st-key-figure")).to_have_text("The knob is at 5")
    assert complaints.found == []
    assert shoot(settled(page), tmp_path / "bare.png").stat().st_size > 1000


def test_complaints_are_heard(bare: App, page: Page, complaints: Complaints) -> None:
    open_page(page, bare.url)
    page.evaluate("console.error('in the console'); setTimeout(() => { throw new Error('thrown') })")
    page.wait_for_timeout(100)
    assert any("in the console" in said for said in complaints.found)
    assert any("thrown" in said for said in complaints.found)


def test_an_exception_of_a_page_is_seen_without_its_traceback(page: Page, tmp_path: Path) -> None:
    script = tmp_path / "broken.py"
    script.write_text("import streamlit as st\nst.title('Broken')\nraise ValueError('inner words')\n")
    with serve(tmp_path / "home", script) as running:
        shown = exceptions(open_page(page, running.url))
        assert len(shown) == 1
        assert "inner words" not in shown[0]
        assert "inner words" in running.said()


def test_a_script_that_cannot_start_is_said(tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="the app ended with"), serve(tmp_path / "home", tmp_path / "missing.py"):
        pass


def test_the_app_ends_by_its_id(tmp_path: Path) -> None:
    script = tmp_path / "page.py"
    script.write_text("import streamlit as st\nst.title('Short')\n")
    with serve(tmp_path / "home", script) as running:
        os.kill(running.process.pid, 0)
    with pytest.raises(ProcessLookupError):
        os.kill(running.process.pid, 0)
