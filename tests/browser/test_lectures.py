"""Every lecture, step by step in a presentation: no error, nothing cut off, every experiment shows what it claims.

Of each lecture every third step is looked at in one language, with the window of a laptop and of a projector in turn; ``make thorough`` looks at every
step in both languages and both windows. tests/pages/test_lectures.py runs every step of every lecture without a browser.
"""

from __future__ import annotations

import io
import re
import unicodedata
import warnings
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pypdf import PdfReader

from blocks.language import LANGUAGES
from tests.browser.harness import App, Complaints, open_page
from tests.browser.lecture_steps import OVER, SIZES, SOON, look_at, over, verdicts
from tests.thorough import THOROUGH, spread
from viz.lectures import course
from viz.lectures.source import Lecture, LectureStep, read_lecture

#: Experiments whose claim is about time.
TIMED = {"kernel_sizes", "shift_time", "shuffle_guidelines", "squeeze_or_alex", "wide_or_deep"}
LECTURES = [lecture.name for lecture in course.lectures("en")]


@pytest.fixture(scope="module")
def shared(browser: object) -> Iterator[BrowserContext]:
    """One profile for all lectures: the app's own state between them is what a lecturer has."""
    made = browser.new_context(viewport={"width": SIZES[0][0], "height": SIZES[0][1]}, color_scheme="light")  # type: ignore[attr-defined]
    yield made
    made.close()


@pytest.fixture
def sheet(shared: BrowserContext, complaints: Complaints) -> Iterator[Page]:
    """A page of that profile, closed whatever comes of it: windows of one lecture in one profile turn each other."""
    page = complaints.watch(shared.new_page())
    yield page
    page.close()


def looked_at(page: Page, step: LectureStep, sizes: tuple[tuple[int, int], ...]) -> list[str]:
    """What is wrong with the step in each of these windows."""
    return [what for size in sizes for what in look_at(page, step.title, size)]


def run_experiments(page: Page, step: LectureStep, language: str) -> list[str]:
    """What of the step's experiments, which run when it opens, did not show its claim.

    A claim about time is tried twice; where the machine was too busy even for an interval ("…"), nothing is known of the claim, and a
    warning says so.
    """
    goes = page.locator(".st-key-lecture [class*=experiment][class*=-go] button:visible")
    views = step.views("experiment")
    assert goes.count() == len(views)
    timed = any(view.options["name"] in TIMED for view in views)
    held = page.locator(".st-key-lecture strong").get_by_text(verdicts(language)[0], exact=True)
    for again in (False, True) if timed else (False,):  # the first try has begun when the step opened
        if again:
            for k in range(goes.count()):
                goes.nth(k).click()
            # what the first try said goes first
            page.wait_for_function(f"(verdicts) => !({OVER})(verdicts)", arg=verdicts(language), timeout=SOON)
        over(page, language)
        if held.count() == len(views):
            return []
    said = page.locator(".st-key-lecture").inner_text()
    if timed and "…" in said:
        warnings.warn(f"too busy a machine to judge: {said[:200]}", stacklevel=2)
        return []
    return [f"an experiment did not show its claim: {said[:600]}"]


def through(page: Page, lecture: Lecture, language: str, first: int) -> list[str]:
    """What is wrong with the first step of a lecture and every third from ``first`` on, walking with the keyboard; each in the other window than the one before."""
    wrong, here = look_at(page, lecture.steps[0].title, SIZES[0]), 0  # keys are heard once it is at rest
    for turn, number in enumerate(spread(range(len(lecture.steps)), 3, first)):
        step, size = lecture.steps[number], SIZES[turn % len(SIZES)]
        for _ in range(number - here):
            page.keyboard.press("ArrowRight")
        here = number
        found = look_at(page, step.title, size)
        if step.views("experiment"):
            found += [f"after its experiment: {what}" for what in run_experiments(page, step, language) + look_at(page, step.title, size)]
        wrong += [f"{language}, step {number + 1}, {what}" for what in found]
    return wrong


