"""A network whose forward pass never ends, opened in the app: the page says so, and goes on."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from blocks.catalog import opened
from blocks.trace import time_limit

PAGE = str(Path(__file__).resolve().parents[2] / "pages" / "explore.py")
ENDLESS = """
from torch import nn
class Endless(nn.Module):
    input_shape = (1, 3, 8, 8)
    def forward(self, x):
        while True:
            x = x + 1
"""


def test_the_page_says_that_it_has_not_ended_and_shows_the_next_network(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    file = tmp_path / "endless.py"
    file.write_text(ENDLESS)
    monkeypatch.setenv("EXPLORER_OPENED", "{}")
    monkeypatch.setattr(time_limit, "LONGEST_TRACE", 0.2)
    [address] = opened.announce([f"{file}:Endless"])
    at = AppTest.from_file(PAGE, default_timeout=240)
    at.query_params["net"] = address
    at.run()
    assert not at.exception
    assert "the forward pass has not ended after 0.2 s" in " ".join(e.value for e in [*at.error, *at.warning])
    other = AppTest.from_file(PAGE, default_timeout=240)
    other.query_params["net"] = "resnet18"
    other.run()
    assert not other.exception
    assert not other.error
