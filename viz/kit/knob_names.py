"""A knob's name in plain text, for tables and lists."""

from __future__ import annotations

from blocks.knobs import Knob
from blocks.language import tr

_GREEK = {"alpha": "α", "beta": "β", "gamma": "γ", "epsilon": "ε", "theta": "θ", "sigma": "σ", "phi": "φ", "rho": "ρ"}


def knob_name(knob: Knob) -> str:
    """Its label and its symbol, where it has one that the label does not say."""
    letter = knob_symbol(knob.symbol)
    said = tr(knob.label)
    return said if knob.symbol == knob.name or said.endswith(f" {letter}") else f"{said} {letter}"


def knob_symbol(name: str) -> str:
    """A knob's symbol in plain letters."""
    head, _, index = name.partition("_")
    return _GREEK.get(head, head) + (f"_{index}" if index else "")
