"""The export's sentences, and the file it makes of exactly the network that is shown."""

from __future__ import annotations

import pytest
import torch

from blocks.export import NETWORK_FORMATS, Export
from tests.drawing import page_of, said
from viz.explore import export_panel as panel
from viz.kit.choice import Choice


def made(monkeypatch: pytest.MonkeyPatch, export: Export) -> tuple[str, list[tuple[object, ...]]]:
    """What the page says of an export, and what it asked for."""
    asked: list[tuple[object, ...]] = []

    def answer(*given: object) -> Export:
        asked.append(given)
        return export

    monkeypatch.setattr(panel, "_made", answer)
    app = page_of(panel.export_panel, Choice("squeeze_excitation", {"c_in": 24})).run()
    assert asked == [], "nothing is made before it is asked for"
    app.button(key="export-ONNX").click().run()
    assert not app.exception
    return said(app), asked


def test_every_format_says_what_reads_it() -> None:
    assert set(panel._ABOUT) == set(NETWORK_FORMATS)


@pytest.mark.parametrize(
    ("difference", "sentence"), [(None, "comparing an ONNX file needs onnxruntime"), (0.0, "exactly the network's outputs"), (2.5e-7, "outputs is 2.5e-07")]
)
def test_the_check_is_said(monkeypatch: pytest.MonkeyPatch, difference: float | None, sentence: str) -> None:
    words, asked = made(monkeypatch, Export("ONNX", b"1234", difference=difference))
    assert sentence in words
    ((name, knobs, _, kind),) = asked
    assert (name, knobs, kind) == ("squeeze_excitation", (("c_in", 24),), "ONNX")


def test_a_file_has_the_same_bytes_twice_and_the_random_state_stays() -> None:
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    found = panel._made.__wrapped__("squeeze_excitation", (("c_in", 8),), (1, 8, 4, 4), "torch.export")
    assert torch.rand(1) == expected
    assert (found.problem, found.difference) == ("", 0.0)