def through_all(page: Page, lectures: dict[str, Lecture]) -> list[str]:
    """Everything that is wrong with a lecture in each language and each window.

    Languages take turns in being first, which is where experiments are run; the other one shows what the same run has shown.
    """
    wrong = []
    first, second = lectures
    sizes = SIZES
    for number in range(len(lectures[first].steps)):
        for language in (first, second):
            step = lectures[language].steps[number]
            if language == second:
                page.locator(f".st-key-bar-lang-{language} button:visible, .st-key-lang-{language} button:visible").click()
            found = looked_at(page, step, sizes)
            sizes = sizes[::-1]  # the next look begins in the window that this one ended in
            if language == first and step.views("experiment"):
                found += [f"after its experiment: {what}" for what in run_experiments(page, step, language) + looked_at(page, step, sizes)]
                sizes = sizes[::-1]
            elif step.views("experiment"):
                found += [] if page.evaluate(OVER, verdicts(language)) else ["the experiment's claim is not there in this language"]
            wrong += [f"{language}, step {number + 1}, {what}" for what in found]
        first, second = second, first
        page.keyboard.press("ArrowRight")
    return wrong


def opened(app: App, page: Page, name: str, language: str) -> Page:
    """The lecture's first step as a presentation, in the laptop's window."""
    page.set_viewport_size({"width": SIZES[0][0], "height": SIZES[0][1]})
    return open_page(page, f"{app.url}/lectures?lecture={name}&present=1&lang={language}")  # the browser keeps the language of the lecture before


@pytest.mark.parametrize("name", LECTURES)
def test_a_lecture_runs_through(app: App, sheet: Page, complaints: Complaints, name: str) -> None:
    place = LECTURES.index(name)
    language = list(LANGUAGES)[place % len(LANGUAGES)]
    assert through(opened(app, sheet, name, language), read_lecture(course.HOME / language / f"{name}.md"), language, place) == []
    assert complaints.found == []


@pytest.mark.parametrize("pace", [0, 90, 350])
def test_no_key_is_lost_at_any_pace(app: App, browser: Browser, complaints: Complaints, pace: int) -> None:
    lecture = course.find_lecture("resnet", "en")
    assert lecture is not None
    context = browser.new_context(viewport={"width": SIZES[0][0], "height": SIZES[0][1]})
    page = opened(app, complaints.watch(context.new_page()), lecture.name, "en")
    look_at(page, lecture.steps[0].title, SIZES[0])
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft", "ArrowRight", "ArrowRight", "ArrowLeft"):
        page.keyboard.press(key)
        page.wait_for_timeout(pace)
    assert look_at(page, lecture.steps[3].title, SIZES[0]) == []
    assert re.search(r"[?&]step=4(&|$)", page.url)
    context.close()
    assert complaints.found == []


@pytest.mark.skipif(not THOROUGH, reason="an hour: make thorough")
@pytest.mark.parametrize("name", LECTURES)
def test_a_lecture_runs_through_in_both_languages(app: App, sheet: Page, complaints: Complaints, name: str) -> None:
    lectures = {language: read_lecture(course.HOME / language / f"{name}.md") for language in LANGUAGES}
    assert through_all(opened(app, sheet, name, next(iter(lectures))), lectures) == []
    assert complaints.found == []


# Text on a printed sheet that is too pale for white paper, and pictures that a sheet would cut.
UNPRINTABLE = """() => {
  const found = [], box = (element) => element.getBoundingClientRect();
  const lecture = document.querySelector(".st-key-lecture");
  for (const text of lecture.querySelectorAll("h1, h2, p, li, td, th")) {
    const [r, g, b] = getComputedStyle(text).color.match(/[\\d.]+/g).map(Number);
    if (0.2126 * r + 0.7152 * g + 0.0722 * b > 140) found.push(`pale: ${text.textContent.slice(0, 60)}`);
  }
  for (const wide of lecture.querySelectorAll("table, img, .main-svg, .katex-html")) {
    if (box(wide).right > box(lecture).right + 2) found.push(`sticks out: ${wide.textContent.slice(0, 60)}`);
    if (wide.tagName === "IMG" && box(wide).height > 650) found.push(`taller than a sheet: ${Math.round(box(wide).height)} px`);
  }
  return found;
}"""


