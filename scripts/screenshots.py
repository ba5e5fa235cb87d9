"""Pictures of every page, light and dark, on a laptop and on a projector, and of eight famous blocks, into docs/screenshots."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from playwright.sync_api import Browser, sync_playwright

from tests.browser.harness import ROOT, exceptions, launch, open_page, page_links, serve, settled, shoot

SIZES = {"": (1440, 900), "-projector": (1920, 1080), "-small": (1280, 720), "-phone": (390, 844)}
THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

#: The blocks shown in docs/blocks.md, in its order.
_BLOCKS = ("bottleneck", "inception_module", "se_bottleneck", "shuffle_unit", "inverted_residual", "csp_stage", "hourglass", "encoder_block")
# The viewer alone, large enough for the whole picture at its own size.
ALONE = """
viewer => {
  Object.assign(viewer.style, {position: "fixed", inset: "0", height: "100vh", zIndex: 1000000, border: "0", borderRadius: "0"});
  viewer.querySelectorAll("div.bar, .zoom").forEach(e => e.style.display = "none");
  const camera = viewer.viewer.camera;
  Object.assign(camera, {x: 0, y: 0, k: 1, moved: true});
  camera.apply();
  const [width, height] = camera.size;
  return {x: 0, y: 0, width: Math.ceil(width), height: Math.ceil(height)};
}
"""


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


def blocks(browser: Browser, url: str, folder: Path) -> list[Path]:
    """Shoot the graph of each of :data:`_BLOCKS`, as the app draws it at block level."""
    taken = []
    for theme in THEMES:
        context = browser.new_context(viewport={"width": 2000, "height": 2400}, color_scheme=theme)
        page = open_page(context.new_page(), url)
        for name in _BLOCKS:
            open_page(page, f"{url}/explore?net={name}")
            page.locator("[data-level=block]").click()
            page.locator("[data-level=block][aria-pressed=true]").wait_for()
            settled(page)
            box = page.locator(".viewer").first.evaluate(ALONE)
            page.wait_for_timeout(400)  # the sheet's layer is drawn anew when it has come to rest
            path = folder / f"blocks-{name}-{theme}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            page.screenshot(path=path, clip=box)
            taken.append(path)
        context.close()
    return taken


def main() -> None:
    """Take the pictures and print where they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "docs" / "screenshots")
    parser.add_argument("--first", default="atlas", help="name of the page that opens first")
    parser.add_argument("--only", choices=["pages", "blocks"], help="one of the two alone")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright, serve(Path(home)) as app:
        browser = launch(playwright)
        shots = [] if given.only == "blocks" else pictures(browser, app.url, given.folder, given.first)
        shots += [] if given.only == "pages" else blocks(browser, app.url, given.folder)
        print(*shots, sep="\n")
        browser.close()


if __name__ == "__main__":
    main()
