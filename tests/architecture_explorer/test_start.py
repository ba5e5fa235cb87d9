"""What goes to Streamlit and what goes to the app."""

from __future__ import annotations

import pytest
from streamlit.web import cli

from architecture_explorer.start import main, split


@pytest.mark.parametrize(("arguments", "options", "networks"), [
    ([], [], []),
    (["net.py:Net", "--server.port", "9"], ["--server.port", "9"], ["net.py:Net"]),
    (["--server.port=9", "net.pt2"], ["--server.port=9"], ["net.pt2"]),
    (["--server.headless", "net.py:Net"], ["--server.headless"], ["net.py:Net"]),
    (["--server.headless", "--theme.base", "dark"], ["--server.headless", "--theme.base", "dark"], []),
    (["--server.port", "9", "--", "--odd.py:Net"], ["--server.port", "9"], ["--odd.py:Net"]),
])  # fmt: skip
def test_split(arguments: list[str], options: list[str], networks: list[str]) -> None:
    assert split(arguments) == (options, networks)


def test_streamlit_runs_the_app(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[list[str]] = []
    monkeypatch.setattr(cli, "main", lambda words, **_: asked.append(words))
    assert main(["net.py:Net", "--server.port", "9"], "explorer") == 0
    [words] = asked
    assert words[0] == "run"
    assert words[1].endswith("app.py")
    assert words[2:] == ["--server.port", "9", "--", "net.py:Net"]
