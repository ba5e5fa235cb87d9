"""A user of the Explore page: turns a knob and reads the new figures, formulas and graph; enters what cannot be; measures what does not fit."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import PATIENCE, PLACES, App, Complaints, exceptions, open_page, settled

# All text of a place, through open shadow roots.
READ = """
place => {
  const text = node => [...node.childNodes].map(n => n.nodeType === 3 ? n.data : text(n)).join(" ") + (node.shadowRoot ? text(node.shadowRoot) : "");
  const found = document.querySelector(place);
  return found ? text(found) : "";
}
"""


def texts(page: Page) -> dict[str, str]:
    return {place: page.evaluate(READ, place) for place in PLACES}


def knob(name: str) -> str:
    """CSS of a knob's input."""
    return f"[class*='st-key-k'][class*='{name}'] input"


def test_a_turned_knob_shows_new_figures_formulas_and_graph(app: App, page: Page, complaints: Complaints) -> None:
    open_page(page, f"{app.url}/explore?net=bottleneck")
    page.wait_for_function(f"({READ})('.st-key-graph .stBidiComponent').includes('64')")
    settled(page)
    before = texts(page)
    assert all(before.values()), before
    field = page.locator(knob("c_mid")).first
    field.focus()
    field.press("ArrowUp")
    page.wait_for_function(f"old => ({READ})('.st-key-headline') !== old", arg=before[".st-key-headline"])
    page.wait_for_function(f"old => ({READ})('.st-key-graph .stBidiComponent') !== old", arg=before[".st-key-graph .stBidiComponent"])
    settled(page)
    after = texts(page)
    assert all(after[place] != before[place] for place in PLACES)
    expect(page).to_have_url(re.compile(r"c_mid=72"))
    assert page.locator(".st-key-formulas .katex [style*='color']").count() > 0  # the terms that the knob moved are lit
    assert exceptions(page) == []
    assert complaints.found == []


@pytest.mark.parametrize("name", ["resnet50", "mobilenet_v2", "bottleneck"])
def test_figures_graph_and_formula_are_in_sight_together(app: App, page: Page, name: str) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    open_page(page, f"{app.url}/explore?net={name}")
    settled(page)
    figures = page.locator(".st-key-headline .stMetric")
    expect(figures).to_have_count(5)
    formula = page.locator(".st-key-formulas [data-testid=stMarkdown]").first
    expect(formula).to_contain_text(re.compile("Parameters|MACs"))
    for thing in [*figures.all(), page.locator(".viewer").first]:
        box = thing.bounding_box()
        assert box is not None
        assert box["y"] >= 0
        assert box["y"] + box["height"] <= 720
    letters = formula.locator(".katex").first.bounding_box()
    assert letters is not None
    assert letters["y"] + letters["height"] <= 720
    stage, sheet = (page.locator(f".viewer {part}").first.bounding_box() for part in (".stage", ".sheet"))
    assert stage is not None
    assert sheet is not None
    if name != "bottleneck":  # the whole top level of a network
        assert sheet["y"] >= stage["y"] - 1
        assert sheet["y"] + sheet["height"] <= stage["y"] + stage["height"] + 1
        assert sheet["width"] <= stage["width"] + 1


def test_rows_of_choices_are_whole(app: App, page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    rows = page.locator("[data-testid=stButtonGroup] :is([role=radiogroup], [role=toolbar])")
    for address, count in (("explore?net=densenet161&lang=zh", 6), ("explore?net=densenet161", 6), ("inside?net=resnet18", 1)):
        open_page(page, f"{app.url}/{address}")
        expect(rows.nth(count - 1)).to_be_visible()
        assert rows.evaluate_all("all => all.filter(row => row.scrollWidth > row.clientWidth).map(row => row.ariaLabel)") == []


def test_on_a_phone_the_figures_come_before_the_graph(app: App, page: Page) -> None:
    page.set_viewport_size({"width": 375, "height": 812})
    open_page(page, f"{app.url}/explore?net=resnet50&groups=2")
    settled(page)
    figures, graph, latency = (page.locator(place).first.bounding_box() for place in (".st-key-headline", ".st-key-graph", ".st-key-device"))
    assert figures is not None
    assert graph is not None
    assert latency is not None
    assert 0 < figures["y"] + figures["height"] <= graph["y"] < latency["y"]
    assert figures["y"] + figures["height"] <= 812  # in sight at once
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    page.locator("[data-testid=stExpandSidebarButton]").click()
    close, language = page.locator("[data-testid=stSidebarCollapseButton]").bounding_box(), page.locator(".st-key-language").bounding_box()
    assert close is not None
    assert language is not None
    assert close["x"] + close["width"] <= language["x"]


def test_a_link_restores_network_knobs_input_and_view(app: App, page: Page) -> None:
    open_page(page, f"{app.url}/explore?net=resnet18&se_ratio=8&batch=2&dtype=bfloat16&side=160")
    main = page.locator("[data-testid=stMain]")
    expect(main).to_contain_text("2 × 3 × 160 × 160")
    expect(page.locator("[data-testid=stSidebar]").get_by_label("Batch")).to_have_value("2")
    there = texts(page)[".st-key-headline"]
    open_page(page, page.url)
    assert texts(page)[".st-key-headline"] == there


def test_text_where_a_list_of_numbers_belongs_leaves_the_last_good_picture(app: App, page: Page) -> None:
    open_page(page, f"{app.url}/explore?net=resnet18")
    good = texts(page)[".st-key-headline"]
    field = page.locator(knob("depths")).first
    field.fill("two, many")
    field.press("Enter")
    expect(page.get_by_text("must be whole numbers such as 3,4,6,3").first).to_be_visible()
    settled(page)
    assert texts(page)[".st-key-headline"] == good
    assert exceptions(page) == []


def test_a_batch_that_does_not_fit_is_refused_and_the_app_goes_on(app: App, page: Page) -> None:
    open_page(page, f"{app.url}/explore?net=resnet50&batch=4096&side=1024")
    page.get_by_text("Measure", exact=True).first.click()
    expect(page.get_by_text(re.compile("needs about")).first).to_be_visible(timeout=PATIENCE)
    assert exceptions(page) == []
    before = texts(page)[".st-key-headline"]
    field = page.locator("[data-testid=stSidebar]").get_by_label("Batch")
    field.fill("1")
    field.press("Enter")
    page.wait_for_function(f"old => ({READ})('.st-key-headline') !== old", arg=before)
    assert exceptions(page) == []
