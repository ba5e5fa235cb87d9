"""The Export view of the Explore page: a file and its check, or a sentence."""

from __future__ import annotations

from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from blocks import export as exporting

PAGE = Path(__file__).resolve().parents[2] / "pages" / "explore.py"


def opened() -> AppTest:
    at = AppTest.from_file(str(PAGE), default_timeout=240)
    at.query_params["net"] = "squeeze_excitation"
    at.query_params["c_in"] = "24"
    at.query_params["_tab"] = "export"
    return at.run()


def test_nothing_is_made_before_it_is_asked_for() -> None:
    at = opened()
    assert not at.exception
    assert [b.label for b in at.button if (b.key or "").startswith("export-")] == ["Make the .pt2 file", "Make the .onnx file"]
    assert not at.get("download_button")


def test_a_file_with_its_check() -> None:
    at = opened().button(key="export-torch.export").click().run()
    assert not at.exception
    assert next(b.label for b in at.get("download_button")).startswith("Download ")
    assert any("Run again from the file" in c.value for c in at.caption)


def test_why_not_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "MOST_BYTES", 10)
    at = opened()
    at.query_params["c_in"] = "32"  # another network than the one that is kept
    at.run().button(key="export-torch.export").click().run()
    assert not at.exception
    assert any("MiB" in w.value for w in at.warning)
    assert not at.get("download_button")
