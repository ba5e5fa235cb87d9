"""The form that asks for the password, in both languages."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from tests.asgi import scope_of
from viz.server.sign_in_page import sign_in_page


@pytest.mark.parametrize(
    ("path", "accepts", "language"),
    [("/", "", "en"), ("/", "de, zh-CN;q=0.9, en;q=0.8", "zh"), ("/?lang=zh", "en", "zh"), ("/?lang=en", "zh", "en"), ("/?lang=%22%3E%3Cscript%3E", "", "en")],
)
def test_it_speaks_the_language_of_the_address_or_the_browser(path: str, accepts: str, language: str) -> None:
    page = bytes(sign_in_page(Request(scope_of(path, headers={"Accept-Language": accepts})), 401).body).decode()
    assert f'<html lang="{language}">' in page
    assert ("Sign in" in page) == (language == "en")
    assert ("登录" in page) == (language == "zh")


def test_it_says_what_was_wrong_and_when_to_try_again() -> None:
    answer = sign_in_page(Request(scope_of("/")), 429, 12.3)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "13")
    assert "Try again in 13 s." in bytes(answer.body).decode()
    assert 'aria-describedby="problem"' in bytes(answer.body).decode()


def test_no_other_site_shows_it_in_a_frame() -> None:
    assert "frame-ancestors 'none'" in sign_in_page(Request(scope_of("/?embed=true")), 401).headers["content-security-policy"]
