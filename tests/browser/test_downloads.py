"""What is saved looks like the page: the offline file's text is where the page has it, and files say network, knobs and day."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.harness import App, open_page
from viz.kit.naming import today

PATIENCE = 60_000  # milliseconds
# Every label with its box in the scene's own coordinates, and its size and weight.
LABELS = """viewer => [...viewer.querySelectorAll(".sheet svg text")].map((text) => {
  const { x, y, width, height } = text.getBBox(), style = getComputedStyle(text);
  return [`${text.getAttribute("class")} ${text.textContent} ${style.fontSize} ${style.fontWeight}`, x, y, width, height];
}).sort()"""


def opened(page: Page, app: App, query: str) -> Locator:
    open_page(page, f"{app.url}/explore?{query}")
    viewer = page.locator(".viewer").first
    expect(viewer).to_have_attribute("data-ready", re.compile(r"\d+"), timeout=PATIENCE)
    return viewer


def saved(page: Page, button: Locator, folder: Path) -> Path:
    with page.expect_download(timeout=PATIENCE) as waiting:
        button.click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def labels(viewer: Locator) -> list[Any]:
    viewer.page.evaluate("document.fonts.ready.then(() => true)")
    return list(viewer.evaluate(LABELS))


@pytest.mark.parametrize("query", ["net=resnet50&se_ratio=16", "net=densenet_block&direction=LR", "net=inception_v3"])
def test_the_offline_files_text_is_where_the_page_has_it(app: App, page: Page, context: BrowserContext, tmp_path: Path, query: str) -> None:
    viewer = opened(page, app, query)
    there = labels(viewer)
    assert len(there) > 10
    viewer.locator("[data-tool=save]").click()
    file = saved(page, viewer.locator("[data-format=html]"), tmp_path)
    assert file.name.endswith(f"-{today()}.html")
    alone = context.new_page()
    alone.goto(file.as_uri())
    here = labels(alone.locator(".viewer"))
    assert [label[0] for label in here] == [label[0] for label in there]
    for one, other in zip(here, there, strict=True):
        assert one[1:] == pytest.approx(other[1:], abs=0.6), one[0]


def test_a_table_and_a_chart_are_saved_under_network_knobs_and_day(app: App, page: Page, tmp_path: Path) -> None:
    opened(page, app, "net=resnet18&se_ratio=16&_tab=memory")
    chart = page.locator(".st-key-memory-timeline-chart")
    expect(chart.locator(".gtitle")).to_contain_text(f"resnet18, SE ratio 16 · {today()}", timeout=PATIENCE)
    chart.hover()
    picture = saved(page, chart.locator("[data-title*=ownload]"), tmp_path)
    assert picture.name == f"resnet18_SE_ratio_16-memory-{today()}.svg"
    assert f"resnet18, SE ratio 16 · {today()}" in picture.read_text()
    numbers = saved(page, page.locator(".st-key-memory-timeline-csv button"), tmp_path)
    assert numbers.name == f"resnet18_SE_ratio_16-memory-{today()}.csv"
    assert numbers.read_text().startswith("operation,activations alive (B),network,date\n")
    open_page(page, f"{app.url}/explore?net=resnet18&_tab=layers")
    table = page.locator(".st-key-layers-table")
    table.hover()
    expect(table.locator("[data-testid=stElementToolbar]")).to_be_visible(timeout=PATIENCE)
    expect(page.get_by_role("button", name="Download as CSV")).to_have_count(0)
