"""A number is never cut, nor what a select box shows: on every page its text is measured against the boxes around it, and against other numbers. No page scrolls sideways.

``make test`` looks at three of six sizes, of one page at these, of the next at those; ``make thorough`` at all.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.browser.harness import PATIENCE, App, open_page, settled
from tests.thorough import spread

_CUT = (Path(__file__).parent / "boxes.js").read_text()
#: By how many pixels what scrolls is wider than the window.
_WIDER = (
    """() => Math.max(...[document.scrollingElement, document.querySelector("[data-testid=stMain]")].map(place => place.scrollWidth - place.clientWidth))"""
)
#: The last is 1280 x 720 at 200 %.
_SIZES = ((1920, 1080), (1440, 900), (1280, 720), (820, 1180), (375, 812), (640, 360))
_PAGES = {
    "atlas": "",
    "explore": "explore?net=resnet50&se_ratio=16",
    "explore, a block": "explore?net=se_bottleneck&groups=4",
    "compare": "compare?v=net%3Dresnet50&v=net%3Dresnet50%26groups%3D32&v=net%3Dvgg16&v=net%3Ddensenet201",
    "inside": "inside?at=4&ch=3&px=40.50",
    "scaling": "scaling?net=resnet50",
    "space": "space?net=mobilenet_v2",
    "latency": "latency",
    "devices": "devices?net=mobilenet_v2&width_mult=0.5",
    "devices, data sheet": "devices?view=sheet&net=mobilenet_v2",
    "lectures": "lectures?lecture=resnet&step=3&lang=en",
    "explore, Chinese": "explore?net=resnet50&se_ratio=16&lang=zh",
    "lectures, Chinese": "lectures?lecture=resnet&step=3&lang=zh",
}


@pytest.mark.parametrize("address", _PAGES.values(), ids=_PAGES.keys())
def test_no_number_is_cut_or_printed_over(app: App, page: Page, address: str) -> None:
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.add_init_script(_CUT)
    open_page(page, f"{app.url}/{address}")
    found = {}
    sideways = {}
    for width, height in spread(_SIZES, 2, list(_PAGES.values()).index(address)):
        page.set_viewport_size({"width": width, "height": height})
        settled(page)  # a page may learn the window's size and run again
        if cut := _at_rest(page):
            found[width, height] = cut
        if wider := page.evaluate(_WIDER):
            sideways[width, height] = wider
    assert found == {}
    assert sideways == {}


def _at_rest(page: Page) -> list[str]:
    """What is cut once two looks, some frames apart, see the same; a layout that changes with the window takes its time."""
    handle = page.wait_for_function(
        """async () => {
            const frames = async (n) => { for (; n > 0; n--) await new Promise(requestAnimationFrame); };
            await frames(10);
            const before = JSON.stringify(numbersCut());
            await frames(20);
            const now = JSON.stringify(numbersCut());
            return before === now && { cut: JSON.parse(now) };
        }""",
        timeout=PATIENCE,
    )
    cut: list[str] = handle.json_value()["cut"]
    return cut
