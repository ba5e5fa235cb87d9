"""The Compare page in a browser: one link, one page; graphs in step; a report that opens by itself."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.harness import PATIENCE, App, Complaints, exceptions, open_page, settled
from viz.kit.choice import Choice
from viz.kit.links import Variant, compare_link

LINK = compare_link([Variant(Choice("resnet18", {"se_ratio": 8}), "with gates"), Variant(Choice("resnet18"), colour=3), Choice("vgg11")]).url


def shown(page: Page, url: str) -> Page:
    """The comparison at ``url``, once its last part stands there."""
    open_page(page, url)
    expect(page.get_by_role("button", name="Report as PDF")).to_be_visible(timeout=PATIENCE)
    return settled(page)


def figures(page: Page) -> list[str]:
    """Every cell of the headline table, by row."""
    return page.locator("table.figures").first.locator("td, th").all_inner_texts()


def test_a_link_in_a_fresh_browser_shows_the_same_page(app: App, browser: Browser, page: Page, complaints: Complaints) -> None:
    shown(page, app.url + LINK)
    seen, address = figures(page), page.url
    assert "A · with gates" in " ".join(seen)
    assert exceptions(page) == []
    fresh = browser.new_context(viewport={"width": 1280, "height": 720}, color_scheme="light")
    try:
        other = shown(complaints.watch(fresh.new_page()), address)
        assert figures(other) == seen
        assert other.url == address
        bars = [other.locator("table.figures thead i").nth(i).evaluate("e => e.style.background") for i in range(3)]
        assert bars == [page.locator("table.figures thead i").nth(i).evaluate("e => e.style.background") for i in range(3)]
        assert len(set(bars)) == 3
    finally:
        fresh.close()
    assert complaints.found == []


def test_graphs_open_and_move_in_step(app: App, page: Page) -> None:
    shown(page, app.url + compare_link([Choice("resnet18"), Choice("resnet18", {"se_ratio": 8})]).url)
    graphs = page.locator(".st-key-compare-graphs .viewer")
    expect(graphs).to_have_count(2)
    graphs.first.get_by_role("button", name="Blocks", exact=True).click()
    expect(graphs.nth(1).get_by_role("button", name="Blocks", exact=True)).to_have_attribute("aria-pressed", "true", timeout=PATIENCE)
    settled(page)
    picture = graphs.nth(1).locator("svg.graph")
    before = picture.bounding_box()
    graphs.first.get_by_role("button", name="Zoom in").click()
    assert before is not None
    for _ in range(200):  # the other graph follows in frames of its own
        box = picture.bounding_box()
        if box is not None and box["width"] > 1.05 * before["width"]:
            break
        page.wait_for_timeout(100)
    else:
        raise AssertionError(f"the second graph did not follow: {before} became {picture.bounding_box()}")


def test_a_selection_is_carried_to_another_family(app: App, page: Page) -> None:
    shown(page, app.url + compare_link([Choice("resnet18"), Choice("vovnet27_slim")]).url)
    graphs = page.locator(".st-key-compare-graphs .viewer")
    expect(graphs).to_have_count(2)
    graphs.first.locator("g.node", has_text="stages.0").first.click()
    selected = page.locator("table.figures.quiet", has_text="Selected")
    expect(selected).to_be_visible(timeout=PATIENCE)
    said = selected.locator("tbody tr").first.locator("td").all_inner_texts()
    assert said[0].startswith("stages.0")
    assert said[1] != "nothing stands for it"
    expect(graphs.nth(1).locator("aside.card")).to_be_visible(timeout=PATIENCE)


def test_a_broken_variant_is_said_and_the_rest_is_shown(app: App, page: Page) -> None:
    shown(page, f"{app.url}/compare?v=net%3Dresnet5O&v=net%3Dresnet18&v={'x' * 2500}")
    errors = page.get_by_test_id("stAlertContentError")
    expect(errors).to_have_count(2)
    expect(errors.first).to_contain_text("Variant 1: name = 'resnet5O'")
    expect(errors.nth(1)).to_contain_text("Variant 3: its part of the link has 2,500 characters")
    assert "11.69 M" in " ".join(figures(page))


@pytest.mark.parametrize("place", ["compare", "latency"])
def test_a_refused_setting_has_ways_out(app: App, page: Page, place: str) -> None:
    open_page(page, f"{app.url}/{place}?v=net%3Dresnet18&v=net%3Dbottleneck%26groups%3D3")
    errors = page.get_by_test_id("stAlertContentError")
    expect(errors).to_have_count(1, timeout=PATIENCE)
    expect(errors).to_contain_text("groups 3 cannot be used here")
    expect(errors).to_contain_text("Channels C_mid")
    page.get_by_role("button", name=re.compile("^Use groups (2|4)$")).first.click()
    expect(errors).to_have_count(0, timeout=PATIENCE)
    page.wait_for_url(re.compile(r"groups%3D(2|4)"), timeout=PATIENCE)
    open_page(page, f"{app.url}/{place}?v=net%3Dresnet18&v=net%3Dbottleneck%26groups%3D3")
    page.get_by_role("button", name="As published").click()
    expect(errors).to_have_count(0, timeout=PATIENCE)
    page.wait_for_url(re.compile(r"v=net%3Dbottleneck(&|$)"), timeout=PATIENCE)


def test_the_report_opens_without_the_app_and_fetches_nothing(app: App, page: Page, browser: Browser, tmp_path: Path) -> None:
    shown(page, app.url + compare_link([Choice("bottleneck"), Choice("basic_block")]).url)
    for label, suffix in (("Report as HTML", "html"), ("Report as PDF", "pdf")):
        with page.expect_download(timeout=2 * PATIENCE) as started:
            page.get_by_role("button", name=label).click()
        started.value.save_as(tmp_path / f"report.{suffix}")
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF-1.")
    offline = browser.new_context(offline=True)
    try:
        asked: list[str] = []
        report = offline.new_page()
        report.on("request", lambda request: asked.append(request.url))
        report.goto((tmp_path / "report.html").as_uri())
        assert len(asked) == 1
        assert report.locator("math").count() > 5
        assert report.locator("svg").count() >= 6
        assert figures(report)[:3] == ["", "A · bottleneck", "B · basic_block"]
        for width in (1280, 375):  # the live page's long address wraps
            report.set_viewport_size({"width": width, "height": 720})
            assert report.evaluate("document.documentElement.scrollWidth <= innerWidth")
    finally:
        offline.close()
