"""Design space and Scaling in a browser: a brush filters, a link restores in a fresh browser."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import BrowserContext, Error, FloatRect, Locator, Page, expect

from tests.browser.harness import PATIENCE, App, Complaints, open_page, settled

SMALL = "net=mobilenet_v2&n=40&move=width_mult,side"


def counted(page: Page) -> Page:
    """The page when its sample is counted and drawn."""
    expect(page.locator("[data-testid=stMetricValue]").first).to_have_text("40")
    expect(page.get_by_text("a box filters")).to_be_visible(timeout=PATIENCE)
    return settled(page)


def plot(page: Page) -> FloatRect:
    """Where the first chart's points may be."""
    layer = page.locator(".js-plotly-plot .nsewdrag").first
    layer.wait_for(state="visible", timeout=PATIENCE)
    layer.scroll_into_view_if_needed()
    box = layer.bounding_box()
    assert box is not None
    return box


def until(page: Page, act: Callable[[Page], None], seen: Locator) -> None:
    """Repeat ``act`` until ``seen`` is there: a chart that has just been drawn does not yet listen to the pointer, and does not say when."""
    for _ in range(5):
        try:
            act(page)
            expect(seen.first).to_be_visible(timeout=12_000)
        except (AssertionError, Error):  # the latter: it was drawn anew between being found and being asked where it is
            continue
        return
    expect(seen.first).to_be_visible()


def ours(complaints: Complaints) -> list[str]:
    """Complaints but Plotly's own: it throws while the pointer moves over a chart that is being drawn anew, and goes on."""
    return [said for said in complaints.found if "_hoverlayer" not in said]


def brush(page: Page) -> None:
    """Draw a box over the middle of the chart."""
    box = plot(page)
    page.mouse.move(box["x"] + box["width"] * 0.3, box["y"] + 15)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + box["height"] * 0.5, steps=6)
    page.mouse.move(box["x"] + box["width"] * 0.7, box["y"] + box["height"] - 15, steps=6)
    page.wait_for_timeout(400)  # the chart looks for the points under the box a few times a second
    page.mouse.up()


def test_a_brush_filters_and_a_fresh_browser_shows_the_same_sample(app: App, context: BrowserContext, complaints: Complaints) -> None:
    page = counted(open_page(complaints.watch(context.new_page()), f"{app.url}/space?{SMALL}"))
    first = page.locator("[data-testid=stMetricValue]").all_inner_texts()
    page.get_by_text("a box filters").click()
    settled(page)
    until(page, brush, page.get_by_text("variants brushed"))
    fresh = counted(open_page(context.new_page(), f"{app.url}/space?{SMALL}"))
    assert fresh.locator("[data-testid=stMetricValue]").all_inner_texts() == first
    assert ours(complaints) == []


def click_a_point(page: Page) -> None:
    """Click where the first point of the front is drawn, unless a click before has already led away."""
    if "/space" not in page.url:
        return
    plot(page)
    point = page.locator(".js-plotly-plot .scatterlayer .point").first.bounding_box()
    assert point is not None
    page.mouse.move(point["x"] + point["width"] / 2 + 3, point["y"] + point["height"] / 2 + 3)
    page.mouse.move(point["x"] + point["width"] / 2, point["y"] + point["height"] / 2, steps=3)
    page.wait_for_timeout(300)
    page.mouse.down()
    page.mouse.up()


def test_a_click_on_a_point_opens_the_variant_in_explore_and_back_leads_to_the_budgets(app: App, page: Page, complaints: Complaints) -> None:
    counted(open_page(page, f"{app.url}/space?{SMALL}&max.macs=300000000"))
    figures, address = page.locator("[data-testid=stMetricValue]").all_inner_texts(), page.url
    until(page, click_a_point, page.get_by_text("Peak memory"))
    page.wait_for_url("**/explore?net=mobilenet_v2**", timeout=PATIENCE)
    page.go_back()
    page.wait_for_url(lambda url: parse_qs(urlsplit(url).query) == parse_qs(urlsplit(address).query), timeout=PATIENCE)
    counted(page)
    assert page.locator("[data-testid=stMetricValue]").all_inner_texts() == figures
    assert ours(complaints) == []


def test_scaling_restores_from_its_link_and_moves_with_its_slider(app: App, page: Page, complaints: Complaints) -> None:
    open_page(page, f"{app.url}/scaling?net=resnet18&x=side&of=params&to=256")
    expect(page.get_by_role("heading", name="Parameters of resnet18 over resolution")).to_be_visible(timeout=PATIENCE)
    page.get_by_role("slider").last.press("ArrowLeft")
    page.wait_for_url("**to=224**", timeout=PATIENCE)
    settled(page)
    assert complaints.found == []
