"""The app in a child process, and a Chromium that looks at it. Used by the browser tests, the benchmark and the screenshots."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import Browser, ConsoleMessage, Page, Playwright, expect

ROOT = Path(__file__).resolve().parents[2]
BARE = ROOT / "tests" / "browser" / "bare" / "app.py"
NO_BROWSER = "no Chromium: install the package chromium, or set EXPLORER_CHROMIUM to its program"
#: A new profile each time, and a browser that calls nobody.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--force-color-profile=srgb",
)
STARTS_WITHIN = 90.0  # seconds until the app must answer
ENDS_WITHIN = 10.0
PATIENCE = 120_000  # milliseconds; on a busy machine what comes late has still come
#: What a turned knob changes on the Explore page: figures, formulas, and the graph's component.
PLACES = (".st-key-headline", ".st-key-formulas", ".st-key-graph .stBidiComponent")
PAGE_LINKS = "[data-testid=stSidebarNavLink], [data-testid=stTopNavLink]"


def chromium() -> str | None:
    """Path of the system's Chromium, or None."""
    names = (os.environ.get("EXPLORER_CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome")
    return next((path for path in map(shutil.which, filter(None, names)) if path), None)


def launch(playwright: Playwright) -> Browser:
    """A headless Chromium; ``RuntimeError`` where there is none."""
    path = chromium()
    if path is None:
        raise RuntimeError(NO_BROWSER)
    return playwright.chromium.launch(executable_path=path, headless=True, args=list(FLAGS))


def free_port() -> int:
    """A port of the loopback interface that nobody listens on."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port: int = s.getsockname()[1]
        return port


@dataclass(frozen=True)
class App:
    """A running app: its address, its process and what it wrote."""

    url: str
    process: subprocess.Popen[bytes]
    log: Path

    def said(self) -> str:
        """Everything that the app has written to its terminal."""
        return self.log.read_text(errors="replace")


@contextmanager
def serve(home: Path, script: Path = ROOT / "app.py", *arguments: str, configured: bool = True, host: str = "127.0.0.1", port: int = 0) -> Iterator[App]:
    """``streamlit run script -- arguments`` on a loopback address and port (0: a free one), with ``home`` as its user's folder; ended by its id on leaving.

    Not ``configured`` it is Streamlit as it comes, without the app's settings.
    Raises ``RuntimeError`` with the app's words if it ends or does not answer in time.
    """
    url = f"http://{host}:{(port := port or free_port())}"
    home.mkdir(parents=True, exist_ok=True)
    log = home / f"{script.parent.name}-{host}-{port}.log"
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port)]
    command += ["--server.address", host, "--server.headless", "true", "--browser.gatherUsageStats", "false", "--", *arguments]
    with log.open("wb") as out:
        process = subprocess.Popen(
            command, cwd=ROOT if configured else script.parent, env=_apart(home), stdout=out, stderr=subprocess.STDOUT, start_new_session=True
        )
    app = App(url, process, log)
    try:
        _wait(app)
        yield app
    finally:
        end(process)


def _apart(home: Path) -> dict[str, str]:
    """The environment of an app that leaves the user's own files alone."""
    own = {"HOME": str(home), "EXPLORER_LEDGER_URL": f"sqlite:///{home / 'ledger.sqlite'}"}
    own |= {name: str(home / folder) for name, folder in (("XDG_DATA_HOME", "data"), ("XDG_CACHE_HOME", "cache"), ("XDG_CONFIG_HOME", "config"))}
    return os.environ | own


def _wait(app: App) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until:
        if app.process.poll() is not None:
            raise RuntimeError(f"the app ended with {app.process.returncode}:\n{app.said()}")
        try:
            with urllib.request.urlopen(f"{app.url}/_stcore/health", timeout=2):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"the app did not answer within {STARTS_WITHIN:g} s:\n{app.said()}")


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process that was started in a session of its own, and its children."""
    process.terminate()
    try:
        process.wait(ENDS_WITHIN)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    try:  # its children share its session; a measuring process must not outlive the test
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


@dataclass
class Complaints:
    """What a page complained about: errors in the console, exceptions of its scripts, answers of 400 and above."""

    found: list[str] = field(default_factory=list)

    def watch(self, page: Page) -> Page:
        """Listen to ``page`` from now on."""
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.found.append(f"exception: {error}"))
        page.on("response", lambda response: self._response(response.status, response.url))
        return page

    def _response(self, status: int, url: str) -> None:
        if status >= 400:
            self.found.append(f"{status}: {url}")

    def _console(self, message: ConsoleMessage) -> None:
        if message.type == "error":
            self.found.append(f"console: {message.text}")


def settled(page: Page, timeout: float = 180.0) -> Page:
    """``page`` once its script has run to the end and nothing is being fetched; ``timeout`` in seconds."""
    app = page.locator("[data-testid=stApp]")
    expect(app).to_have_attribute("data-test-connection-state", "CONNECTED", timeout=timeout * 1000)
    expect(app).to_have_attribute("data-test-script-state", "notRunning", timeout=timeout * 1000)
    expect(page.locator("[data-testid=stSkeleton]")).to_have_count(0, timeout=timeout * 1000)
    return page


def open_page(page: Page, url: str) -> Page:
    """Go to ``url`` and wait until the script behind it has run."""
    page.goto(url, wait_until="domcontentloaded")
    page.locator("[data-testid=stMain] [data-testid=stVerticalBlock]").first.wait_for(state="attached", timeout=1.5 * PATIENCE)
    return settled(page)


def exceptions(page: Page) -> list[str]:
    """The text of every exception that Streamlit shows on the page."""
    return page.locator("[data-testid=stException]").all_inner_texts()


def page_links(page: Page) -> list[str]:
    """Addresses of all pages in the navigation; the page itself where it is the only one."""
    found = [link.evaluate("a => a.href") for link in page.locator(PAGE_LINKS).all()]
    return list(dict.fromkeys(found)) or [page.url]


def shoot(page: Page, path: Path, *, whole: bool = False) -> Path:
    """A picture of ``page`` at ``path``: what the window shows, or the ``whole`` page."""
    path.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=path, full_page=whole, animations="disabled")
    return path
