"""A look at one step of a lecture in the browser: what is wrong with it. Used by the tests and by the contact sheets."""

from __future__ import annotations

from playwright.sync_api import Page, TimeoutError

from blocks.language import speaking, tr

#: Windows of a presentation: a laptop's and a projector's.
SIZES = ((1280, 720), (1920, 1080))
#: Milliseconds that a step and an experiment may take beside other tests; on a quiet machine each experiment is done in less than ten seconds.
SOON, PATIENCE = 120_000, 300_000

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

# What there is instead of a step at rest.
THERE = """() => {
  const app = document.querySelector("[data-testid=stApp]"), step = document.querySelector(".st-key-lecture");
  const charts = [...(step?.querySelectorAll("[data-testid=stPlotlyChart]") ?? [])];
  return `step "${step?.querySelector("h2")?.textContent.trim()}" of ${location.search}, script ${app?.dataset.testScriptState}, `
    + `connection ${app?.dataset.testConnectionState}, fitted to "${document.documentElement.dataset.lecture}" in ${innerWidth}x${innerHeight}, `
    + `typefaces ${document.fonts.status}, ${document.querySelectorAll("[data-testid=stSkeleton]").length} placeholders, `
    + `${charts.filter((chart) => !chart.querySelector(".main-svg")).length} charts not drawn`;
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
      if (!text.checkVisibility()) continue; // what is folded has the layout of when it was last seen
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
  return said.length + step.querySelectorAll("[data-testid=stAlert]").length >= step.querySelectorAll("[class*=experiment][class*=-go]").length;
}"""


def verdicts(language: str) -> list[str]:
    """What an experiment may say of its claim."""
    with speaking(language):
        return [tr("Confirmed"), tr("Not confirmed this time")]


def over(page: Page, language: str) -> None:
    """Wait until every experiment of the step has said something of its claim."""
    page.wait_for_function(OVER, arg=verdicts(language), timeout=PATIENCE)


def look_at(page: Page, title: str, size: tuple[int, int]) -> list[str]:
    """What is wrong with the step of this ``title`` in a window of this size, once it has come to rest there."""
    width, height = size
    page.set_viewport_size({"width": width, "height": height})
    try:
        page.wait_for_function(AT_REST, arg=[title, f"{width}x{height}"], timeout=SOON)
    except TimeoutError as error:
        raise TimeoutError(f'"{title}" did not come to rest in {width}x{height}: {page.evaluate(THERE)}') from error
    return [f"{width}x{height}: {what}" for what in page.evaluate(WRONG)]
