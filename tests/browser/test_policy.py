"""The content security policy: every page works under it, and what is not the app's own does not run."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

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
