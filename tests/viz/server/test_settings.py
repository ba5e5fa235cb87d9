"""The server's settings: closed without any, and a misspelt one is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from blocks.knobs import KnobError
from viz.server.settings import LEAST_PASSWORD, ServerSettings, server_settings


def test_without_any_everything_is_closed() -> None:
    assert server_settings({}) == ServerSettings(password="", embed=None, metrics_open=False, json_log=False)


def test_all_of_them() -> None:
    said = {
        "EXPLORER_PASSWORD": "correct horse",
        "EXPLORER_EMBED": "https://a.example https://*.b.example:8443",
        "EXPLORER_METRICS": "open",
        "EXPLORER_LOG": "json",
    }
    assert server_settings(said) == ServerSettings("correct horse", ("https://a.example", "https://*.b.example:8443"), True, True)
    assert server_settings({"EXPLORER_EMBED": "none"}).embed == ()


def test_a_password_out_of_a_file_is_its_line(tmp_path: Path) -> None:
    (tmp_path / "password").write_text("two words \n")
    assert server_settings({"EXPLORER_PASSWORD_FILE": str(tmp_path / "password")}).password == "two words "


@pytest.mark.parametrize(
    ("said", "why"),
    [
        ({"EXPLORER_PASSWORD": ""}, "has 0 characters"),
        ({"EXPLORER_PASSWORD": "s3cret!"}, f"has 7 characters; at least {LEAST_PASSWORD} are needed"),
        ({"EXPLORER_PASSWORD_FILE": "/nowhere/at all"}, "cannot be read"),
        ({"EXPLORER_PASSWORD": "correct horse", "EXPLORER_PASSWORD_FILE": "/nowhere"}, "together with"),
        ({"EXPLORER_EMBED": "https://a.example; script-src *"}, "must be an origin"),
        ({"EXPLORER_METRICS": "yes"}, "must be open"),
        ({"EXPLORER_LOG": "JSON"}, "must be json"),
    ],
)
def test_what_is_not_understood_is_refused(said: dict[str, str], why: str) -> None:
    with pytest.raises(KnobError, match=why) as found:
        server_settings(said)
    assert "s3cret!" not in str(found.value)
    assert "correct horse" not in str(found.value)


def test_the_password_is_not_in_what_the_settings_print() -> None:
    assert "correct horse" not in repr(ServerSettings("correct horse"))
