"""Ten things that users come for, with what they cost: every click, every typed word and every other key counts as one."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.harness import PATIENCE, App, exceptions, open_page, settled


class Hand:
    """A user at the page, whose clicks and keys are counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.acts = 0

    def click(self, what: Locator) -> None:
        self.acts += 1
        what.click(timeout=PATIENCE)

    def type(self, text: str) -> None:
        self.acts += 1
        self.page.keyboard.type(text)

    def press(self, key: str) -> None:
        self.acts += 1
        self.page.keyboard.press(key)

    def way_in(self, title: str) -> None:
        self.click(self.page.get_by_role("link", name=title))

    def address(self, pattern: str) -> None:
        expect(self.page).to_have_url(re.compile(pattern), timeout=PATIENCE)


def in_sight(page: Page, what: Locator) -> None:
    """All of it lies in the window, as it stands."""
    expect(what).to_be_visible()
    box, size = what.bounding_box(), page.viewport_size
    assert box is not None
    assert size is not None
    assert box["x"] >= 0
    assert box["y"] >= 0
    assert box["x"] + box["width"] <= size["width"]
    assert box["y"] + box["height"] <= size["height"]


def knob(page: Page, name: str) -> Locator:
    return page.locator(f"[class*=st-key-k][class*='-{name}']").first


def se_resnext_like(hand: Hand) -> None:
    hand.way_in("Turn a knob on ResNet-50")
    hand.click(knob(hand.page, "groups").locator("input"))
    hand.press("ControlOrMeta+a")
    hand.type("32")
    hand.click(knob(hand.page, "width_per_group").locator("input"))
    hand.press("ControlOrMeta+a")
    hand.type("4")
    hand.click(knob(hand.page, "se_ratio").get_by_role("radio", name="16", exact=True))
    hand.address(r"net=resnet50&groups=32&width_per_group=4&se_ratio=16$")


def three_compared(hand: Hand) -> None:
    hand.way_in("Compare two networks")
    hand.click(hand.page.get_by_role("button", name="Add a network"))
    hand.click(hand.page.get_by_role("combobox", name="Network or block"))
    hand.type("resnet50")
    hand.press("Enter")
    hand.address(r"v=net%3Dmobilenet_v1_standard.*v=net%3Dmobilenet_v1%26?.*v=net%3Dresnet50")


def code_of_a_setting(hand: Hand) -> None:
    hand.click(hand.page.get_by_role("button", name="Code", exact=True))
    code = hand.page.locator("[data-testid=stPopoverBody] [data-testid=stCode]")
    expect(code).to_contain_text('catalog.build("resnet50", groups=2)')
    in_sight(hand.page, code)


def fifth_step(hand: Hand) -> None:
    hand.way_in("Open a lecture")
    expect(hand.page.locator(".st-key-lecture-bar")).to_contain_text("1 / ", timeout=PATIENCE)
    settled(hand.page)
    hand.press("5")
    hand.address("lecture=resnet&step=5")


def found_by_search(hand: Hand) -> None:
    hand.click(hand.page.locator(".st-key-find input"))
    hand.type("bottleneck")
    hit = hand.page.locator(".st-key-hits a").first
    expect(hit).to_have_text("Bottleneck")
    hand.click(hit)
    hand.address("net=bottleneck$")


def turn_undone(hand: Hand) -> None:
    knob(hand.page, "se_ratio").get_by_role("radio", name="8", exact=True).click()
    hand.address("se_ratio=8")
    settled(hand.page)
    hand.press("ControlOrMeta+z")
    hand.address("net=resnet50$")


def link_copied(hand: Hand) -> None:
    hand.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    hand.click(hand.page.get_by_role("button", name="Copy the link"))
    expect(hand.page.locator(".sharing .said")).to_have_text("Copied")
    assert hand.page.evaluate("navigator.clipboard.readText()") == hand.page.url


def next_level(hand: Hand) -> None:
    viewer = hand.page.locator(".viewer").first
    expect(viewer).to_have_attribute("data-ready", re.compile(r"\d+"), timeout=PATIENCE)
    hand.acts += 2  # a double click
    viewer.locator(".node[data-id='stages.1'] .body").dblclick(position={"x": 8, "y": 8})
    expect(viewer.locator(".node[data-id='stages.1.0']")).to_be_visible()


def family_with_its_lecture(hand: Hand) -> None:
    hand.click(hand.page.locator(".atlas .node[data-family=vgg]"))
    hand.click(hand.page.get_by_role("link", name="Lecture", exact=True))
    hand.address("lecture=vgg")


def dark_theme(hand: Hand) -> None:
    ground = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor"
    before = hand.page.evaluate(ground)
    hand.click(hand.page.get_by_role("button", name="Light or dark"))
    hand.page.wait_for_function(f"before => {ground} !== before", arg=before)
    hand.address("net=resnet50$")


@pytest.mark.parametrize(
    ("task", "address", "most"),
    [
        (se_resnext_like, "", 8),
        (three_compared, "", 6),
        (code_of_a_setting, "explore?net=resnet50&groups=2", 1),
        (fifth_step, "", 2),
        (found_by_search, "", 3),
        (turn_undone, "explore?net=resnet50", 1),
        (link_copied, "explore?net=resnet50&se_ratio=16", 1),
        (next_level, "explore?net=resnet50", 2),
        (family_with_its_lecture, "", 2),
        (dark_theme, "explore?net=resnet50", 1),
    ],
    ids=lambda value: getattr(value, "__name__", str(value)),
)
def test_what_people_come_for_takes_few_clicks(app: App, page: Page, task: Callable[[Hand], None], address: str, most: int) -> None:
    page.set_viewport_size({"width": 1280, "height": 720})
    hand = Hand(open_page(page, f"{app.url}/{address}"))
    task(hand)
    settled(page)
    assert exceptions(page) == []
    assert hand.acts <= most
