"""Two replicas behind the proxy of deploy/Caddyfile: a session stays in one; where that one is killed its page goes on in the other."""

from __future__ import annotations

import base64
import os
import re
import signal
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Browser, BrowserContext, Page, expect
from torch import nn

from tests.browser.harness import PATIENCE, App, Complaints, exceptions, open_page, settled
from tests.browser.replicas import COOKIE, NO_PROXY, Replicas, caddy, replicated
from tests.browser.test_file_drop import DROP

KNOB = "[class*='st-key-k'][class*='c_mid'] input"
# The page has run, without being asked, in a session that has turned nothing yet.
NEW_SESSION = """() => {
  const { testConnectionState: connection, testScriptState: script } = document.querySelector("[data-testid=stApp]").dataset;
  return connection === "CONNECTED" && script === "notRunning" && document.querySelector(".st-key-undo button").disabled;
}"""


@pytest.fixture
def replicas(tmp_path: Path) -> Iterator[Replicas]:
    """Both replicas and the proxy. Without a proxy the test skips; where CI is set it fails."""
    if caddy() is None:
        if os.environ.get("CI"):
            pytest.fail(NO_PROXY)
        pytest.skip(NO_PROXY)
    with replicated(tmp_path) as running:
        yield running


def replica_of(page: Page) -> str:
    """The cookie that leads this browser to its replica."""
    [cookie] = [one["value"] for one in page.context.cookies() if one.get("name") == COOKIE]
    return cookie


def turned(page: Page, wanted: int) -> str:
    """The figures after one press of the knob's upward key, which makes it ``wanted``."""
    headline = page.locator(".st-key-headline")
    before = headline.inner_text()
    page.locator(KNOB).first.press("ArrowUp")
    expect(page).to_have_url(re.compile(rf"[?&]c_mid={wanted}(&|$)"))
    expect(headline).not_to_have_text(before, use_inner_text=True)
    return settled(page).locator(".st-key-headline").inner_text()


def kill(app: App) -> None:
    """End a replica as a crash does, its children with it."""
    os.killpg(app.process.pid, signal.SIGKILL)
    app.process.wait()


def figures_of(browser: Browser, url: str) -> str:
    """The figures that a new visitor sees at ``url``."""
    context = browser.new_context()
    try:
        return open_page(context.new_page(), url).locator(".st-key-headline").inner_text()
    finally:
        context.close()


def test_a_session_stays_in_its_replica_and_goes_on_in_another_when_that_is_killed(replicas: Replicas, browser: Browser, page: Page) -> None:
    open_page(page, f"{replicas.url}/explore?net=bottleneck")
    mine = replica_of(page)
    seen = [turned(page, width) for width in (72, 80, 88)]
    assert len(set(seen)) == 3
    assert replica_of(page) == mine
    assert not page.evaluate(NEW_SESSION)
    kill(replicas.apps[mine])
    page.wait_for_function(NEW_SESSION)
    settled(page)
    [other] = set(replicas.apps) - {mine}
    assert replica_of(page) == other
    expect(page).to_have_url(re.compile(r"/explore\?net=bottleneck&c_mid=88$"))
    expect(page.locator(".st-key-headline")).to_have_text(seen[-1], use_inner_text=True)
    after = turned(page, 96)
    assert after not in seen
    assert after.split("\n")[1] == figures_of(browser, page.url).split("\n")[1]
    assert exceptions(page) == []


def test_uploads_and_downloads_reach_the_session_and_an_opened_network_outlives_its_replica(
    replicas: Replicas, page: Page, context: BrowserContext, complaints: Complaints, tmp_path: Path
) -> None:
    program = tmp_path / "mine.pt2"
    torch.export.save(torch.export.export(nn.Sequential(nn.Conv2d(3, 8, 5), nn.Flatten(), nn.Linear(504, 4)).eval(), (torch.zeros(1, 3, 11, 13),)), program)
    open_page(page, f"{replicas.url}/explore?net=resnet18&_tab=memory")
    mine = replica_of(page)
    [other] = set(replicas.apps) - {mine}
    with page.expect_download(timeout=PATIENCE) as waiting:
        page.locator("[data-testid=stDownloadButton] button:visible").first.click()
    assert Path(waiting.value.path()).stat().st_size > 0
    media = waiting.value.url.removeprefix(replicas.url)
    assert "/media/" in media
    assert status(replicas.apps[mine].url + media) == 200
    assert status(replicas.apps[other].url + media) == 404, "another replica has no files of this session: it is the cookie that brings them"
    page.evaluate(DROP, [program.name, base64.b64encode(program.read_bytes()).decode()])
    page.wait_for_url("**net=dropped%3Amine-**", timeout=PATIENCE)
    expect(page.locator(".st-key-headline")).to_contain_text("2.628 k", timeout=PATIENCE)
    settled(page)
    assert complaints.found == []
    address = page.url
    kill(replicas.apps[mine])
    expect(open_page(context.new_page(), address).locator(".st-key-headline")).to_contain_text("2.628 k", timeout=PATIENCE)
    assert replica_of(page) == other


def status(url: str) -> int:
    """The status of an answer."""
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def test_the_proxy_keeps_the_replicas_metrics_to_itself(replicas: Replicas) -> None:
    assert status(f"{replicas.url}/metrics") == 404
    assert status(f"{replicas.url}/_stcore/health") == 200
