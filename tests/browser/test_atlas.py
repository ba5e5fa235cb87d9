"""The Atlas in a browser: the map is drawn, a click opens a family, a link leads into Explore, and it all fits the window."""

from __future__ import annotations

from playwright.sync_api import BrowserContext, Page, expect

from blocks import catalog
from blocks.catalog import lineage
from tests.browser.harness import PATIENCE, App, Complaints, open_page, settled

NODE = ".atlas .node"
#: The fonts are there, and the map is drawn for the room that it has in this window; it is drawn anew a frame after that has changed.
DRAWN_ANEW = """async (root) => {
  await document.fonts.ready;
  const fits = () => Math.abs(root.querySelector("svg").getAttribute("width") - Math.max(root.clientWidth, 760)) <= 1;
  for (let still = 0; still < 5; still = fits() ? still + 1 : 0) await new Promise(requestAnimationFrame);
}"""


def test_a_click_on_the_map_tells_the_family_and_a_preset_opens_in_explore(app: App, page: Page, complaints: Complaints) -> None:
    open_page(page, app.url)
    expect(page.locator(NODE)).to_have_count(len(catalog.families()))
    expect(page.locator(".atlas .edge")).to_have_count(len(lineage.EDGES))
    page.locator(f"{NODE}[data-family=resnet]").click()
    expect(page).to_have_url(f"{app.url}/?family=resnet")
    expect(page.locator(f"{NODE}[data-family=resnet]")).to_have_class("node i-shortcut chosen")
    expect(page.locator(f"{NODE}[data-family=siamese]")).to_have_class("node i-stack dim")
    page.get_by_role("link", name="resnet34", exact=True).click()
    expect(page.get_by_role("heading", name="resnet34")).to_be_visible(timeout=PATIENCE)
    assert "/explore?net=resnet34" in page.url
    assert complaints.found == []


def test_the_keyboard_chooses_and_a_link_restores_in_a_fresh_browser(app: App, context: BrowserContext) -> None:
    page = open_page(context.new_page(), f"{app.url}/?family=vit&find=attention")
    expect(page.get_by_role("heading", name="ViT", exact=True)).to_be_visible()
    expect(page.locator("input[placeholder^=Search]")).to_have_value("attention")
    page.locator(f"{NODE}[data-family=vgg]").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="VGG", exact=True)).to_be_visible()
    expect(page).to_have_url(f"{app.url}/?family=vgg&find=attention")


def test_no_box_covers_another_and_no_text_leaves_its_box(app: App, page: Page) -> None:
    open_page(page, app.url)
    for size in ((1280, 720), (1920, 1080), (390, 844)):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        apart_and_whole(settled(page), size[0])


def apart_and_whole(page: Page, width: int) -> None:
    """Every family has its box on the map, whole and by itself."""
    expect(page.locator(NODE)).to_have_count(len(catalog.families()))
    page.locator(".atlas").evaluate(DRAWN_ANEW)
    boxes = page.locator(NODE).evaluate_all(
        "nodes => nodes.map(n => [n.dataset.family, n.querySelector('rect').getBoundingClientRect().toJSON(), n.querySelector('text').getBoundingClientRect().toJSON()])"
    )
    for family, box, text in boxes:
        assert 0 <= box["left"] < box["right"] <= max(width, 800), family  # a phone scrolls the map sideways
        assert box["left"] <= text["left"] < text["right"] <= box["right"], family
    for i, (family, a, _) in enumerate(boxes):
        for other, b, _ in boxes[i + 1 :]:
            apart = a["right"] <= b["left"] or b["right"] <= a["left"] or a["bottom"] <= b["top"] or b["bottom"] <= a["top"]
            assert apart, (family, other)


def test_hits_stand_under_the_field_while_one_types_and_back_undoes_the_search_at_once(app: App, page: Page, complaints: Complaints) -> None:
    open_page(page, app.url)
    page.locator(".st-key-find input").press_sequentially("resnet", delay=20)
    hits = page.locator(".st-key-hits a")
    expect(hits.first).to_have_text("resnet18")  # nothing but typing was done
    page.keyboard.type("50")
    expect(hits.first).to_have_text("resnet50")
    expect(page).to_have_url(f"{app.url}/?find=resnet50")
    settled(page)
    page.go_back()
    expect(page.locator(".st-key-hits")).to_contain_text("For instance")
    page.go_forward()
    expect(page.locator(".st-key-hits")).not_to_contain_text("For instance")  # one of the examples is resnet50 too
    expect(hits.first).to_have_text("resnet50")
    settled(page)
    hits.first.click()
    expect(page.get_by_role("heading", name="resnet50", exact=True)).to_be_visible(timeout=PATIENCE)
    assert complaints.found == []


def test_a_skipped_tour_stays_skipped_and_can_still_be_taken(app: App, page: Page) -> None:
    open_page(page, app.url)
    page.locator(".tour").get_by_role("button", name="Skip").click()
    page.reload()
    settled(page)
    expect(page.locator(".tour button")).to_have_text(["Tour"])
    page.locator(".tour .take").click()
    card, ring = page.locator(".tour .stop"), page.locator(".tour .ring")
    for number in range(1, 5):
        expect(card).to_contain_text(f"{number} of 4")
        expect(ring).to_be_visible()  # what it points at is there
        page.keyboard.press("Enter")
    expect(card).to_have_count(0)
    page.reload()
    settled(page)
    expect(page.locator(".tour button")).to_have_text(["Tour"])


def test_links_are_underlined_and_coloured(app: App, page: Page) -> None:
    open_page(page, app.url)
    link = page.locator(".st-key-ways a p").first
    seen = link.evaluate("p => [getComputedStyle(p).textDecorationLine, getComputedStyle(p).color, getComputedStyle(document.querySelector('h1')).color]")
    assert seen[0] == "underline"
    assert seen[1] != seen[2]
