"""The graph's times: the server's, to open a network and a module of it, and the browser's, with 2,000 boxes in sight.

Server: from a traced network to everything the browser needs. Aims: a network under 1 s at stage level, a module under 100 ms.
Browser: a page of the app's own viewer; frames while panning and zooming, against the 60 a second that a screen asks for.
"""

from __future__ import annotations

import argparse
import json
import statistics
import time
from collections.abc import Callable

from playwright.sync_api import Page, sync_playwright
from torch import Tensor, nn

from blocks import Analysis, analyse, catalog
from viz.graph.fold import Fold
from viz.graph.frontend import script, style_sheet, template
from viz.graph.layout import _cache, lay_out
from viz.graph.payload import payload
from viz.graph.readings import Readings
from viz.graph.view_state import ViewState

VISIBLE = 2000

PAGE = """<!doctype html><meta charset="utf-8"><style>body {{ margin: 0 }} {style}</style><div id="place">{template}</div>
<script>{script}</script>"""
RUN = """
(data) => new Promise((done) => {
  const started = performance.now();
  const viewer = new Viewer(document.querySelector(".viewer"));
  viewer.update(data, () => {});
  const drawn = performance.now();
  requestAnimationFrame(() => requestAnimationFrame(() => {
    const shown = performance.now();
    const frames = [];
    const moves = 120;
    let left = moves, last = performance.now();
    const step = (now) => {
      frames.push(now - last);
      last = now;
      if (!left--) {
        const painted = performance.now();
        viewer.overlay = "macs";
        paint(viewer);
        requestAnimationFrame(() => done({ draw: drawn - started, show: shown - started, frames: frames.slice(1), recolour: performance.now() - painted }));
        return;
      }
      if (left % 3) viewer.camera.pan(left % 2 ? 9 : -7, -6);
      else viewer.camera.zoom(left % 2 ? 1.04 : 0.97, [400, 300]);
      requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }));
})
"""


class Chain(nn.Module):
    """Stages of residual blocks, about ``operations`` operations in all."""

    def __init__(self, operations: int, stages: int = 5) -> None:
        super().__init__()
        blocks = operations // 6 // stages
        self.stages = nn.ModuleList(nn.Sequential(*(Block(8 + i) for i in range(blocks))) for _ in range(stages))

    def forward(self, x: Tensor) -> Tensor:
        """One pass."""
        for stage in self.stages:
            x = stage(x)
        return x


class Block(nn.Module):
    """A residual block whose width differs from its neighbour's, so that nothing folds to a repeat of equals."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.a, self.norm, self.act, self.b = nn.Conv2d(8, width, 1), nn.BatchNorm2d(width), nn.ReLU(), nn.Conv2d(width, 8, 1)
        self.last = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """One pass."""
        return self.last(x + self.b(self.act(self.norm(self.a(x)))))


def _timed(work: Callable[[], object], rounds: int) -> float:
    """Median milliseconds of ``work``, each time without layouts kept from before."""
    taken = []
    for _ in range(rounds):
        _cache.clear()
        start = time.perf_counter()
        work()
        taken.append((time.perf_counter() - start) * 1e3)
    return statistics.median(taken)


def server(name: str, analysis: Analysis, rounds: int) -> None:
    """Print the times of one network."""

    def opening() -> None:
        json.dumps(payload(analysis, Fold(analysis.graph), Readings(analysis), ViewState(name, "stage")))

    fold, readings = Fold(analysis.graph), Readings(analysis)
    stage = fold.preset("stage")
    openable = max((item for item in fold.visible(stage)[0] if item.children), key=lambda item: item.stop - item.start)
    opened = stage | {openable.id}

    def one_module() -> None:
        json.dumps(payload(analysis, fold, readings, ViewState(name, "", opened, selected=openable.id)))

    print(
        f"{name:22} {len(analysis.graph.nodes):5} operations   open at stage level {_timed(opening, rounds):7.1f} ms (aim 1000)   "
        f"open {openable.id or 'a module'!r} {_timed(one_module, rounds):6.1f} ms (aim 100), {len(fold.visible(opened)[0])} boxes"
    )


def browser(page: Page, rounds: int) -> None:
    """Print the browser's times with :data:`VISIBLE` boxes."""
    analysis = analyse(Chain(VISIBLE), (1, 8, 16, 16))
    fold, readings = Fold(analysis.graph), Readings(analysis)
    view = ViewState("chain", "operation")
    start = time.perf_counter()
    data = payload(analysis, fold, readings, view) | {"key": "bench", "height": 800, "overlay": "", "scale": {}, "group": "", "download": None}
    laid = time.perf_counter() - start
    boxes = len(fold.visible(fold.preset("operation"))[0])
    if data["error"]:
        raise RuntimeError(data["error"])
    runs = []
    for _ in range(rounds):
        page.set_content(PAGE.format(style=style_sheet(), template=template(), script=script("viewer.js")))
        runs.append(page.evaluate(RUN, data))
    frames = sorted(f for run in runs for f in run["frames"])
    dropped = sum(max(0, round(f / (1000 / 60)) - 1) for f in frames)
    median = {key: statistics.median(run[key] for run in runs) for key in ("draw", "show", "recolour")}
    print(f"browser, {boxes} boxes: {len(data['svg']) / 1e6:.1f} MB of picture, laid out and written in {laid * 1e3:.0f} ms")
    print(f"  first drawn {median['draw']:.0f} ms, seen {median['show']:.0f} ms, recoloured {median['recolour']:.0f} ms")
    print(
        f"  pan and zoom: {len(frames)} frames, median {statistics.median(frames):.1f} ms, p95 {frames[int(0.95 * len(frames))]:.1f} ms, "
        f"dropped {dropped} of {dropped + len(frames)} ({100 * dropped / (dropped + len(frames)):.1f} %)"
    )


def main() -> None:
    """Print everything."""
    from tests.browser.harness import launch

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--no-browser", action="store_true")
    given = parser.parse_args()
    lay_out("digraph { a }")  # the interpreter of Graphviz starts once for a server
    most = max(catalog.names(kind="model"), key=lambda name: len(analyse(name).graph.nodes))
    largest = max(catalog.names(kind="model"), key=lambda name: analyse(name).params)
    for name in dict.fromkeys(("resnet50", largest, most)):
        server(name, analyse(name), given.rounds)
    server("chain of 1500", analyse(Chain(1500), (1, 8, 16, 16)), given.rounds)
    if not given.no_browser:
        with sync_playwright() as playwright:
            running = launch(playwright)
            browser(running.new_page(viewport={"width": 1440, "height": 900}), max(1, given.rounds // 3))
            running.close()


if __name__ == "__main__":
    main()
