"""The app starts, and every page of the navigation opens without a complaint and is no wider than the window."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser.harness import App, Complaints, exceptions, open_page, page_links


def test_every_page_of_the_navigation_opens(app: App, page: Page, complaints: Complaints) -> None:
    open_page(page, app.url)
    for link in page_links(page):
        open_page(page, link)
        assert exceptions(page) == [], f"{link}\n{app.said()}"
        for width in (1920, 1280):
            page.set_viewport_size({"width": width, "height": 720})
            assert page.evaluate("document.documentElement.scrollWidth") <= width, link
    assert complaints.found == []
    assert "Traceback" not in app.said()
