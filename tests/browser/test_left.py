"""A session that ends takes its work along."""

from __future__ import annotations

import re
import time
import urllib.request

from playwright.sync_api import BrowserContext, expect

from tests.browser.harness import PATIENCE, App, open_page


def jobs(app: App, family: str, states: str) -> int:
    """Jobs of all pools in these states, as the server's metrics say."""
    with urllib.request.urlopen(f"{app.url}/metrics", timeout=30) as answer:
        said = answer.read().decode()
    assert family in said
    return sum(map(int, re.findall(rf'^{family}\{{[^}}]*state="(?:{states})"[^}}]*\}} (\d+)', said, re.MULTILINE)))


UNFINISHED = ("explorer_jobs", "queued|starting|running")
CANCELLED = ("explorer_jobs_ended_total", "cancelled")


def test_a_count_ends_when_its_page_is_closed(context: BrowserContext, app: App) -> None:
    page = open_page(context.new_page(), f"{app.url}/space?net=densenet201&n=5000")
    expect(page.get_by_role("button", name="Cancel")).to_be_visible(timeout=PATIENCE)
    assert jobs(app, *UNFINISHED) > 0
    before = jobs(app, *CANCELLED)
    page.close()
    until = time.monotonic() + PATIENCE / 1000
    while jobs(app, *UNFINISHED) and time.monotonic() < until:
        time.sleep(1.0)
    assert jobs(app, *UNFINISHED) == 0
    assert jobs(app, *CANCELLED) > before
