"""The content security policy: every page works under it, and what is not the app's own does not run."""

from __future__ import annotations

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Page, expect

from tests.browser.harness import App, Complaints, exceptions, open_page, settled

_WATCH = """window.refused = [];
document.addEventListener("securitypolicyviolation", (event) => window.refused.push(`${event.effectiveDirective} ${event.blockedURI} ${event.sourceFile}:${event.lineNumber}`));"""
PAGES = (
    "",
    "explore?net=resnet18",
    "compare?v=net%3Dresnet18&v=net%3Dvgg11",
    "scaling?net=resnet18",
    "space?net=resnet18",
    "latency?net=resnet18",
    "devices?net=resnet18",
    "lectures?lecture=resnet&step=2",
)


def refused(page: Page) -> list[str]:
    """What the policy has refused on this page."""
    found: list[str] = page.evaluate("window.refused")
    return found


@pytest.fixture
def watched(page: Page) -> Page:
    """A page that notes what the policy refuses."""
    page.add_init_script(_WATCH)
    return page


@pytest.mark.parametrize("address", PAGES)
def test_a_page_asks_for_nothing_that_is_refused(app: App, watched: Page, complaints: Complaints, address: str) -> None:
    open_page(watched, f"{app.url}/{address}")
    for tab in watched.get_by_role("tab").all():
        tab.click()
        settled(watched)
    watched.wait_for_timeout(500)  # charts and fonts come after the run
    assert refused(watched) == []
    assert complaints.found == []
    assert exceptions(watched) == []


def test_nothing_else_runs_loads_or_is_reached(app: App, watched: Page) -> None:
    open_page(watched, f"{app.url}/explore?net=resnet18")
    watched.evaluate(
        """() => {
          window.ran = [];
          const script = document.createElement("script");
          script.textContent = "window.ran.push('inline')";
          document.body.append(script);
          const holder = document.createElement("div");
          holder.innerHTML = `<img src="x:" onerror="window.ran.push('handler')"><img src="https://evil.example/a.png"><iframe src="https://evil.example/"></iframe>`;
          document.body.append(holder);
          const far = document.createElement("script");
          far.src = "https://evil.example/a.js";
          document.body.append(far);
          document.head.append(Object.assign(document.createElement("base"), { href: "https://evil.example/" }));
        }"""
    )
    assert watched.evaluate("fetch('https://evil.example/').then(() => 'reached', () => 'refused')") == "refused"
    watched.wait_for_timeout(300)
    assert watched.evaluate("window.ran") == []
    kinds = {line.split()[0] for line in refused(watched)}
    assert {"script-src-elem", "script-src-attr", "img-src", "frame-src", "connect-src", "base-uri"} <= kinds


def test_only_the_embedding_address_is_shown_in_another_sites_frame(app: App, page: Page, tmp_path: Path) -> None:
    frames = "".join(
        f"<iframe id='{name}' src='{app.url}/explore?net=resnet18{more}' width=900 height=700></iframe>" for name, more in (("a", "&embed=true"), ("b", ""))
    )
    (tmp_path / "course.html").write_text(frames)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=tmp_path))
    Thread(target=server.serve_forever, daemon=True).start()
    page.goto(f"http://localhost:{server.server_port}/course.html")  # another site than 127.0.0.1
    expect(page.frame_locator("#a").locator(".st-key-headline")).to_contain_text("11.69 M")
    expect(page.frame_locator("#b").locator(".st-key-headline")).to_have_count(0)
    server.shutdown()
    server.server_close()


_ELSEWHERE = """[...document.querySelectorAll("a, img, iframe, script, link, form")].map((element) => element.href || element.src || element.action || "")
  .filter((address) => typeof address === "string" && address && new URL(address, location.href).hostname.endsWith("evil.example"))"""
HOSTILE = '"><img src=https://evil.example/a.png onerror=alert(1)><script>alert(2)</script>[link](https://evil.example/b)![p](https://evil.example/c.png) https://evil.example/d'


@pytest.mark.parametrize(
    ("page_name", "names"),
    [("", ("find", "family", "net", "mode")), ("explore", ("net", "open", "kernel_size")), ("explore?net=resnet18", ("se_ratio", "in", "dtype", "odd")),
     ("compare", ("v", "net")), ("scaling?net=resnet18", ("knob", "law", "odd")), ("space?net=resnet18", ("axes", "budget")), ("latency", ("net", "device", "odd")),
     ("devices?net=resnet18", ("find", "on", "run", "odd")), ("devices?view=own", ("times", "set", "table")),
     ("lectures", ("lecture", "step", "lang"))],
)  # fmt: skip
def test_what_an_address_says_is_shown_as_it_is(app: App, watched: Page, complaints: Complaints, page_name: str, names: tuple[str, ...]) -> None:
    for name in names:
        open_page(watched, f"{app.url}/{page_name}{'&' if '?' in page_name else '?'}{urlencode({name: HOSTILE})}")
        assert watched.evaluate(_ELSEWHERE) == []
        assert watched.locator("[data-testid=stApp] [onerror]").count() == 0
        assert refused(watched) == []
        assert exceptions(watched) == []
    assert complaints.found == []


def test_a_table_a_chart_and_a_lectures_graph_are_saved_under_the_policy(app: App, watched: Page, complaints: Complaints, tmp_path: Path) -> None:
    open_page(watched, f"{app.url}/explore?net=resnet18&_tab=memory")
    chart = watched.locator(".st-key-memory-timeline-chart")
    chart.hover()
    for button, suffix in ((chart.locator("[data-title*=ownload]"), ".svg"), (watched.locator(".st-key-memory-timeline-csv button"), ".csv")):
        with watched.expect_download() as waiting:
            button.click()
        assert waiting.value.suggested_filename.endswith(suffix)
        waiting.value.save_as(tmp_path / suffix)
        assert (tmp_path / suffix).stat().st_size > 100
    open_page(watched, f"{app.url}/lectures?lecture=resnet&step=2")
    expect(watched.locator(".viewer .sheet svg").first).to_be_visible()
    assert refused(watched) == []
    assert complaints.found == []