# Radicals of simplified characters, which Unicode's own normalization leaves as they are.
RADICALS = str.maketrans("⺟⺠⻁⻄⻅⻆⻉⻋⻓⻔⻘⻙⻚⻛⻜⻝⻢⻣⻤⻥⻦⻨⻩⻬⻮⻰⻳", "母民虎西见角贝车长门青韦页风飞食马骨鬼鱼鸟麦黄齐齿龙龟")


def plain(text: str) -> str:
    """``text`` without spaces, and with the usual characters where a PDF has the radicals that look alike."""
    return "".join(unicodedata.normalize("NFKC", text.translate(RADICALS)).split())


@pytest.mark.parametrize(("name", "language", "theme"), [("resnet", "en", "dark"), ("senet", "zh", "light")])
def test_the_handout_prints_every_step_on_white_paper(app: App, browser: Browser, complaints: Complaints, name: str, language: str, theme: str) -> None:
    lecture = course.find_lecture(name, language)
    assert lecture is not None
    context = browser.new_context(viewport={"width": 1280, "height": 720}, color_scheme=theme)  # type: ignore[arg-type]
    page = complaints.watch(context.new_page())
    open_page(page, f"{app.url}/lectures?lecture={name}&lang={language}&handout=1")
    page.wait_for_function("() => document.documentElement.dataset.lecture === '1280x720'", timeout=SOON)
    page.emulate_media(media="print", color_scheme=theme)  # type: ignore[arg-type]
    wrong = page.evaluate(UNPRINTABLE)
    sheets = [sheet.extract_text() for sheet in PdfReader(io.BytesIO(page.pdf(prefer_css_page_size=True, print_background=True))).pages]
    context.close()
    assert wrong == []
    printed = [plain(sheet) for sheet in sheets]
    places = [next((i for i, sheet in enumerate(printed) if plain(step.title) in sheet), None) for step in lecture.steps]
    assert None not in places
    assert places == sorted(places)  # type: ignore[type-var]
    assert len(sheets) <= 1.5 * len(lecture.steps)
    assert complaints.found == []


def test_the_presenters_window_and_the_projector_turn_each_other(app: App, browser: Browser, complaints: Complaints) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    projector = complaints.watch(context.new_page())
    open_page(projector, f"{app.url}/lectures?lecture=resnet&step=2&present=1")
    projector.wait_for_function("() => document.documentElement.dataset.lecture === '1280x720'", timeout=SOON)
    with context.expect_page() as opened:
        projector.keyboard.press("n")
    notes = complaints.watch(opened.value)
    titles = [step.title for step in read_lecture(course.HOME / "en" / "resnet.md").steps]
    notes.locator(".st-key-lecture-notes h2").get_by_text(titles[1]).wait_for(timeout=SOON)
    assert projector.locator(".st-key-lecture-notes").count() == 0
    projector.keyboard.press("ArrowRight")
    notes.locator(".st-key-lecture-notes h2").get_by_text(titles[2]).wait_for(timeout=SOON)
    notes.keyboard.press("ArrowRight")
    projector.locator(".st-key-lecture h2").get_by_text(titles[3]).wait_for(timeout=SOON)
    # Its link is of the step where it was opened: a window that missed the turns asks for them.
    open_page(notes, re.sub(r"step=\d+", "step=2", notes.url))
    notes.locator(".st-key-lecture-notes h2").get_by_text(titles[3]).wait_for(timeout=SOON)
    context.close()
    assert complaints.found == []


def test_a_step_whose_first_run_is_cut_short_shows_its_own_numbers(app: App, page: Page) -> None:
    steps = read_lecture(course.HOME / "zh" / "hourglass.md").steps
    page.set_viewport_size({"width": SIZES[1][0], "height": SIZES[1][1]})
    open_page(page, f"{app.url}/lectures?lecture=hourglass&present=1&lang=zh")
    look_at(page, steps[0].title, SIZES[1])
    page.keyboard.press("ArrowRight")
    look_at(page, steps[1].title, SIZES[0])  # the other window runs the page again before the browser has the step's fields
    fields = page.locator(".st-key-lecture input")
    for place, value in enumerate(("4", "256", "1")):
        expect(fields.nth(place)).to_have_value(value)
