"""The app starts and every page of the navigation opens without a complaint."""

from __future__ import annotations

import pytest
from playwright.sync_api import BrowserContext, Page

from tests.browser.harness import App, Complaints, exceptions, open_page, page_links


def test_every_page_of_the_navigation_opens(app: App, page: Page, complaints: Complaints) -> None:
    open_page(page, app.url)
    for link in page_links(page):
        open_page(page, link)
        assert exceptions(page) == [], f"{link}\n{app.said()}"
    assert complaints.found == []
    assert "Traceback" not in app.said()


@pytest.mark.parametrize("width", [1280, 1920])
def test_no_page_is_wider_than_the_window(app: App, context: BrowserContext, width: int) -> None:
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 720})
    open_page(page, app.url)
    for link in page_links(page):
        open_page(page, link)
        assert page.evaluate("document.documentElement.scrollWidth") <= width, link
