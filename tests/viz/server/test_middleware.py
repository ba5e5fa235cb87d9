"""What every request passes, in its order."""

from __future__ import annotations

import pytest
from starlette.middleware import Middleware
from starlette.types import ASGIApp

from tests.asgi import ask, pages
from viz.server.middleware import layers, server_middleware
from viz.server.policy import EVERYWHERE
from viz.server.settings import ServerSettings

HTML = {"Accept": "text/html"}


def behind(parts: list[Middleware]) -> ASGIApp:
    app: ASGIApp = pages
    for part in reversed(parts):
        app = part.cls(app, *part.args, **part.kwargs)
    return app


def test_without_a_password_the_pages_answer() -> None:
    answer = ask(behind(layers(ServerSettings())), "/explore", headers=HTML)
    assert answer.text == "the pages"
    assert set(EVERYWHERE) <= {name.title().replace("Nosniff", "nosniff") for name in answer.headers}


def test_with_one_the_form_does_and_has_the_same_headers() -> None:
    app = behind(layers(ServerSettings("correct horse")))
    answer = ask(app, "/explore", headers=HTML)
    assert answer.status == 401
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert ask(app, "/metrics").status == 403
    assert ask(app, "/metrics", client="127.0.0.1").status == 200
    assert ask(app, "/_stcore/metrics", client="127.0.0.1").status == 401


def test_a_setting_that_is_not_understood_ends_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_PASSWORD", "short")
    with pytest.raises(SystemExit, match="has 5 characters; at least 8 are needed"):
        server_middleware()
