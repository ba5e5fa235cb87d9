"""Knob names in plain text."""

from __future__ import annotations

import pytest

from blocks import catalog
from viz.kit.knob_names import knob_name, knob_symbol


@pytest.mark.parametrize(("symbol", "text"), [("alpha", "α"), ("gamma_2", "γ_2"), ("phi", "φ"), ("C_in", "C_in"), ("r", "r")])
def test_greek_letters_are_written_as_letters(symbol: str, text: str) -> None:
    assert knob_symbol(symbol) == text


def test_a_symbol_is_said_once() -> None:
    for name in ("resnet50", "mobilenet_v2", "bottleneck"):
        for knob in catalog.knobs(name):
            words = knob_name(knob)
            letter = knob_symbol(knob.symbol)
            assert words.startswith(knob.label)
            assert words.split().count(letter) <= max(1, knob.label.split().count(letter))
    knobs = {k.name: k for k in catalog.knobs("resnet50")}
    assert knob_name(knobs["se_ratio"]) == "SE ratio r"
