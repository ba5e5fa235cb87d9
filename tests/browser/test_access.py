"""Access: axe finds nothing serious, the keyboard reaches everything with a visible focus, and an error pushes nothing."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page, ViewportSize, expect

from tests.browser.harness import PATIENCE, ROOT, App, open_page, settled
from tests.thorough import THOROUGH
from viz.kit.palette import QUIET

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
PAGES = ("", "explore", "compare", "inside", "scaling", "space", "latency", "devices", "lectures")
COMPARED = "compare?v=net%3Dresnet18&v=net%3Dresnet34&v=net%3Dresnet50"
CODE = "explore?net=mb_conv&_tab=code"
#: Further states of the pages, with what one state alone shows.
STATES = (CODE, COMPARED, "explore?net=resnet50&groups=7", "lectures?lecture=resnet&step=2")
SEEN: tuple[tuple[Literal["light", "dark"], ViewportSize], ...] = (
    ("light", {"width": 1280, "height": 720}),
    ("dark", {"width": 1280, "height": 720}),
    ("light", {"width": 375, "height": 812}),
)
LAPTOP: ViewportSize = {"width": 1280, "height": 720}

# The page was run for the ground that it stands on: its style has the quiet ink of that ground.
DRAWN_FOR = (
    "quiet => [...document.querySelectorAll('style')].some(style => style.textContent.includes('stCaptionContainer') && style.textContent.includes(quiet))"
)
RUN_AXE = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations
  .filter(found => ["serious", "critical"].includes(found.impact))
  .flatMap(found => found.nodes.map(node => `${found.id}: ${node.html.slice(0, 120)} ${node.any.map(check => check.message).join(" ")}`))"""

#: Streamlit names a button without a label by its icon, in English: "qr_code_2 icon".
NAMED_BY_ICON = """() => [...document.querySelectorAll("button, a")].filter(each => each.checkVisibility())
  .flatMap(each => [...each.querySelectorAll('[aria-label$=" icon"]:not([aria-hidden=true])')].map(icon => `no name: ${icon.ariaLabel}`))"""


WATCH_SHIFTS = """() => {
  window.shifted = 0;
  new PerformanceObserver(list => list.getEntries().forEach(entry => { window.shifted += entry.value; })).observe({type: "layout-shift"});
}"""
#: Name of what has the focus, inside a component too, and whether a ring is seen on it or, for fields that Streamlit draws around, up to three elements above.
FOCUSED = """() => {
  let element = document.activeElement;
  while (element.shadowRoot?.activeElement) element = element.shadowRoot.activeElement;
  const name = element.getAttribute("aria-label") ?? element.textContent.slice(0, 60);
  let ring = element.closest("canvas, [data-testid=stDataFrame]") !== null;  // a table draws the ring round its cell on its canvas
  for (let at = element, up = 0; at && up < 4; at = at.parentElement, up++) {
    const {outlineStyle, outlineWidth, boxShadow} = getComputedStyle(at);
    ring ||= outlineStyle === "solid" && parseFloat(outlineWidth) >= 2 || / 0px 0px 0px [2-9]/.test(boxShadow);
  }
  return [name, ring];
}"""


KEYBOARD = (Path(__file__).parent / "keyboard.js").read_text()
#: The pages besides Explore, each with something to use on it.
KEYED = ("", COMPARED, "scaling", "space?net=mobilenet_v2&n=40", "latency", "devices", "lectures?lecture=resnet&step=2")


def serious(page: Page) -> list[str]:
    """What axe finds serious or critical on the page, and buttons without a name of their own."""
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(AXE.read_text("utf-8"))
    found: list[str] = page.evaluate(RUN_AXE) + page.evaluate(NAMED_BY_ICON)
    return found


def ready(page: Page, url: str) -> Page:
    """The page behind ``url``, with its charts and graphs drawn."""
    return drawn(open_page(page, url))


#: The code that scrolls has been met by viz/kit/assets/aloud.js, a frame after it was written.
REACHED = """() => [...document.querySelectorAll("[data-testid=stCode] pre")]
  .every(code => code.hasAttribute("tabindex") || (code.scrollWidth <= code.clientWidth && code.scrollHeight <= code.clientHeight))"""


def drawn(page: Page) -> Page:
    """``page`` once its charts are there, and its code can be reached."""
    page.wait_for_function("() => [...document.querySelectorAll('.stPlotlyChart')].every(chart => chart.querySelector('.main-svg'))")
    page.wait_for_function(REACHED)
    return page


def finished(page: Page) -> Page:
    """``page`` once its sample is counted, or its presets are estimated: the end of that runs the page again, and the focus leaves what is drawn anew."""
    for under_way in (page.get_by_role("button", name="Cancel", exact=True), page.locator("[data-testid=stProgress]:not(.st-key-lecture-bar *)")):
        expect(under_way).to_have_count(0, timeout=PATIENCE)
    return settled(page)


@pytest.fixture(scope="module")
def axe() -> None:
    """axe-core, which ``make test`` installs with ESLint. Without it the test skips; where CI is set it fails."""
    if not AXE.exists():
        missing = "no axe-core: sh scripts/node.sh installs it"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)


def by_turns() -> list[tuple[str, str]]:
    """Every page in one of the languages, so that each language has half of them; in a thorough run in both."""
    languages = ("en-GB", "zh-CN")
    return [(address, language) for i, address in enumerate((*PAGES, *STATES)) for language in (languages if THOROUGH else languages[i % 2 :][:1])]


