"""Access: axe finds nothing serious, the keyboard reaches everything with a visible focus, and an error pushes nothing."""

from __future__ import annotations

import os
from typing import Any, Literal

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.harness import ROOT, App, open_page

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PAGES = ("", "explore", "compare", "scaling", "space", "latency", "lectures")
#: Further states of the pages, with what one state alone shows.
STATES = ("explore?net=mbconv&tab=code", "compare?v=resnet18&v=resnet34&v=resnet50", "explore?net=resnet50&groups=7", "lectures?lecture=resnet&step=2")
WINDOWS: tuple[tuple[Literal["light", "dark"], int, int], ...] = (("light", 1280, 720), ("dark", 1280, 720), ("dark", 375, 812))
LAPTOP = {"width": 1280, "height": 720}

RUN_AXE = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
  .filter(found => ["serious", "critical"].includes(found.impact))
  .flatMap(found => found.nodes.map(node => `${found.id}: ${node.html.slice(0, 120)} ${node.any.map(check => check.message).join(" ")}`))"""


def serious(page: Page) -> list[str]:
    """What axe finds serious or critical on the page."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    found: list[str] = page.evaluate(RUN_AXE)
    return found


def ready(page: Page, url: str) -> Page:
    """The page behind ``url``, with its charts and graphs drawn."""
    open_page(page, url)
    page.wait_for_function("() => [...document.querySelectorAll('.stPlotlyChart')].every(chart => chart.querySelector('.main-svg'))")
    return page


@pytest.fixture
def axe() -> None:
    """axe-core, which ``make test`` installs with ESLint. Without it the test skips; where CI is set it fails."""
    if not AXE.exists():
        missing = "no axe-core: sh scripts/node.sh installs it"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)


@pytest.mark.parametrize(("theme", "width", "height"), WINDOWS, ids=["light", "dark", "phone"])
def test_axe_finds_nothing_serious_on_any_page(axe: None, browser: Browser, app: App, theme: Literal["light", "dark"], width: int, height: int) -> None:
    context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
    page = context.new_page()
    found: dict[str, list[Any]] = {address: serious(ready(page, f"{app.url}/{address}")) for address in (*PAGES, *STATES)}
    context.close()
    assert {address: complaints for address, complaints in found.items() if complaints} == {}
