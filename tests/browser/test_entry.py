"""A link to a page is the first thing that a fresh server is asked for."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.harness import PAGE_LINKS, exceptions, open_page, serve


@pytest.mark.parametrize("address", ["/explore?net=mobilenet_v2&width_mult=0.5"])
def test_a_deep_link_on_a_fresh_server_goes_through_the_app(browser: Browser, tmp_path: Path, address: str) -> None:
    with serve(tmp_path) as fresh:
        context = browser.new_context(viewport={"width": 1440, "height": 900})
        page = open_page(context.new_page(), fresh.url + address)
        expect(page).to_have_title("Architecture explorer")
        expect(page.locator(PAGE_LINKS).nth(1)).to_be_attached()  # a page that runs without the app has no navigation
        assert exceptions(page) == []
        assert "width_mult=0.5" in page.url
        expect(page.get_by_test_id("stMain").get_by_role("heading", name="mobilenet_v2")).to_be_visible()
        context.close()
