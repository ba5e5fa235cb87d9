"""The graph as a user sees it: open, close, search, select, zoom, turn a knob and find the view kept, recolour, download."""

from __future__ import annotations

import base64
import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, Locator, Page, expect

from blocks import analyse
from tests.browser.harness import PATIENCE, App, Complaints, open_page, settled
from viz.graph.export import download
from viz.graph.fold import Fold
from viz.graph.readings import Readings
from viz.graph.view_state import ViewState
from viz.kit.naming import today


def opened(page: Page, app: App, query: str = "net=resnet18") -> Locator:
    """The viewer of the Explore page, drawn."""
    open_page(page, f"{app.url}/explore?{query}")
    viewer = page.locator(".viewer").first
    expect(viewer).to_have_attribute("data-ready", re.compile(r"\d+"), timeout=PATIENCE)
    return viewer


def node(viewer: Locator, id: str) -> Locator:
    return viewer.locator(f'.node[data-id="{id}"]')


def frame(viewer: Locator, id: str) -> Locator:
    return viewer.locator(f'g.frame[data-id="{id}"]')


def camera(viewer: Locator) -> tuple[float, float, float]:
    """Place and scale of the sheet."""
    x, y, k = viewer.evaluate("v => [v.viewer.camera.x, v.viewer.camera.y, v.viewer.camera.k]")
    return x, y, k


def on_screen(viewer: Locator, id: str) -> tuple[float, float]:
    """Where a box or frame stands in the window."""
    x, y = viewer.evaluate("""(v, id) => { const [x, y] = v.viewer.placeOf(id); const c = v.viewer.camera; return [x * c.k + c.x, y * c.k + c.y]; }""", id)
    return x, y


def answered(viewer: Locator, act) -> None:  # type: ignore[no-untyped-def]
    """Do something that asks the server, and wait for its answer."""
    before = int(viewer.get_attribute("data-ready") or 0)
    act()
    viewer.page.wait_for_function(
        "([v, n]) => Number(v.dataset.ready) > n && !v.classList.contains('busy')", arg=[viewer.element_handle(), before], timeout=PATIENCE
    )


def test_a_module_opens_and_closes_where_it_stands(app: App, page: Page, complaints: Complaints) -> None:
    viewer = opened(page, app)
    assert viewer.locator(".node").count() < 15
    start = on_screen(viewer, "stages.1")
    answered(viewer, lambda: node(viewer, "stages.1").locator(".badge-room").click())
    expect(frame(viewer, "stages.1")).to_be_attached()
    expect(node(viewer, "stages.1.0")).to_be_attached()
    # Its top stays; sideways it moves no more than the card that comes up and its own new width ask for.
    assert on_screen(viewer, "stages.1")[1] == pytest.approx(start[1], abs=1.5)
    answered(viewer, lambda: viewer.locator('.framed[data-id="stages.1"] .badge-room').click())
    expect(node(viewer, "stages.1")).to_be_attached()
    assert complaints.found == []


def test_levels_open_more_and_repeats_are_folded(app: App, page: Page) -> None:
    viewer = opened(page, app)
    counts = []
    for level in ("stage", "block", "operation"):
        button = viewer.locator(f"[data-level={level}]")
        if button.get_attribute("aria-pressed") != "true":
            answered(viewer, button.click)
        counts.append(viewer.locator(".node").count())
    assert counts[0] < counts[1] < counts[2]
    assert "×2" in "".join(viewer.locator(".heading").all_text_contents())
    page.wait_for_url("**_level=operation*", timeout=PATIENCE)
    open_page(page, page.url)
    expect(viewer.locator("[data-level=operation]")).to_have_attribute("aria-pressed", "true")
    expect(viewer.locator(".node")).to_have_count(counts[2])


def test_a_map_shows_where_one_is_and_a_box_says_what_it_is(app: App, page: Page) -> None:
    viewer = opened(page, app, "net=resnet50")
    mini = viewer.locator(".minimap")
    expect(mini).to_be_hidden()  # the whole top level is in sight
    answered(viewer, viewer.locator("[data-level=operation]").click)
    expect(mini).to_be_visible()
    before = camera(viewer)
    box = mini.bounding_box()
    assert box is not None
    mini.click(position={"x": box["width"] / 2, "y": box["height"] - 12})
    after = camera(viewer)
    assert after[2] == before[2]
    assert after[:2] != before[:2]
    seen = [mini.locator(".seen").evaluate(f"e => e.getBBox().{side}") for side in ("y", "height")]
    whole = viewer.locator("svg.graph").evaluate("e => e.viewBox.baseVal.height")
    assert seen[0] + seen[1] > 0.9 * whole  # its lower end
    answered(viewer, viewer.locator("[data-level=stage]").click)
    node(viewer, "stages.1").locator(".body").hover(position={"x": 8, "y": 8})
    expect(viewer.locator(".stage")).to_have_attribute("title", "Bottleneck ×4 · stages.1 · 512×28×28 · 1.22 M parameters · 1.03 G MACs")


