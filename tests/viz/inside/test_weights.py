"""Weights that the page offers, and ``--weights`` on the command line."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from architecture_explorer.start import split
from viz.inside import one_screen, weights
from viz.kit import command_line


@pytest.fixture(autouse=True)
def _fresh() -> Iterator[None]:
    command_line.weights_given.cache_clear()
    command_line.from_command_line.cache_clear()
    yield
    command_line.weights_given.cache_clear()
    command_line.from_command_line.cache_clear()


def test_lite0_comes_with_a_package() -> None:
    assert weights.known_weights("efficientnet_lite0") == ["lite0"]
    assert weights.known_weights("resnet18") == []
    assert weights.default_weights("resnet18") == ""
    assert weights.weights_place("efficientnet_lite0", "lite0") == "lite0"


def test_a_file_of_the_command_line_comes_first(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "r.pth"
    file.write_bytes(b"x")
    monkeypatch.setattr(sys, "argv", ["/some/app.py", "--weights", f"resnet18={file}", f"--weights=efficientnet_lite0={file}"])
    assert command_line.from_command_line() == ()
    assert weights.known_weights("resnet18") == ["file"]
    assert weights.weights_place("resnet18", "file") == str(file)
    assert weights.known_weights("efficientnet_lite0") == ["file", "lite0"]


def test_weights_that_cannot_be_used_are_sentences(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "argv", ["/some/app.py", "--weights", "resnet18", "--weights", f"resnet18={tmp_path / 'gone.pth'}", "--weights=resnet5O=x"])
    said = command_line.from_command_line()
    assert len(said) == 3
    assert "resnet50=resnet50.pth" in said[0]
    assert "there is no file gone.pth here" in said[1]
    assert "resnet5O" in said[2]
    assert command_line.weights_given() == {}


def test_the_apps_own_options_do_not_go_to_streamlit() -> None:
    assert split(["net.pt2", "--weights", "resnet50=a.pth", "--server.port", "8502", "--weights=vgg11=b.pt"]) == (
        ["--server.port", "8502"],
        ["net.pt2", "--weights", "resnet50=a.pth", "--weights=vgg11=b.pt"],
    )


def test_the_pages_style_is_for_this_page_only() -> None:
    rules = [line for line in one_screen.INSIDE_ON_ONE_SCREEN.splitlines() if "{" in line and "@media" not in line]
    assert all("inside-" in rule for rule in rules)
