"""The Inside page in a browser: classroom tasks, each in at most eight clicks, and what only a browser shows."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from blocks.experiments.pictures import drawn, png
from tests.browser.harness import PATIENCE, App, Complaints, open_page, settled

SIDE = "side=96"  # small, so that a busy machine is quick


class Student:
    """A page on which clicks are counted."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks = page, 0

    def click(self, place: Locator, x: float | None = None, y: float | None = None) -> None:
        """Click in the middle, or at these shares of the width and height."""
        self.clicks += 1
        if x is None or y is None:
            place.click()
            return
        box = place.bounding_box()
        assert box is not None
        place.click(position={"x": box["width"] * x, "y": box["height"] * y})

    def tile(self, node: int) -> Locator:
        return self.page.locator(f".inside-strip .tile[data-node='{node}']")

    def channel(self, number: int) -> Locator:
        return self.page.locator(f".inside-wall .cell[data-channel='{number}']")

    @property
    def map(self) -> Locator:
        return self.page.locator(".inside-wall .large canvas")

    def says(self, text: str | re.Pattern[str]) -> None:
        expect(self.page.locator("[data-testid=stMain]")).to_contain_text(text, timeout=PATIENCE)


@pytest.fixture
def student(app: App, page: Page, complaints: Complaints) -> Iterator[Student]:
    page.goto(f"{app.url}/inside?{SIDE}")
    expect(page.locator(".inside-wall .large canvas")).to_be_visible(timeout=PATIENCE)
    settled(page)
    found = Student(page)
    yield found
    assert found.clicks <= 8
    assert complaints.found == []


def test_what_is_in_the_picture(student: Student) -> None:
    expect(student.page.locator(".inside-answer .value")).to_have_count(5)
    student.says("All 296 tensors are trained.")


def test_find_the_dead_channels(student: Student) -> None:
    student.click(student.tile(4))
    student.says("4 · relu6 · stem.act")
    student.click(student.page.get_by_role("radio", name="By zeros"))
    expect(student.page.locator(".inside-wall .cell").first).to_have_attribute("aria-label", re.compile("100% zeros"))


def test_which_pixels_product_is_largest(student: Student) -> None:
    student.click(student.map, 0.5, 0.5)
    expect(student.page.locator(".inside-patch td.most")).to_have_count(1)
    student.says("The frame is all that the chosen number can see: 3 × 3 pixels.")
    expect(student.page.locator(".inside-picture .field")).to_be_visible()


def test_what_acts_on_a_number_of_all_that_it_can_see(student: Student) -> None:
    student.click(student.tile(29))
    student.says("29 · batch_norm")
    student.click(student.map, 0.5, 0.5)
    student.says("95 % of its gradient lies in the outline: ")
    expect(student.page.locator(".inside-picture .outline path")).to_have_count(2)
    expect(student.page.locator(".inside-picture .heat")).to_be_visible()


def test_where_a_number_of_an_activation_comes_from(student: Student) -> None:
    student.click(student.tile(4))
    student.says("4 · relu6 · stem.act")
    student.click(student.map, 0.3, 0.3)
    for operation in ("relu6 · stem.act", "batch_norm · stem.norm", "conv2d · stem.conv"):
        student.says(operation)


def test_switch_a_channel_off_and_see_the_answer_change_and_undo(student: Student) -> None:
    student.click(student.tile(4))
    student.says("4 · relu6 · stem.act")
    student.click(student.channel(6))
    student.click(student.page.get_by_role("button", name="Switch channel 6 off"))
    student.says("untouched:")
    expect(student.page.locator(".inside-wall .cell.off")).to_have_count(1)
    student.click(student.page.get_by_role("button", name="Undo all"))
    expect(student.page.locator(".inside-wall .cell.off")).to_have_count(0)
    expect(student.page.locator("[data-testid=stMain]")).not_to_contain_text("untouched:")


def test_one_bright_dot_is_answered_by_the_kernel(student: Student) -> None:
    student.click(student.page.get_by_role("button", name="Picture: Cat"))
    student.click(student.page.get_by_role("button", name="One bright dot"))
    expect(student.page.locator(".inside-picture img")).to_have_attribute("alt", "One bright dot")
    student.click(student.map, 0.5, 0.5)
    expect(student.page.locator(".inside-patch td.most")).to_have_count(1)


def test_what_of_the_picture_the_answer_comes_from(student: Student) -> None:
    student.click(student.page.locator(".st-key-inside-overlay [data-baseweb=select], .st-key-inside-overlay [role=combobox]").first)
    student.click(student.page.get_by_role("option", name="Grad-CAM"))
    expect(student.page.locator(".inside-picture .heat")).to_be_visible(timeout=PATIENCE)


