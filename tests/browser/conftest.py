"""A Chromium for the session, the app behind it, and a fresh profile for each test."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from tests.browser.harness import BARE, NO_BROWSER, App, Complaints, chromium, launch, serve

HERE = Path(__file__).parent
expect.set_options(timeout=30_000)  # two tests share two cores: what comes late has still come


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One xdist worker runs all browser tests, so that one app and one browser serve them; the many lectures may have one of their own."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.xdist_group("lectures" if item.path.stem == "test_lectures" else "browser"))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """The system's Chromium. Without one the test skips; where CI is set it fails."""
    if chromium() is None:
        if os.environ.get("CI"):
            pytest.fail(NO_BROWSER)
        pytest.skip(NO_BROWSER)
    with sync_playwright() as playwright:
        running = launch(playwright)
        yield running
        running.close()


@pytest.fixture(scope="session")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The explorer, serving."""
    with serve(tmp_path_factory.mktemp("home")) as running:
        yield running


@pytest.fixture(scope="session")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The bare page, serving."""
    with serve(tmp_path_factory.mktemp("home"), BARE) as running:
        yield running


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """An empty profile in a laptop's window."""
    made = browser.new_context(viewport={"width": 1440, "height": 900}, color_scheme="light", accept_downloads=True)
    yield made
    made.close()


@pytest.fixture
def complaints() -> Complaints:
    """What the pages of this test complain about."""
    return Complaints()


@pytest.fixture
def page(context: BrowserContext, complaints: Complaints) -> Page:
    """An empty page, listened to by ``complaints``."""
    return complaints.watch(context.new_page())