def test_a_knob_keeps_what_was_open_the_zoom_and_the_selection_and_marks_what_changed(app: App, page: Page) -> None:
    viewer = opened(page, app, "net=resnet50")
    answered(viewer, lambda: node(viewer, "stages.1").locator(".badge-room").click())
    viewer.locator("[data-tool=in]").click()
    answered(viewer, lambda: node(viewer, "stages.1.0").locator(".body").click(position={"x": 8, "y": 8}))
    settled(page)
    place, scale = on_screen(viewer, "stages.1.0"), camera(viewer)[2]
    answered(viewer, page.locator(".st-key-k0-se_ratio").get_by_role("radio", name="2", exact=True).click)
    settled(page)
    expect(frame(viewer, "stages.1")).to_be_attached()
    expect(node(viewer, "stages.1.0")).to_have_class(re.compile(r"\bselected\b"))
    assert camera(viewer)[2] == pytest.approx(scale)
    assert on_screen(viewer, "stages.1.0") == pytest.approx(place, abs=2)
    expect(node(viewer, "stages.1.0")).to_have_class(re.compile(r"\bchanged\b"))
    expect(node(viewer, "stem")).not_to_have_class(re.compile(r"\bchanged\b"))
    expect(viewer.locator(".legend")).to_contain_text("changed by the last edit")


def test_search_reveals_what_it_finds(app: App, page: Page) -> None:
    viewer = opened(page, app)
    viewer.focus()
    page.keyboard.press("/")
    answered(viewer, lambda: page.keyboard.type("stages.2.0 conv 3"))
    expect(viewer.locator(".found li").first).to_be_visible(timeout=PATIENCE)
    answered(viewer, lambda: page.keyboard.press("Enter"))
    selected = viewer.locator(".node.selected")
    expect(selected).to_have_count(1)
    assert str(selected.get_attribute("data-id")).startswith("stages.2.0")
    settled(page)
    expect(viewer.locator(".card h4")).to_contain_text("Conv 3×3")
    page.keyboard.press("/")
    answered(viewer, lambda: page.keyboard.type("<img src=x>"))
    expect(viewer.locator(".found .none")).to_have_text("no item matches “<img src=x>”", timeout=PATIENCE)


def test_keys_walk_the_lines_open_and_zoom(app: App, page: Page) -> None:
    viewer = opened(page, app)
    viewer.focus()
    answered(viewer, lambda: page.keyboard.press("ArrowDown"))
    walked = []
    for _ in range(3):
        walked.append(viewer.locator(".node.selected").get_attribute("data-id"))
        answered(viewer, lambda: page.keyboard.press("ArrowDown"))
    assert walked == ["/input", "stem", "stages.0"]
    answered(viewer, lambda: page.keyboard.press("Enter"))
    expect(frame(viewer, "stages.1")).to_be_attached()
    scale = camera(viewer)[2]
    page.keyboard.press("+")
    assert camera(viewer)[2] == pytest.approx(1.25 * scale)
    page.keyboard.press("-")
    assert camera(viewer)[2] == pytest.approx(scale)
    page.keyboard.press("0")
    _, _, k = camera(viewer)
    size = viewer.evaluate("v => [...v.viewer.camera.size, v.viewer.stage.clientWidth, v.viewer.stage.clientHeight]")
    assert size[0] * k <= size[2] + 1
    assert size[1] * k <= size[3] + 1
    answered(viewer, lambda: page.keyboard.press("Escape"))
    expect(viewer.locator(".card")).to_be_hidden()


def test_a_tensor_lights_its_producer_and_its_readers(app: App, page: Page) -> None:
    viewer = opened(page, app, "net=basic_block")
    answered(viewer, viewer.locator("[data-level=block]").click)
    edge = viewer.locator('.edge[data-from="/input"]')
    assert edge.count() == 2
    answered(viewer, lambda: edge.first.locator(".line").dispatch_event("click"))
    expect(viewer.locator(".edge.lit")).to_have_count(2)
    near = viewer.locator(".node.near").evaluate_all("all => all.map(n => n.dataset.id)")
    assert "/input" in near
    assert len(near) == 3
    expect(viewer.locator(".card")).to_contain_text("float32")


def test_an_overlay_recolours_without_asking_the_server(app: App, page: Page) -> None:
    viewer = opened(page, app)
    ready = viewer.get_attribute("data-ready")
    fill = "n => getComputedStyle(n.querySelector('.body')).fill"
    before = node(viewer, "stages.3").evaluate(fill)
    viewer.locator("select.overlay").select_option("params")
    after = node(viewer, "stages.3").evaluate(fill)
    assert before != after
    assert viewer.get_attribute("data-ready") == ready
    expect(viewer.locator(".legend")).to_contain_text("Parameters")
    expect(viewer.locator(".legend")).to_contain_text("maximum 8.39 M")
    viewer.locator("select.overlay").select_option("time")
    expect(viewer.locator(".legend")).to_contain_text("Time, estimated")


