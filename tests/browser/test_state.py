"""What a user sets is kept: over pages, over Back and Forward, over a reload, and however quickly the keys are pressed."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.harness import PAGE_LINKS, App, Complaints, exceptions, open_page, settled

SLOW = 4  # times slower than this processor


TITLES = {
    "explore": "mobilenet_v2",
    "compare": "Compare",
    "scaling": "Scaling",
    "space": "Design space of mobilenet_v2",
    "latency": "Latency",
    "devices": "Devices",
}


def shown(page: Page, wanted: str) -> Page:
    """``page`` once its address is ``wanted``, with the title that belongs to it, and its script has run."""
    expect(page).to_have_url(re.compile(re.escape(wanted) + "$"))
    expect(page.locator("[data-testid=stMain] h2").first).to_contain_text(TITLES[urlsplit(wanted).path.strip("/")])
    return settled(page)


def by_top_bar(page: Page, name: str, wanted: str) -> Page:
    page.locator(PAGE_LINKS).filter(has_text=name).first.click()
    return shown(page, wanted)


def back(page: Page, wanted: str) -> Page:
    page.go_back()
    return shown(page, wanted)


EXPLORE = "/explore?net=mobilenet_v2&expansion=5.5"
COMPARE = "/compare?v=net%3Dmobilenet_v2%26expansion%3D5.5"
SCALING = "/scaling?net=mobilenet_v2&expansion=5.5"
SPACE = "/space?net=mobilenet_v2&expansion=5.5"
DEVICES = "/devices?net=mobilenet_v2&expansion=5.5"


def test_one_network_follows_through_the_pages_and_back_leads_to_each_exactly(app: App, page: Page, complaints: Complaints) -> None:
    shown(open_page(page, f"{app.url}{EXPLORE}"), EXPLORE)
    way = [
        ("Compare", COMPARE),
        ("Explore", EXPLORE),
        ("Scaling", SCALING),
        ("Design space", SPACE),
        ("Devices", DEVICES),
        ("Scaling", SCALING),
        ("Design space", SPACE),
    ]
    for name, wanted in way:
        by_top_bar(page, name, wanted)
    for _, wanted in [*way[-2::-1], ("", EXPLORE)]:  # one press each, from one page to the one before it
        back(page, wanted)
    page.go_forward()
    shown(page, COMPARE)
    assert exceptions(page) == []
    assert complaints.found == []


def test_budgets_stay_in_their_own_address_and_over_a_reload(app: App, page: Page) -> None:
    budget = "/space?max.macs=300000000&n=40"
    shown(open_page(page, f"{app.url}{budget}"), budget)
    by_top_bar(page, "Explore", "/explore?net=mobilenet_v2")
    back(page, budget)
    by_top_bar(page, "Explore", "/explore?net=mobilenet_v2")
    page.reload()
    shown(page, "/explore?net=mobilenet_v2")
    page.wait_for_function("JSON.parse(sessionStorage.getItem('explorer.pages'))['pages/space.py']")
    by_top_bar(settled(page), "Design space", budget)


def boarded(page: Page, wanted: str, networks: list[str]) -> None:
    """``page`` at the address ``wanted`` shows the cards of these networks."""
    shown(page, wanted)
    expect(page.locator(".st-key-variant-cards [class*=st-key-card-] p strong:visible")).to_have_text(networks)


BOARD = "v=net%3Dresnet18%26se_ratio%3D8&v=net%3Dvgg11"


@pytest.mark.parametrize("place", ["compare", "latency"])
def test_a_board_keeps_its_own_address_over_back_forward_and_a_reload(app: App, page: Page, complaints: Complaints, place: str) -> None:
    """From Explore to a board, a turn there, a page of another kind, and by the history there and back: each address has its own parameters alone."""
    whole = f"/{place}?{BOARD}" + ("&section=roofline&threads=2" if place == "latency" else "")
    fewer = whole.replace("&v=net%3Dvgg11", "")
    explore = "/explore?net=mobilenet_v2&kernel_size=5"
    shown(open_page(page, f"{app.url}{explore}"), explore)
    shown(open_page(page, f"{app.url}{whole}"), whole)
    page.locator("[class*=st-key-remove-] button:visible").last.click()
    boarded(page, fewer, ["A · resnet18 r=8"])
    scaling = "/scaling?" + ("net=resnet18&se_ratio=8" if place == "latency" else "net=mobilenet_v2&kernel_size=5")  # several networks are no current one
    by_top_bar(page, "Scaling", scaling)
    page.go_back()
    boarded(page, fewer, ["A · resnet18 r=8"])
    page.go_back()
    boarded(page, whole, ["A · resnet18 r=8", "B · vgg11"])
    back(page, explore)
    for wanted, networks in ((whole, ["A · resnet18 r=8", "B · vgg11"]), (fewer, ["A · resnet18 r=8"])):
        page.go_forward()
        boarded(page, wanted, networks)
        page.reload()
        boarded(page, wanted, networks)
    page.go_forward()
    shown(page, scaling)
    assert exceptions(page) == []
    assert complaints.found == []


# --- Quick keys -----------------------------------------------------------------------------------------


@pytest.fixture
def explore(app: App, page: Page) -> Page:
    """Explore at ResNet-50, every knob drawn, in a browser on a slow processor."""
    open_page(page, f"{app.url}/explore?net=resnet50")
    page.locator("[data-testid=stSidebar] summary").filter(has_text="More").click()
    knob(page, "num_classes").wait_for()
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": SLOW})
    return page


def knob(page: Page, name: str) -> Locator:
    """A knob's input, as the page drew it at first."""
    return page.locator(f".st-key-k0-{name} input")


def burst(page: Page, key: str, times: int, pace: int) -> None:
    for _ in range(times):
        page.keyboard.press(key)
        page.wait_for_timeout(pace)


def agrees(page: Page, name: str, wanted: str) -> None:
    """The knob, which has kept the focus, its figures and its address say the same, as they do where that address is opened."""
    field = knob(page, name)
    expect(page).to_have_url(re.compile(rf"[?&]{name}={re.escape(wanted)}(&|$)"))
    settled(page)
    expect(field).to_have_count(1)
    expect(field).to_be_focused()
    expect(field).to_have_value(wanted)
    figures = page.locator(".st-key-headline").inner_text()
    other = open_page(page.context.new_page(), page.url)
    expect(knob(other, name)).to_have_value(wanted)
    assert other.locator(".st-key-headline").inner_text() == figures
    other.close()


@pytest.mark.parametrize(
    ("name", "key", "times", "pace", "wanted"),
    [("octave_alpha", "ArrowRight", 6, 150, "0.75"), ("num_classes", "ArrowUp", 8, 30, "1008")],  # a slider, a number field
)
def test_the_last_of_many_quick_keys_wins_and_the_focus_stays(explore: Page, name: str, key: str, times: int, pace: int, wanted: str) -> None:
    knob(explore, name).focus()
    burst(explore, key, times, pace)
    agrees(explore, name, wanted)


def test_a_number_field_turned_on_while_the_page_runs_keeps_what_was_entered_last(explore: Page) -> None:
    field = knob(explore, "num_classes")
    field.focus()
    for value in ("10", "100", "21"):
        field.fill(value)
        field.press("Enter")
    agrees(explore, "num_classes", "21")


def test_a_select_by_quick_keys_keeps_the_last_choice(explore: Page) -> None:
    field = knob(explore, "norm")
    field.focus()
    for value in ("instance", "none", "ibn_a"):
        field.fill(value)
        explore.keyboard.press("Enter")
        explore.wait_for_timeout(60)
    agrees(explore, "norm", "ibn_a")
