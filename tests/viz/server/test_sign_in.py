"""Nothing answers without the password, over HTTP and websockets, and no cookie can be made without it."""

from __future__ import annotations

import logging
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.asgi import Answer, ask, pages, scope_of, spoken
from viz.server import sign_in
from viz.server.sign_in import COOKIE_NAME, SignIn

PASSWORD = "correct hörse & staple"
FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}


@pytest.fixture
def door() -> SignIn:
    return SignIn(pages, PASSWORD, wrong_takes=0.0)


def tried(door: SignIn, password: str, path: str = "/explore?net=resnet18", client: str = "203.0.113.7") -> Answer:
    return ask(door, path, "POST", FORM, urlencode({"password": password}).encode(), client)


def cookie(answer: Answer) -> dict[str, str]:
    return {"Cookie": answer.headers["set-cookie"].partition(";")[0]}


PATHS = ("/", "/explore", "/_stcore/host-config", "/_stcore/stream", "/_stcore/metrics", "/_stcore/upload_file/a/b", "/media/x.png", "/static/js/index.js",
         "//_stcore/health", "/_stcore/health/", "/_stcore/health/../stream", "/metrics/")  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST", "DELETE", "OPTIONS"])
def test_nothing_answers_without_the_password(door: SignIn, path: str, method: str) -> None:
    answer = ask(door, path, method, {"Accept": "text/html"})
    assert answer.status == 401
    assert b"the pages" not in answer.body
    assert answer.headers["cache-control"] == "no-store"


@given(st.text(min_size=0, max_size=30).map(lambda text: "/" + text))
@settings(max_examples=50)
def test_no_path_is_an_exception_but_two(path: str) -> None:
    door = SignIn(pages, PASSWORD, wrong_takes=0.0)
    assert (ask(door, path.partition("?")[0]).status == 200) == (path.partition("?")[0] in sign_in.OPEN)


def test_health_and_metrics_answer() -> None:
    assert sign_in.OPEN == ("/_stcore/health", "/metrics")


def test_a_websocket_is_closed_before_it_is_accepted(door: SignIn) -> None:
    connect = [{"type": "websocket.connect"}]
    assert [m["type"] for m in spoken(door, scope_of("/_stcore/stream", kind="websocket"), connect)] == ["websocket.close"]
    signed = cookie(tried(door, PASSWORD))
    assert [m["type"] for m in spoken(door, scope_of("/_stcore/stream", headers=signed, kind="websocket"), connect)] == ["websocket.accept"]


def test_the_password_opens_the_page_that_was_asked_for(door: SignIn) -> None:
    answer = tried(door, PASSWORD)
    assert (answer.status, answer.headers["location"]) == (303, "?net=resnet18")
    flags = {part.strip().lower() for part in answer.headers["set-cookie"].split(";")[1:]}
    assert {"httponly", "samesite=strict", "path=/"} <= flags
    assert ask(door, "/explore", headers=cookie(answer)).text == "the pages"


def test_it_never_leads_to_another_server(door: SignIn) -> None:
    assert tried(door, PASSWORD, "//evil.example/?next=https://evil.example").headers["location"].startswith("?")


@pytest.mark.parametrize("wrong", ["", "correct", PASSWORD + " ", PASSWORD.upper()])
def test_a_wrong_password_is_a_sentence(door: SignIn, wrong: str) -> None:
    answer = tried(door, wrong)
    assert answer.status == 403
    assert "That is not the password." in answer.text
    assert "set-cookie" not in answer.headers


def test_after_too_many_wrong_ones_the_right_one_waits_too(door: SignIn) -> None:
    assert {tried(door, f"guess {i}").status for i in range(10)} == {403}
    answer = tried(door, PASSWORD)
    assert answer.status == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert tried(door, PASSWORD, client="203.0.113.8").status == 303


@pytest.mark.parametrize("value", ["", ".", "9999999999.", "9999999999.00", "nan.00", "x", "1e99.é"])
def test_a_made_up_cookie_opens_nothing(door: SignIn, value: str) -> None:
    assert ask(door, "/", headers={"Cookie": f"{COOKIE_NAME}={value}"}).status == 401


def test_a_changed_an_old_and_another_passwords_cookie_open_nothing(door: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    good = cookie(tried(door, PASSWORD))["Cookie"]
    until, _, signature = good.partition("=")[2].partition(".")
    for changed in (f"{int(until) + 1}.{signature}", f"{until}.{signature[:-1]}{'0' if signature[-1] != '0' else '1'}"):
        assert ask(door, "/", headers={"Cookie": f"{COOKIE_NAME}={changed}"}).status == 401
    assert ask(SignIn(pages, "another password"), "/", headers={"Cookie": good}).status == 401
    assert ask(SignIn(pages, PASSWORD), "/", headers={"Cookie": good}).status == 200  # another process of the same app
    monkeypatch.setattr(sign_in, "VALID", -1.0)
    assert ask(door, "/", headers=cookie(tried(door, PASSWORD))).status == 401


@pytest.mark.parametrize("body", [b"", b"\xff\xfe=&&&", b"password=" + b"a" * 10_000, b"a=1&" * 50, b"password=%ff%fe"])
def test_any_form_is_answered(door: SignIn, body: bytes) -> None:
    assert ask(door, "/", "POST", FORM, body).status == 403


def test_no_password_is_ever_logged(door: SignIn, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        tried(door, PASSWORD)
        for i in range(12):
            tried(door, f"nearly {i}")
    said = " ".join(f"{record.getMessage()} {record.__dict__}" for record in caplog.records)
    assert said.count("wrong password") == 10
    assert "nearly" not in said
    assert PASSWORD not in said
