"""Texts of charts never meet: names of points, ticks, titles and legends are measured on every page with charts, at four widths (two by ``make test``), and in a saved picture."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import PATIENCE, App, open_page, settled
from tests.thorough import spread

CHART_TEXTS = (Path(__file__).parent / "charts.js").read_text()
_WIDTHS = (1920, 1280, 820, 375)
_BOARD = "v=net%3Dresnet18&v=net%3Dmobilenet_v2"
_PAGES = {
    "atlas": "",
    "explore, stages": "explore?net=squeezenet1_1&_tab=stages",
    "explore, memory": "explore?net=squeezenet1_1&_tab=memory",
    "compare": f"compare?{_BOARD}",
    "scaling": "scaling?net=mobilenet_v2",
    "scaling, two knobs": "scaling?net=mobilenet_v2&y=side",
    "scaling, compound": "scaling?view=compound",
    "scaling, accuracy": "scaling?view=published",
    "space": "space?net=mobilenet_v2&n=40&move=width_mult,side,expansion&max.macs=300000000",
    "latency, predictors": f"latency?{_BOARD}&section=predict",
    "devices": "devices?net=mobilenet_v2&width_mult=0.5",
    "devices, FLOPs": "devices?view=flops",
    "latency, roofline": f"latency?{_BOARD}&section=roofline",
}


def at_rest(page: Page) -> list[str]:
    """What meets or is cut in the page's charts, once two looks some frames apart see the same."""
    found: list[str] = page.evaluate(
        """async () => {
            const frames = async (n) => { for (; n > 0; n--) await new Promise(requestAnimationFrame); };
            const look = () => JSON.stringify([innerWidth, chartTexts()]);
            for (let before = "", tries = 0; before !== look(); tries++) {
                if (tries > 200) return ["never comes to rest", ...chartTexts()];
                before = look();
                await frames(20);
            }
            return chartTexts();
        }"""
    )
    return found


@pytest.mark.parametrize("address", _PAGES.values(), ids=_PAGES.keys())
def test_no_texts_of_a_chart_meet(app: App, page: Page, address: str) -> None:
    page.set_viewport_size({"width": _WIDTHS[0], "height": 1000})
    page.add_init_script(CHART_TEXTS)
    open_page(page, f"{app.url}/{address}")
    expect(page.locator(".js-plotly-plot svg text").first).to_be_attached(timeout=PATIENCE)
    met = {}
    for width in spread(_WIDTHS, 2, list(_PAGES.values()).index(address)):
        page.set_viewport_size({"width": width, "height": 1000})
        settled(page)
        if found := at_rest(page):
            met[width] = found
    assert met == {}


def test_a_saved_picture_has_the_names_that_the_page_shows(app: App, page: Page) -> None:
    page.set_viewport_size({"width": 820, "height": 1000})
    page.add_init_script(CHART_TEXTS)
    open_page(page, f"{app.url}/{_PAGES['scaling']}")
    names = page.locator(".textpoint text:not([visibility=hidden])")
    expect(page.locator(".textpoint text")).to_have_count(5)
    assert at_rest(page) == []
    page.locator(".js-plotly-plot").hover()
    with page.expect_download() as started:
        page.locator(".modebar-btn[data-title*='Download']").click()
    texts = re.findall(r"<text[^>]*>mobilenet_v2\w*<", started.value.path().read_text())
    saved = [text.split(">")[1].rstrip("<") for text in texts if 'visibility="hidden"' not in text]
    assert 0 < len(saved) < len(texts) == 5
    assert sorted(saved) == sorted(names.all_text_contents())
