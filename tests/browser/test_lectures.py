"""Every lecture in both languages, step by step in a presentation: no error, nothing cut off, every experiment shows what it claims."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.harness import App, Complaints, open_page
from viz.lectures import course
from viz.lectures.source import Lecture, Step, read
from viz.lectures.words import word

SIZES = ((1280, 720), (1920, 1080))
#: Milliseconds that a step and an experiment may take beside other tests; on a quiet machine each experiment is done in less than ten seconds.
SOON, PATIENCE = 60_000, 180_000

# The step called so is on the screen, its script has run, its type fits, its charts are there, and the server knows the window's size.
AT_REST = """([title, size]) => {
  const app = document.querySelector("[data-testid=stApp]");
  const step = document.querySelector(".st-key-lecture");
  return step?.querySelector("h2")?.textContent.trim() === title
    && app.dataset.testScriptState === "notRunning" && app.dataset.testConnectionState === "CONNECTED"
    && document.documentElement.dataset.lecture === size && document.fonts.status === "loaded"
    && !document.querySelector("[data-testid=stSkeleton]")
    && [...step.querySelectorAll("[data-testid=stPlotlyChart]")].every((chart) => chart.querySelector(".main-svg"));
}"""

# What is wrong to look at: errors, the step's end below the bar, text outside of its place, text too small. Two pixels are rounding.
WRONG = """() => {
  const found = [], short = (element) => element.textContent.trim().slice(0, 60), box = (element) => element.getBoundingClientRect();
  const step = document.querySelector(".st-key-lecture"), bar = document.querySelector(".st-key-lecture-bar");
  if (!step || !bar) return ["no step on the screen"];
  for (const said of document.querySelectorAll("[data-testid=stException], .st-key-lecture [data-testid=stAlert]")) found.push(said.textContent);
  const below = box(step).bottom - box(bar).top;
  if (below > 2) found.push(`the step ends ${Math.round(below)} px below the bar`);
  for (const place of step.querySelectorAll("[data-testid=stMarkdownContainer], [data-testid=stCaptionContainer]")) {
    for (const text of place.querySelectorAll("p, li, h2, table, .katex-html")) {
      const wide = box(text).right - box(place).right;
      if (wide > 2) found.push(`${Math.round(wide)} px too wide: ${short(text)}`);
    }
  }
  for (const label of step.querySelectorAll("label, button, [data-baseweb=select] *")) {
    const style = getComputedStyle(label);
    if (style.overflow !== "visible" && label.scrollWidth > label.clientWidth + 2 && short(label)) found.push(`a widget cuts off: ${short(label)}`);
  }
  for (const chart of step.querySelectorAll(".js-plotly-plot")) {
    const room = box(chart);
    for (const text of chart.querySelectorAll("svg text")) {
      const own = box(text), out = Math.max(room.left - own.left, own.right - room.right, room.top - own.top, own.bottom - room.bottom);
      if (own.width && out > 3) found.push(`a chart cuts off ${Math.round(out)} px: ${short(text)}`);
    }
  }
  for (const text of step.querySelectorAll("[data-testid=stMarkdownContainer] :is(p, li, td)")) {
    const size = parseFloat(getComputedStyle(text).fontSize);
    if (size < 14 && short(text)) found.push(`type of ${size.toFixed(1)} px: ${short(text)}`);
  }
  if (document.documentElement.scrollWidth > window.innerWidth + 2) found.push("the page scrolls sideways");
  return [...new Set(found)];
}"""

# Every experiment of the step has said whether its claim held, or that it failed.
OVER = """(verdicts) => {
  const step = document.querySelector(".st-key-lecture");
  const said = [...step.querySelectorAll("strong")].filter((text) => verdicts.includes(text.textContent.trim()));
  return said.length + step.querySelectorAll("[data-testid=stAlert]").length >= step.querySelectorAll("[class*=experiment][class$=-go]").length;
}"""


@pytest.fixture(scope="module")
def shared(browser: object) -> Iterator[BrowserContext]:
    """One profile for all lectures: the app's own state between them is what a lecturer has."""
    made = browser.new_context(viewport={"width": SIZES[0][0], "height": SIZES[0][1]}, color_scheme="light")  # type: ignore[attr-defined]
    yield made
    made.close()


def looked_at(page: Page, step: Step, sizes: tuple[tuple[int, int], ...]) -> list[str]:
    """What is wrong with the step in each of these windows, once it has come to rest there."""
    found = []
    for width, height in sizes:
        page.set_viewport_size({"width": width, "height": height})
        page.wait_for_function(AT_REST, arg=[step.title, f"{width}x{height}"], timeout=SOON)
        found += [f"{width}x{height}: {what}" for what in page.evaluate(WRONG)]
    return found


def run_experiments(page: Page, language: str) -> list[str]:
    """Run what the step offers to run; what did not show its claim."""
    goes = page.locator(".st-key-lecture [class*=experiment][class$=-go] button")
    for k in range(goes.count()):
        goes.nth(k).click()
    shown, missed = word("claim_holds", language), word("claim_fails", language)
    page.wait_for_function(OVER, arg=[shown, missed], timeout=PATIENCE)
    held = page.locator(".st-key-lecture strong").get_by_text(shown, exact=True)
    return [] if held.count() == goes.count() else [f"an experiment did not show its claim: {page.locator('.st-key-lecture').inner_text()[:600]}"]


def through(page: Page, lecture: Lecture) -> list[str]:
    """Everything that is wrong with the lecture, stepping through it with the keyboard."""
    wrong = []
    sizes = SIZES
    for number, step in enumerate(lecture.steps, 1):
        found = looked_at(page, step, sizes)
        sizes = sizes[::-1]  # the next look begins in the window that this one ended in
        if step.views("experiment"):
            found += [f"after its experiment: {what}" for what in run_experiments(page, lecture.language) + looked_at(page, step, sizes)]
            sizes = sizes[::-1]
        wrong += [f"step {number}, {what}" for what in found]
        page.keyboard.press("ArrowRight")
    return wrong


@pytest.mark.parametrize("path", course.files(), ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_a_lecture_runs_through(app: App, shared: BrowserContext, complaints: Complaints, path: Path) -> None:
    lecture = read(path)
    page = complaints.watch(shared.new_page())
    page.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})
    open_page(page, f"{app.url}/lectures?lecture={lecture.name}&lang={lecture.language}&present=1")
    wrong = through(page, lecture)
    page.close()
    assert wrong == []
    assert complaints.found == []