def test_two_pictures_of_one_object(student: Student) -> None:
    student.click(student.page.get_by_role("button", name="Picture: Cat"))
    student.click(student.page.get_by_role("button", name="Motorcycle, left"))
    expect(student.page.locator(".inside-picture img")).to_have_attribute("alt", "Motorcycle, left")
    first = student.page.locator(".inside-answer").inner_text()
    student.click(student.page.get_by_role("button", name="Motorcycle, right"))
    expect(student.page.locator(".inside-picture img")).to_have_attribute("alt", "Motorcycle, right")
    expect(student.page.locator(".inside-answer")).not_to_have_text(first)


def test_let_the_data_flow(student: Student) -> None:
    student.click(student.page.get_by_role("button", name="Play"))
    expect(student.page.locator(".inside-strip .tile.lit")).to_have_count(1)
    student.click(student.page.get_by_role("button", name="Stop"))
    expect(student.page.locator(".inside-strip .tile.lit")).to_have_count(0)


def test_which_position_won_the_max_pool(app: App, page: Page, complaints: Complaints) -> None:
    page.goto(f"{app.url}/inside?net=resnet18&{SIDE}")
    expect(page.locator(".inside-wall .large canvas")).to_be_visible(timeout=PATIENCE)
    student = Student(page)
    student.click(page.locator(".inside-strip .tile[title*=max_pool2d]"))
    student.says(re.compile(r"max_pool2d · "))
    expect(page.locator(".inside-right, .st-key-inside-right").get_by_role("heading", name=re.compile("max_pool2d"))).to_be_visible()
    student.click(student.map, 0.4, 0.6)
    student.says("[0, ")
    expect(page.locator(".st-key-inside-right .katex").first).to_contain_text("⋅1")  # the winner, as it is
    assert student.clicks <= 8
    assert complaints.found == []


def test_where_a_head_looks_from_a_patch(app: App, page: Page, complaints: Complaints) -> None:
    page.goto(f"{app.url}/inside?net=vit_ti_16&image_size=96&side=96&depth=3&at=17")
    panel = page.locator(".inside-attention")
    expect(panel.locator(".cell")).to_have_count(3, timeout=PATIENCE)
    student = Student(page)
    student.says("The class token asks. Head 0:")
    student.click(panel.locator(".cell[data-head='2']"))
    student.says("The class token asks. Head 2:")
    student.click(panel.locator(".large .over").first, 0.25, 0.6)
    student.says("Patch (3, 1) asks. Head 2:")
    expect(panel.locator(".mark:visible")).to_have_count(2)
    page.keyboard.press("ArrowRight")
    student.says("Patch (3, 2) asks.")
    expect(page).to_have_url(re.compile(r"q=3\.2"))
    student.click(panel.get_by_role("button", name="Class token", exact=True))
    student.says("The class token asks.")
    expect(page).not_to_have_url(re.compile(r"q="))
    assert complaints.found == []


def test_keys_move_the_number_and_the_address_holds_it(student: Student) -> None:
    student.click(student.map, 0.51, 0.51)
    expect(student.page).to_have_url(re.compile(r"px=24\.24"))
    student.page.keyboard.press("ArrowRight")
    expect(student.page).to_have_url(re.compile(r"px=24\.25"))
    for key in ("ArrowUp", "ArrowRight", "ArrowUp", "ArrowRight"):  # faster than the page answers
        student.page.keyboard.press(key)
    expect(student.page).to_have_url(re.compile(r"px=22\.27"))
    settled(student.page)
    expect(student.page).to_have_url(re.compile(r"px=22\.27"))
    expect(student.page.locator(".st-key-inside-right")).to_contain_text("[0, 22, 27]")


def test_a_pasted_picture_is_used(student: Student) -> None:
    data = base64.b64encode(png(drawn("boat", 80))).decode()
    student.page.evaluate(
        """data => {
            const bytes = Uint8Array.from(atob(data), letter => letter.charCodeAt(0));
            const held = new DataTransfer();
            held.items.add(new File([bytes], "boat.png", { type: "image/png" }));
            document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: held, bubbles: true }));
        }""",
        data,
    )
    expect(student.page.locator(".inside-picture img")).to_have_attribute("alt", "Your picture")
    expect(student.page).to_have_url(re.compile("picture=own"))


def test_a_link_opens_what_was_open_in_a_fresh_browser(app: App, context: BrowserContext) -> None:
    page = open_page(context.new_page(), f"{app.url}/inside?{SIDE}&at=4&ch=6&px=3.5&by=strength&off=4.2")
    expect(page.locator(".inside-patch td.most")).to_have_count(1)
    expect(page.locator(".inside-wall .cell.chosen")).to_have_attribute("data-channel", "6")
    expect(page.locator(".inside-wall .cell.off")).to_have_attribute("data-channel", "2")
    expect(page.get_by_role("radio", name="By strength")).to_be_checked()