def test_the_receptive_field_is_drawn_on_the_picture(app: App, page: Page) -> None:
    viewer = opened(page, app)
    answered(viewer, lambda: node(viewer, "stem").locator(".body").click(position={"x": 8, "y": 8}))
    grid = viewer.locator("canvas.grid").first
    box = grid.bounding_box()
    assert box
    picture = viewer.locator("canvas.grid").last
    before = picture.evaluate("c => c.toDataURL()")
    grid.click(position={"x": box["width"] * 0.51, "y": box["height"] * 0.51})
    # The stem, 7×7 /2 and 3×3 /2 with paddings 3 and 1, sees 11 pixels from 4·28 - 5 on.
    expect(viewer.locator(".field .note")).to_have_text("position (28, 28) sees rows 107–117, columns 107–117")
    assert picture.evaluate("c => c.toDataURL()") != before


def test_a_row_of_the_table_and_a_box_select_each_other(app: App, page: Page) -> None:
    viewer = opened(page, app)
    answered(viewer, lambda: node(viewer, "stem").locator(".body").click(position={"x": 8, "y": 8}))
    settled(page)
    table = page.locator(".st-key-layers-table")
    rows = table.locator("tr[aria-rowindex]")
    expect(rows.nth(1)).to_have_attribute("aria-selected", "true", timeout=PATIENCE)
    canvas = table.locator("canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box
    answered(viewer, lambda: page.mouse.click(box["x"] + 14, box["y"] + 35 * 6 + 18))  # the first column of row 5, an operation of the first stage
    expect(viewer.locator(".node.selected")).to_have_attribute("data-id", "stages.0", timeout=PATIENCE)
    settled(page)
    expect(rows.nth(6)).to_have_attribute("aria-selected", "true")


def test_the_row_of_a_selected_box_is_in_sight(app: App, page: Page) -> None:
    viewer = opened(page, app)
    answered(viewer, lambda: node(viewer, "stages.3").locator(".body").click(position={"x": 8, "y": 8}))
    settled(page)
    scroller = page.locator(".st-key-layers-table .dvn-scroller")
    expect(scroller).to_be_attached()
    page.wait_for_function("s => s.scrollTop > 0", arg=scroller.element_handle(), timeout=PATIENCE)
    # Somewhere in the middle: the first operation of the last stage, after the stem's four and the other stages'.
    selected = page.locator(".st-key-layers-table tr[aria-selected=true]")
    expect(selected).to_have_count(1)
    row = int(selected.get_attribute("aria-rowindex") or 0) - 2
    top, height = scroller.evaluate("s => [s.scrollTop, s.clientHeight]")
    assert top <= 35 * row <= top + height - 70


# --- Downloads ---------------------------------------------------------------------------------------


def titles(viewer: Locator) -> list[str]:
    return sorted(str(text) for text in viewer.locator(".node .title").all_text_contents())


def saved(page: Page, viewer: Locator, format: str, folder: Path) -> Path:
    viewer.locator("[data-tool=save]").click()
    with page.expect_download(timeout=PATIENCE) as waiting:
        viewer.locator(f"[data-format={format}]").click()
    path = folder / waiting.value.suggested_filename
    waiting.value.save_as(path)
    return path


def test_every_format_is_saved_and_can_be_opened_again(app: App, page: Page, context: BrowserContext, tmp_path: Path, complaints: Complaints) -> None:
    viewer = opened(page, app)
    shown = titles(viewer)
    files = {format: saved(page, viewer, format, tmp_path) for format in ("svg", "png", "pdf", "html", "dot", "mermaid", "json")}
    assert [path.name for path in files.values()] == [f"resnet18-{today()}.{s}" for s in ("svg", "png", "pdf", "html", "dot", "mmd", "json")]
    svg = ET.parse(files["svg"]).getroot()
    assert sorted(str(e.text) for e in svg.iter("{http://www.w3.org/2000/svg}text") if e.attrib["class"] == "title") == shown
    with Image.open(files["png"]) as png:
        assert png.size == tuple(2 * round(float(svg.attrib[side])) for side in ("width", "height"))
        assert len(png.convert("RGB").resize((200, 300)).getcolors(60_000) or []) > 20  # boxes and text, not one ground
    assert files["pdf"].read_bytes().startswith(b"%PDF-1.4")
    assert files["dot"].read_text().startswith("digraph network {")
    assert files["mermaid"].read_text().startswith("flowchart TB\n")
    assert json.loads(files["json"].read_text())["totals"]["params"] == 11_689_512
    alone = context.new_page()
    alone.on("request", lambda request: complaints.found.append(request.url) if not request.url.startswith(("file:", "blob:", "data:")) else None)
    complaints.watch(alone).goto(files["html"].as_uri())
    offline = alone.locator(".viewer")
    assert titles(offline) == shown
    offline.locator('.node[data-id="stages.1"] .badge-room').click()
    expect(offline.locator('.node[data-id="stages.1.0"]')).to_be_attached()
    offline.locator("select.overlay").select_option("macs")
    expect(offline.locator(".legend")).to_contain_text("maximum")
    x, y, scale = camera(offline)
    offline.locator("[data-tool=in]").click()
    assert camera(offline)[2] == pytest.approx(1.25 * scale)
    alone.mouse.move(700, 400)
    alone.mouse.down()
    alone.mouse.move(760, 430, steps=4)
    alone.mouse.up()
    assert camera(offline)[:2] != pytest.approx((x, y))
    offline.locator("[data-tool=fit]").click()
    alone.mouse.move(5, 5)
    offline.locator('.framed[data-id="stages.1"] .badge-room').click(force=True)
    expect(offline.locator('.node[data-id="stages.1"]')).to_be_attached()
    offline.locator(".search").fill("linear")
    expect(offline.locator(".found li")).to_have_count(1)
    assert complaints.found == []


@pytest.fixture
def offline(page: Page, tmp_path: Path) -> Locator:
    """The viewer in a file that works without a server, one stage open and zoomed in on."""
    analysis = analyse("resnet18")
    fold = Fold(analysis.graph)
    view = ViewState("resnet18", "", fold.preset("stage") | {"stages.1"}, export={"format": "html", "n": 1})
    path = tmp_path / "resnet18.html"
    path.write_text(download(analysis, fold, Readings(analysis), view)["text"], "utf-8")
    page.goto(path.as_uri())
    viewer = page.locator(".viewer")
    for _ in range(3):
        viewer.locator("[data-tool=in]").click()
    return viewer


BADGE = '.framed[data-id="stages.1"] .badge-room'
# Click Fit, and where the badge is seen at that moment, be it 400 ms later: as a hurried user does, or one whose machine is busy.
CLICK_AFTER_FIT = """
(viewer, badge) => new Promise((done) => {
  viewer.querySelector("[data-tool=fit]").click();
  const box = viewer.querySelector(badge).getBoundingClientRect();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  setTimeout(() => {
    const hit = document.elementFromPoint(x, y);
    const event = { bubbles: true, composed: true, clientX: x, clientY: y, pointerId: 1 };
    for (const name of ["pointerdown", "pointerup"]) hit.dispatchEvent(new PointerEvent(name, event));
    hit.dispatchEvent(new MouseEvent("click", event));
    done(hit.classList.contains("badge-room"));
  }, 400);
})
"""


def test_a_badge_clicked_right_after_fit_is_hit(offline: Locator) -> None:
    assert offline.evaluate(CLICK_AFTER_FIT, BADGE)
    expect(node(offline, "stages.1")).to_be_attached()


@pytest.mark.parametrize("key", ["0", "+", "-"])
def test_the_picture_moves_at_once(offline: Locator, key: str) -> None:
    place = "(viewer, badge) => { const box = viewer.querySelector(badge).getBoundingClientRect(); return [box.x, box.y]; }"
    offline.focus()
    offline.page.keyboard.press(key)
    at_once = offline.evaluate(place, BADGE)
    offline.page.wait_for_timeout(400)
    assert offline.evaluate(place, BADGE) == at_once


def test_a_press_counts_though_the_picture_is_redrawn_before_the_release(offline: Locator) -> None:
    offline.locator("[data-tool=fit]").click()
    offline.locator(BADGE).hover()
    offline.page.mouse.down()
    offline.evaluate("viewer => viewer.viewer.draw(true, null, undefined)")
    offline.page.mouse.up()
    expect(node(offline, "stages.1")).to_be_attached()


def test_torchviews_picture_is_saved_as_svg_and_png(app: App, page: Page, tmp_path: Path) -> None:
    opened(page, app, "net=basic_block")
    page.get_by_text("Every tensor (torchview)").click()
    expect(page.locator(".st-key-torchview img")).to_be_visible(timeout=PATIENCE)
    source = page.locator(".st-key-torchview img").get_attribute("src") or ""
    assert "Conv" in base64.b64decode(source.partition(",")[2]).decode()
    for form in ("svg", "png"):
        with page.expect_download(timeout=PATIENCE) as waiting:
            page.locator(f"[data-form={form}]").click()
        path = tmp_path / waiting.value.suggested_filename
        waiting.value.save_as(path)
        assert path.name == f"basic_block-torchview-{today()}.{form}"
        assert path.stat().st_size > 1000
