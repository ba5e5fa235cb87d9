"""Contact sheets to look at: every page in four sizes, both themes and both languages; every step of every lecture. Into build/contact-sheets.

python -m scripts.contact_sheets                  all
python -m scripts.contact_sheets --only lectures  what is wrong with a step is printed, and the exit code is 1
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from blocks.language import LANGUAGES
from scripts.screenshots import THEMES
from tests.browser.harness import ROOT, exceptions, launch, open_page, page_links, serve
from tests.browser.lecture_steps import SIZES as PRESENTATIONS
from tests.browser.lecture_steps import look_at, over
from viz.lectures import course
from viz.lectures.source import read_lecture

_Size = tuple[int, int]
#: Windows of the pages: two to a row of a sheet.
_SIZES: tuple[_Size, ...] = ((1280, 720), (1920, 1080), (820, 1180), (375, 812))
#: How lectures are shown: language, theme, window.
_LECTURES: tuple[tuple[str, Literal["light", "dark"], _Size], ...] = (("en", "light", PRESENTATIONS[0]), ("zh", "dark", PRESENTATIONS[1]))
_WIDTH, _GAP = 1280, 16  # pixels: a picture on a sheet is at most so wide


def sheet(pictures: Sequence[Image.Image], columns: int = 2) -> Image.Image:
    """The pictures in rows of ``columns``, none wider than 1280 pixels; ``ValueError`` without any."""
    if not pictures:
        raise ValueError("a sheet needs at least one picture")
    fitted = [picture.resize((_WIDTH, round(picture.height * _WIDTH / picture.width))) if picture.width > _WIDTH else picture for picture in pictures]
    rows = [fitted[k : k + columns] for k in range(0, len(fitted), columns)]
    width = max(sum(picture.width + _GAP for picture in row) for row in rows) + _GAP
    height = sum(max(picture.height for picture in row) + _GAP for row in rows) + _GAP
    made = Image.new("RGB", (width, height), "#7f7f7f")
    top = _GAP
    for row in rows:
        left = _GAP
        for picture in row:
            made.paste(picture, (left, top))
            left += picture.width + _GAP
        top += max(picture.height for picture in row) + _GAP
    return made


def picture(page: Page) -> Image.Image:
    """What the page's window shows."""
    return Image.open(io.BytesIO(page.screenshot(animations="disabled"))).convert("RGB")


def page_sheets(browser: Browser, url: str) -> Iterator[tuple[str, Image.Image]]:
    """A sheet per page, language and theme, with a name; ``RuntimeError`` if a page shows an exception."""
    for language in LANGUAGES:
        for theme in THEMES:
            context = browser.new_context(color_scheme=theme)
            page = context.new_page()
            for link in page_links(open_page(page, url)):
                shots = []
                for width, height in _SIZES:
                    page.set_viewport_size({"width": width, "height": height})
                    if shown := exceptions(open_page(page, f"{link}?lang={language}")):
                        raise RuntimeError(f"{link}: {shown[0]}")
                    page.wait_for_timeout(1500)  # the graph's component and the fonts come after the script has run
                    shots.append(picture(page))
                yield f"page-{urlsplit(link).path.strip('/') or 'atlas'}-{language}-{theme}", sheet(shots)
            context.close()


def lecture_sheets(browser: Browser, url: str, wrong: list[str]) -> Iterator[tuple[str, Image.Image]]:
    """A sheet per lecture and language, with a name; what is wrong with a step goes to ``wrong``."""
    for language, theme, (width, height) in _LECTURES:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
        page = context.new_page()
        for name in [lecture.name for lecture in course.lectures("en")]:
            shots = []
            open_page(page, f"{url}/lectures?lecture={name}&present=1&lang={language}")
            for number, step in enumerate(read_lecture(course.HOME / language / f"{name}.md").steps, 1):
                found = look_at(page, step.title, (width, height))
                if step.views("experiment"):
                    over(page, language)
                    page.wait_for_timeout(1000)  # the picture comes after the words, by a run of its own
                    found = look_at(page, step.title, (width, height))
                wrong += [f"{name} {language}, step {number}, {what}" for what in found]
                shots.append(picture(page))
                page.keyboard.press("ArrowRight")
            yield f"lecture-{name}-{language}", sheet(shots)
        context.close()


def main() -> None:
    """Make the sheets, print where they are and what is wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "contact-sheets")
    parser.add_argument("--only", choices=["pages", "lectures"], help="one of the two alone")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    wrong: list[str] = []
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright, serve(Path(home)) as app:
        browser = launch(playwright)
        makers = {"pages": page_sheets(browser, app.url), "lectures": lecture_sheets(browser, app.url, wrong)}
        for kind, sheets in makers.items():
            for name, made in sheets if given.only in (None, kind) else ():
                made.save(path := given.folder / f"{name}.png")
                print(path, flush=True)
        browser.close()
    print(*wrong, sep="\n")
    sys.exit(bool(wrong))


if __name__ == "__main__":
    main()
