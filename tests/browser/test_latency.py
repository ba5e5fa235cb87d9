"""The Latency page in a browser: a measurement from click to figure, the ledger's rows chosen, compared and deleted, and no page too wide."""

from __future__ import annotations

import re
import time

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from blocks.latency.store.ledger import Ledger
from tests.browser.harness import PATIENCE, App, Complaints, exceptions, open_page, settled
from tests.latency.conftest import reported

NETWORK = "v=net%3Dsqueezenet1_1%26side%3D64"


def test_a_network_is_measured_live_and_its_link_restores_the_conditions(app: App, page: Page, complaints: Complaints) -> None:
    open_page(page, f"{app.url}/latency?{NETWORK}&threads=1&seconds=1")
    expect(page.get_by_test_id("stMetricValue")).to_have_text("–")
    page.get_by_role("button", name="Measure", exact=True).click()
    expect(page.get_by_test_id("stMetricValue")).to_have_text(re.compile(r"^[\d.]+ ms$"))
    expect(page.get_by_text("Every sample, and how often")).to_be_visible(timeout=PATIENCE)
    settled(page)
    page.get_by_role("radio", name="Ledger").click()
    expect(page).to_have_url(re.compile(r"section=ledger"))
    settled(page)
    page.get_by_role("radio", name="Measure").click()
    settled(page)
    assert "threads=1" in page.url
    assert "seconds=1" in page.url
    expect(page.get_by_text("eager, 1 thread; at most 1 s")).to_be_visible()
    expect(page.get_by_test_id("stMetricValue")).to_have_text(re.compile(r"^[\d.]+ ms$"))
    assert complaints.found == []


def test_two_results_are_compared_and_one_is_deleted_after_a_question(app: App, page: Page, complaints: Complaints) -> None:
    kept = Ledger(f"sqlite:///{app.log.parent / 'ledger.sqlite'}")
    for i, median in enumerate((0.020, 0.026)):
        kept.add("measure", f"browser{i}", reported(median, time.time() - 20 + i, "regnet_of_this_test"))
    open_page(page, f"{app.url}/latency?{NETWORK}&section=ledger")
    search = page.get_by_role("textbox", name="Network or note")
    search.fill("of_this_test")
    search.press("Enter")
    expect(page.get_by_text("2 of ")).to_be_visible()
    settled(page)
    box = page.get_by_test_id("stDataFrame").first.bounding_box()
    assert box is not None
    for row in (1, 2):  # the marker column; rows are 35 pixels high below a heading of 35
        page.mouse.click(box["x"] + 18, box["y"] + 35 * row + 18)
        settled(page)
    expect(page.get_by_text("The two selected:")).to_be_visible()
    expect(page.get_by_text("1.300 times the earlier time; the intervals are apart")).to_be_visible()
    page.mouse.click(box["x"] + 18, box["y"] + 35 + 18)
    settled(page)
    page.get_by_role("button", name="Delete 1").click()
    assert kept.frame(network="regnet_of_this_test").shape[0] == 2
    page.get_by_role("dialog").get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("1 of ")).to_be_visible()
    assert kept.frame(network="regnet_of_this_test")["median"].tolist() == [0.026]
    kept.delete(["browser1"])
    # On a busy server Streamlit's download button may ask for the file of the table before the row went.
    gone = [said for said in complaints.found if said.startswith("404: ") and "/media/" in said]
    echoes = (
        "console: Failed to load resource: the server responded with a status of 404 (Not Found)",
        "console: Client Error: Download Button source error - 404",
    )
    assert [said for said in complaints.found if said not in gone and not (gone and said in echoes)] == []


@pytest.mark.parametrize("section", ["measure", "versus", "profile", "roofline", "ledger"])
def test_no_section_is_wider_than_a_small_projector(app: App, context: BrowserContext, section: str) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": 1280, "height": 720})
    open_page(page, f"{app.url}/latency?{NETWORK}&v=net%3Dresnet18&v=net%3Dvgg11&v=net%3Dmobilenet_v2&section={section}")
    assert exceptions(page) == []
    wide = page.evaluate("() => { const m = document.querySelector('[data-testid=stMain]'); return m.scrollWidth - m.clientWidth }")
    assert wide <= 0
    for button in page.get_by_role("button").all():
        if button.is_visible():
            place = button.bounding_box()
            assert place is None or place["x"] + place["width"] <= 1280
