"""The first seconds of a page in a slow browser, frame by frame: nothing unstyled is ever painted."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.harness import App, settled

_WATCH = (Path(__file__).parent / "film.js").read_text()
_SLOW = {"offline": False, "latency": 40, "downloadThroughput": 1_500_000, "uploadThroughput": 500_000}  # milliseconds; bytes per second


@pytest.mark.parametrize("address", ["explore?net=resnet18", "compare?v=net%3Dresnet18&v=net%3Dvgg11", "lectures?lecture=resnet&step=2"])
def test_nothing_unstyled_is_painted_while_a_page_loads_for_the_first_time(app: App, browser: Browser, address: str) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 720})  # an empty cache: the first visit
    page = context.new_page()
    page.add_init_script(_WATCH)
    tools = context.new_cdp_session(page)
    tools.send("Network.enable")
    tools.send("Network.emulateNetworkConditions", _SLOW)
    tools.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(f"{app.url}/{address}", wait_until="commit")
    expect(page.locator(".viewer .sheet svg").first).to_be_visible(timeout=300_000)
    settled(page, 300)
    film = page.evaluate("window.film")
    context.close()
    assert film["graphs"] > 0
    assert film["seen"] == {}
