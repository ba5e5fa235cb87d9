"""Every lecture in both languages, step by step in a presentation: no error, nothing cut off, every experiment shows what it claims."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.harness import App, Complaints, exceptions, open_page, settled
from viz.lectures import course
from viz.lectures.source import read

#: A quarter of an hour of stepping and experiments: on request.
pytestmark = pytest.mark.skipif(not os.environ.get("EXPLORER_LECTURES"), reason="set EXPLORER_LECTURES=1 to step through every lecture")

SIZES = ((1280, 720), (1920, 1080))
#: Seconds that an experiment may take here; on a quiet machine each is done in less than ten.
PATIENCE = 180.0

# What sticks out: the step's end below the bar, or text wider than the place that it has. Two pixels are rounding.
CUT_OFF = """() => {
  const found = [];
  const step = document.querySelector(".st-key-lecture"), bar = document.querySelector(".st-key-lecture-bar");
  if (!step || !bar) return ["no step on the screen"];
  const below = step.getBoundingClientRect().bottom - bar.getBoundingClientRect().top;
  if (below > 2) found.push(`the step ends ${Math.round(below)} px below the bar`);
  for (const place of step.querySelectorAll("[data-testid=stMarkdownContainer], [data-testid=stCaptionContainer]")) {
    const right = place.getBoundingClientRect().right;
    for (const text of place.querySelectorAll("p, li, h2, table, .katex-html")) {
      const wide = text.getBoundingClientRect().right - right;
      if (wide > 2) found.push(`${Math.round(wide)} px too wide: ${text.textContent.slice(0, 60)}`);
    }
  }
  if (document.documentElement.scrollWidth > window.innerWidth + 2) found.push("the page scrolls sideways");
  return found;
}"""


@pytest.fixture(scope="module")
def shared(browser: object) -> Iterator[BrowserContext]:
    """One profile for all lectures: the app's own state between them is what a lecturer has."""
    made = browser.new_context(viewport={"width": 1280, "height": 720}, color_scheme="light")  # type: ignore[attr-defined]
    yield made
    made.close()


def looked_at(page: Page) -> list[str]:
    """What is cut off once the step has come to rest."""
    page.wait_for_timeout(400)  # a new size is told to the server a quarter of a second later
    settled(page)
    for _ in range(30):  # the type shrinks, the graph and the charts arrive
        page.wait_for_timeout(150)
        found: list[str] = page.evaluate(CUT_OFF)
        if not found:
            return []
    return found


def run_experiments(page: Page) -> list[str]:
    """Run what the step offers to run; what did not show its claim."""
    failed = []
    for place in page.locator("[class*=st-key-L-][class*=experiment][class*=-go] button:visible").all():
        place.click()
        shown = page.locator(".st-key-lecture").get_by_text("Shown", exact=True)
        not_shown = page.locator(".st-key-lecture").get_by_text("Not shown this time", exact=True)
        expect(shown.or_(not_shown).or_(page.locator(".st-key-lecture [data-testid=stAlert]")).first).to_be_visible(timeout=PATIENCE * 1000)
        settled(page)
        if not shown.count():
            failed.append(page.locator(".st-key-lecture").inner_text()[:600])
    return failed


@pytest.mark.parametrize("path", course.files(), ids=lambda p: f"{p.parent.name}-{p.stem}")
def test_a_lecture_runs_through(app: App, shared: BrowserContext, complaints: Complaints, path: Path) -> None:
    lecture = read(path)
    page = complaints.watch(shared.new_page())
    open_page(page, f"{app.url}/lectures?lecture={lecture.name}&lang={lecture.language}&present=1")
    wrong: list[str] = []
    for number, step in enumerate(lecture.steps, 1):
        expect(page.locator(".st-key-lecture h2").first).to_have_text(step.title.replace("$", ""), timeout=60_000)
        for width, height in SIZES:
            page.set_viewport_size({"width": width, "height": height})
            wrong += [f"step {number} at {width}x{height}: {what}" for what in looked_at(page)]
        wrong += [f"step {number}: {text}" for text in exceptions(page) + page.locator(".st-key-lecture [data-testid=stAlert]").all_inner_texts()]
        if lecture.language == "en":
            wrong += [f"step {number}: an experiment did not show its claim: {text}" for text in run_experiments(page)]
            for width, height in SIZES if step.views("experiment") else ():
                page.set_viewport_size({"width": width, "height": height})
                wrong += [f"step {number} after its experiment at {width}x{height}: {what}" for what in looked_at(page)]
        page.locator("body").press("ArrowRight")
    page.close()
    assert wrong == []
    assert complaints.found == []
