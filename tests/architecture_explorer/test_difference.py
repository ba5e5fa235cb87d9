"""The text and the JSON of a difference hold the library's own figures."""

from __future__ import annotations

import json

import pytest

from architecture_explorer.difference import main
from blocks import analyse

SE, PLAIN = "resnet18,se_ratio=16", "resnet18"


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    assert main(arguments, "diff") == 0
    return capsys.readouterr().out


def test_text(capsys: pytest.CaptureFixture[str]) -> None:
    said = run(capsys, PLAIN, SE, "--level", "class", "--by", "params")
    more = analyse("resnet18", se_ratio=16).params - analyse("resnet18").params
    assert said.count(f"{more:+,}") == 2  # of the totals, and of the one class that was added
    assert "SqueezeExcite" in said


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    said = json.loads(run(capsys, PLAIN, SE, "--json", "--batch", "2"))
    assert said["totals"]["macs"] == {"a": 2 * analyse("resnet18").macs, "b": 2 * analyse("resnet18", se_ratio=16).macs}
    assert sum(row["macs"] for row in said["table"]) == said["totals"]["macs"]["b"] - said["totals"]["macs"]["a"]


def test_equal_networks(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(capsys, PLAIN, PLAIN, "--input", "1,3,64,64").endswith("Nothing differs.\n")


@pytest.mark.parametrize(("arguments", "sentence"), [
    ([PLAIN, "resnt50"], "Nearest: resnet50"),
    ([PLAIN, "resnet18,se_ration=4"], "Nearest: se_ratio"),
    ([PLAIN, SE, "--input", "1,3,a"], "must be whole numbers"),
    (["no_such.py:Net", SE], "there is no file no_such.py"),
])  # fmt: skip
def test_bad_input(arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments, "diff") == 2
    assert sentence in capsys.readouterr().err
