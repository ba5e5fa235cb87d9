"""The pictures of README and documentation, light and dark, into docs/screenshots: the pages, and eight famous blocks.

All pages in every size are on ``python -m scripts.contact_sheets``.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path
from typing import Literal

from playwright.sync_api import Browser, expect, sync_playwright

from tests.browser.harness import ROOT, exceptions, launch, open_page, serve, settled, shoot

THEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")

_WINDOW = {"width": 1280, "height": 720}
#: The pages shown in README.md, by the pictures' names.
_PAGES = {
    "explore": "explore?net=resnet50&se_ratio=16",
    "compare": "compare?v=net%3Dresnet50&v=net%3Dresnext50_32x4d&v=net%3Dmobilenet_v2",
    "inside": "inside?at=4&ch=3&px=40.50&why=grad_cam",
    "scaling": "scaling?net=mobilenet_v2&x=width_mult",
    "space": "space?net=mobilenet_v2&n=60&move=width_mult,side,expansion&max.macs=300000000",
    "latency": "latency?net=resnet50&section=roofline",
    "devices": "devices?net=mobilenet_v2",
    "lectures": "lectures?lecture=resnext&step=7&present=1",
    "atlas": "",
}
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


def pages(browser: Browser, url: str, folder: Path) -> list[Path]:
    """Shoot each of :data:`_PAGES`; ``RuntimeError`` if one of them shows an exception."""
    taken = []
    for theme in THEMES:
        context = browser.new_context(viewport=_WINDOW, color_scheme=theme)  # type: ignore[arg-type]
        page = context.new_page()
        for name, address in _PAGES.items():
            if shown := exceptions(open_page(page, f"{url}/{address}")):
                raise RuntimeError(f"{address}: {shown[0]}")
            expect(page.locator("[data-testid=stProgress]:not(.st-key-lecture-bar *):visible")).to_have_count(0, timeout=120_000)
            page.wait_for_timeout(2500)  # the graph's component, the charts and the fonts come after the script has run
            taken.append(shoot(page, folder / f"{name}-{theme}.png"))
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
    parser.add_argument("--only", choices=["pages", "blocks"], help="one of the two alone")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, sync_playwright() as playwright, serve(Path(home)) as app:
        browser = launch(playwright)
        shots = [] if given.only == "blocks" else pages(browser, app.url, given.folder)
        shots += [] if given.only == "pages" else blocks(browser, app.url, given.folder)
        print(*shots, sep="\n")
        browser.close()


if __name__ == "__main__":
    main()