@pytest.mark.usefixtures("axe")
@pytest.mark.parametrize(("address", "language"), by_turns())
def test_axe_finds_nothing_serious(browser: Browser, app: App, address: str, language: str) -> None:
    context = browser.new_context(viewport=LAPTOP, color_scheme="light", locale=language)
    page = ready(context.new_page(), f"{app.url}/{address}")
    found = {}
    for theme, window in SEEN:
        page.emulate_media(color_scheme=theme)
        page.set_viewport_size(window)
        page.wait_for_function(DRAWN_FOR, arg=QUIET.on(theme == "dark"))
        found[theme, window["width"]] = serious(drawn(settled(page)))
    context.close()
    assert {where: complaints for where, complaints in found.items() if complaints} == {}


def test_a_wrong_value_pushes_nothing(page: Page, app: App) -> None:
    page.set_viewport_size(LAPTOP)
    ready(page, f"{app.url}/explore")
    expect(page.locator(".st-key-graph .viewer")).to_be_visible()
    page.evaluate(WATCH_SHIFTS)
    field = page.get_by_role("textbox", name="Blocks per stage")
    field.fill("3, x")
    field.press("Enter")
    expect(page.locator(".st-key-problems [role=alert]")).to_be_in_viewport()
    settled(page)
    assert page.evaluate("() => window.shifted") < 0.05


def test_the_keyboard_reaches_every_control_of_explore_and_shows_where_it_is(page: Page, app: App) -> None:
    page.set_viewport_size(LAPTOP)
    ready(page, f"{app.url}/explore")
    names = []
    for _ in range(80):
        page.keyboard.press("Tab")
        name, ring = page.evaluate(FOCUSED)
        assert ring, f"no ring on {name}"
        names.append(name)
    for wanted in ("Search", "Family", "Kernel size", "Blocks per stage", "Compare", "Stages", "Colour by", "Device"):
        assert any(wanted in name for name in names), wanted


def test_the_keyboard_scrolls_long_code(page: Page, app: App) -> None:
    page.set_viewport_size(LAPTOP)
    ready(page, f"{app.url}/{CODE}")
    code = page.locator(".stCode pre").filter(has_text="class ")
    expect(code).to_have_attribute("tabindex", "0")
    code.focus()
    page.keyboard.press("PageDown")
    page.wait_for_function("code => code.scrollTop > 0", arg=code.element_handle())


def test_an_error_in_a_popover_pushes_nothing(page: Page, app: App) -> None:
    page.set_viewport_size(LAPTOP)
    ready(page, f"{app.url}/{COMPARED}")
    page.get_by_role("button", name="Knobs").first.click()
    field = page.get_by_role("textbox", name="Blocks per stage")
    expect(field).to_be_visible()
    page.evaluate(WATCH_SHIFTS)
    field.fill("3, x")
    field.press("Enter")
    expect(page.locator("[data-testid=stPopoverBody] [role=alert]")).to_be_visible()
    settled(page)
    assert page.evaluate("() => window.shifted") < 0.05


@pytest.mark.parametrize("address", KEYED, ids=[address.split("?")[0] or "atlas" for address in KEYED])
def test_tab_reaches_everything_shows_where_it_is_and_comes_round(page: Page, app: App, address: str) -> None:
    page.set_viewport_size(LAPTOP)
    page.add_init_script(KEYBOARD)
    drawn(finished(open_page(page, f"{app.url}/{address}")))
    page.evaluate("watchFocus()")
    for _ in range(30):
        for _ in range(10):
            page.keyboard.press("Tab")
        if page.evaluate("window.turns") > 1:  # the first control has the focus again
            break
    else:
        pytest.fail(f"the focus stays on {page.evaluate(FOCUSED)[0]}")
    settled(page)  # while a run goes on Streamlit shows a button of its own, which comes and goes
    assert page.evaluate("unreached()") == []
    assert page.evaluate("unseen()") == []


def test_formulas_and_knobs_are_heard_in_words(page: Page, app: App) -> None:
    ready(page, f"{app.url}/explore?net=se_bottleneck&groups=4")
    formulas = page.locator(".st-key-formulas")
    expect(formulas).to_match_aria_snapshot(
        "- math /kernel size squared times channels squared divided by groups plus input channels times channels .* equals 51216/"
    )
    expect(page.get_by_role("spinbutton", name="Input channels C in")).to_be_visible()
    heard = page.locator("body").aria_snapshot()
    assert "$" not in heard
    assert "\\" not in heard.replace('\\"', "")


def test_a_turned_knobs_formula_is_heard_anew(page: Page, app: App) -> None:
    ready(page, f"{app.url}/explore?net=bottleneck")
    expect(page.locator(".st-key-formulas [role=math]").first).to_have_attribute(
        "aria-label", re.compile("divided by groups.* equals 3 squared times 64 squared divided by 1 ")
    )
    groups = page.get_by_role("spinbutton", name="Groups g")
    groups.fill("2")
    groups.press("Enter")
    expect(page.locator(".st-key-formulas [role=math]").first).to_have_attribute(
        "aria-label", re.compile("divided by groups.* equals 3 squared times 64 squared divided by 2 ")
    )
