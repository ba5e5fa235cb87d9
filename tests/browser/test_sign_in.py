"""A password in a real browser: the form, the page behind it, and a link on another site."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.harness import App, Complaints, open_page, serve, settled

PASSWORD = "correct horse"


@pytest.fixture(scope="module")
def closed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The explorer behind a password."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("EXPLORER_PASSWORD", PASSWORD)
        patch.setenv("EXPLORER_LOG", "json")
        with serve(tmp_path_factory.mktemp("home")) as running:
            yield running


def given(page: Page, password: str) -> None:
    """Fill in the form."""
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()


def test_the_password_opens_the_page_of_the_link(closed: App, context: BrowserContext, complaints: Complaints) -> None:
    page = context.new_page()
    page.goto(f"{closed.url}/explore?net=resnet18&groups=1")
    given(page, "wrong horse")
    expect(page.get_by_role("alert")).to_have_text("That is not the password.")
    complaints.watch(page)
    given(page, PASSWORD)
    page.wait_for_url("**/explore?net=resnet18**")
    expect(page.locator(".st-key-headline")).to_contain_text("11.69 M")
    settled(page)
    assert complaints.found == []
    [cookie] = [cookie for cookie in context.cookies() if cookie["name"] == "explorer_signed_in"]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Strict")
    assert page.evaluate("document.cookie").count("explorer_signed_in") == 0
    said = closed.said()
    assert "refused_sign_in" in said
    assert PASSWORD not in said
    assert "wrong horse" not in said


def test_a_link_on_another_site_needs_no_second_sign_in(closed: App, context: BrowserContext) -> None:
    page = context.new_page()
    page.goto(closed.url)
    given(page, PASSWORD)
    open_page(page, f"{closed.url}/explore?net=resnet18")
    # The same server under its other name is another site to a browser.
    there = closed.url.replace("127.0.0.1", "localhost")
    page.route(f"{there}/**", lambda route: route.fulfill(body=f"<a href='{closed.url}/explore?net=vgg11'>the network</a>", content_type="text/html"))
    page.goto(there)
    page.get_by_role("link", name="the network").click()
    expect(page.locator(".st-key-headline")).to_contain_text("132.9 M")


def test_a_websocket_without_the_cookie_is_refused(closed: App, browser: Browser) -> None:
    context = browser.new_context()
    page = context.new_page()
    page.goto(closed.url)
    ended = page.evaluate(
        """(url) => new Promise((done) => {
          const socket = new WebSocket(url, ["streamlit"]);
          socket.onopen = () => done("open");
          socket.onerror = () => done("refused");
        })""",
        f"{closed.url.replace('http', 'ws')}/_stcore/stream",
    )
    context.close()
    assert ended == "refused"
