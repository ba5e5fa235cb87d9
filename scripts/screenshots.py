"""Pictures of every page, light and dark, on a laptop and on a projector, into docs/screenshots."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, sync_playwright

from tests.browser.harness import ROOT, exceptions, launch, open_page, page_links, serve, shoot

SIZES = {"": (1440, 900), "-projector": (1920, 1080), "-small": (1280, 720), "-phone": (390, 844)}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def name_of(url: str, first: str) -> str:
    """The page's name in file names: the last part of its address, or ``first`` for the page without one."""
    return urlsplit(url).path.strip("/").replace("/", "-") or first


def pictures(browser: Browser, url: str, folder: Path, first: str) -> list[Path]:
    """Shoot every page of the app at ``url``; ``RuntimeError`` if one of them shows an exception."""
    taken = []
    for theme in THEMES:
        for suffix, (width, height) in SIZES.items():
            context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=theme)
            page = context.new_page()
            for link in page_links(open_page(page, url)):
                if shown := exceptions(open_page(page, link)):
                    raise RuntimeError(f"{link}: {shown[0]}")
                page.wait_for_timeout(1500)  # the graph's component and the fonts come after the script has run
                taken.append(shoot(page, folder / f"{name_of(link, first)}-{theme}{suffix}.png"))
            context.close()
    return taken


def main() -> None:
    """Take the pictures and print where they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "docs" / "screenshots")
    parser.add_argument("--first", default="atlas", help="name of the page that opens first")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright, serve(Path(home)) as app:
        browser = launch(playwright)
        for path in pictures(browser, app.url, given.folder, given.first):
            print(path)
        browser.close()


if __name__ == "__main__":
    main()
