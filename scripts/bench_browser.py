"""Turning a knob on the Explore page against the rerun of a bare Streamlit page, in one browser run. Aim: at most 1.5 times.

The clock runs in the page: from the key's event to the moment when everything that is watched shows something new. A knob is
turned on and on ("explore", whose next value the page may have analysed ahead), and set to values that follow no rule ("leaps").
Those are number fields; a slider, which Streamlit lets rest for a moment before it reruns, is turned on and on too.
"""

from __future__ import annotations

import argparse
import random
import statistics
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from scripts.rounds import interleaved, quartiles_text, ratio
from tests.browser.harness import BARE, PLACES, launch, open_page, serve, settled

# Reads each watched place (through open shadow roots), waits for the key, then at each change there whether the place says something new.
CLOCK = """
([places, limit]) => {
  const roots = node => [node, ...[...node.querySelectorAll("*")].filter(n => n.shadowRoot).flatMap(n => roots(n.shadowRoot))];
  const found = places.map(place => [...document.querySelectorAll(place)].flatMap(roots));
  const read = i => found[i].map(root => root.textContent).join("||");
  const before = [...places.keys()].map(read);
  if (before.some(t => !t)) { throw new Error("nothing to watch at " + places[before.findIndex(t => !t)]); }
  window.__turned = new Promise((done, failed) => window.addEventListener("keydown", () => {
    const start = performance.now();
    const left = new Set(places.keys());
    const watchers = [...places.keys()].map(i => {
      const watcher = new MutationObserver(() => {
        if (read(i) === before[i]) { return; }
        watcher.disconnect();
        left.delete(i);
        if (!left.size) { done((performance.now() - start) / 1000); }
      });
      for (const root of found[i]) { watcher.observe(root, {subtree: true, childList: true, characterData: true}); }
      return watcher;
    });
    setTimeout(() => {
      watchers.forEach(w => w.disconnect());
      failed(new Error("unchanged: " + [...left].map(i => places[i]).join(", ")));
    }, limit);
  }, {capture: true, once: true}));
}
"""


# Whether every watched place has something to read: a component comes after the script has run.
READY = """
places => {
  const text = node => [...node.childNodes].map(n => n.nodeType === 3 ? n.data : text(n)).join("") + (node.shadowRoot ? text(node.shadowRoot) : "");
  return places.every(place => [...document.querySelectorAll(place)].some(text));
}
"""


@dataclass(frozen=True)
class Turn:
    """A knob to turn: CSS selectors of the widget's input and of what must change, and the keys that turn it on.

    Turned on and on, it never comes back to a value whose figures are kept."""

    knob: str
    watch: Sequence[str]
    keys: Sequence[str] = ("ArrowUp",)


#: Milliseconds that a user looks at what has changed before turning on.
PAUSE = 250

BARE_TURN = Turn(".st-key-knob input", (".st-key-figure",))
BARE_SLIDE = Turn(".st-key-knob input[type=range]", (".st-key-figure",), ("ArrowRight",))


def _unfolded(page: Page, knob: str) -> Page:
    """The page with the section open that holds ``knob``, where it is folded."""
    if not page.locator(knob).first.is_visible():
        page.locator("details", has=page.locator(knob)).locator("summary").first.click()
        page.locator(knob).first.wait_for()
    return page


def _turn(page: Page, what: Turn, limit: float = 60.0) -> float:
    """Seconds from the last key to the change of everything that is watched; the page has settled before and after."""
    page.wait_for_function(READY, arg=list(what.watch), timeout=limit * 1000)
    knob = page.locator(what.knob).first
    knob.focus()
    *first, last = what.keys
    for key in first:
        knob.press(key)
    page.evaluate(CLOCK, [list(what.watch), limit * 1000])
    knob.press(last)
    taken: float = page.evaluate("window.__turned")
    settled(page)
    page.wait_for_timeout(PAUSE)
    return taken


LEAPS = random.Random(5).sample(range(128, 1024, 8), 100)  # stem widths of a resnet; none comes twice


class Leaping:
    """A page whose knob is set to a number that nobody can foresee, by typing it."""

    def __init__(self, page: Page, what: Turn) -> None:
        self.page, self.what, self.numbers = _unfolded(page, what.knob), replace(what, keys=("Enter",)), iter(LEAPS)

    def __call__(self) -> float:
        """Seconds from the key that ends the typing."""
        self.page.bring_to_front()
        self.page.locator(self.what.knob).first.fill(str(next(self.numbers)))
        return _turn(self.page, self.what)


class Turning:
    """A page whose knob is turned on and on."""

    def __init__(self, page: Page, what: Turn) -> None:
        self.page, self.what = _unfolded(page, what.knob), what

    def __call__(self) -> float:
        """Seconds of the next turn."""
        self.page.bring_to_front()
        return _turn(self.page, self.what)


def main() -> None:
    """Print both times and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--query", default="net=resnet50", help="the address of the network, after the question mark")
    parser.add_argument("--knob", default="[class*=st-key-k0-stem_width] input", help="CSS selector of the number input that is turned")
    parser.add_argument("--slider", default="[class*=st-key-k0-width_mult] input[type=range]", help="CSS selector of the slider that is turned")
    parser.add_argument("--slider-query", default="net=mobilenet_v2&width_mult=0.5", help="the address of its network: one with room for a step a round")
    parser.add_argument("--watch", nargs="+", default=PLACES, help="CSS selectors of what must change")
    given = parser.parse_args()
    explore_turn = Turn(given.knob, tuple(given.watch))
    explore_slide = Turn(given.slider, tuple(given.watch), ("ArrowRight",))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        home = Path(folder)
        with serve(home / "explore") as explore, serve(home / "bare", BARE, configured=False) as bare:
            browser = launch(playwright)
            context = browser.new_context(viewport={"width": 1440, "height": 900})
            pages: dict[str, Callable[[], float]] = {
                "explore": Turning(open_page(context.new_page(), f"{explore.url}/explore?{given.query}"), explore_turn),
                "leaps": Leaping(open_page(context.new_page(), f"{explore.url}/explore?{given.query}"), explore_turn),
                "bare": Turning(open_page(context.new_page(), f"{bare.url}/?widget=number"), BARE_TURN),
                "slider": Turning(open_page(context.new_page(), f"{explore.url}/explore?{given.slider_query}"), explore_slide),
                "bare slider": Turning(open_page(context.new_page(), f"{bare.url}/?widget=slider"), BARE_SLIDE),
            }
            taken = interleaved(pages, given.rounds)
            browser.close()
    for name, times in taken.items():
        print(f"{name:11} {statistics.median(times) * 1e3:7.0f} ms  (median of {len(times)} turns)")
    for name, bare_one in (("explore", "bare"), ("leaps", "bare"), ("slider", "bare slider")):
        print(f"{name:7} / {bare_one:11}  {quartiles_text(ratio(taken[name], taken[bare_one]))}   aim: at most 1.5")


if __name__ == "__main__":
    main()
