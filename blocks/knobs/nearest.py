"""The names that a mistyped one most likely meant: one rule for knobs, networks, families, machines and experiments."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import SequenceMatcher

_LONGEST = 200  # characters that are compared: no name is longer, and likeness costs length times length


def nearest_names(name: str, names: Iterable[str], most: int = 3, least: float = 0.5) -> list[str]:
    """Up to ``most`` of ``names``, best first: those that contain ``name``, earlier is better, then those that look like it.

    Case and punctuation do not count. ``least`` is the smallest likeness taken, from 0 (nothing in common) to 1 (equal).
    """
    wanted = letters_of(name[:_LONGEST])

    def likeness(known: str) -> float:
        found = letters_of(known)
        if wanted and wanted in found:
            return 3 - found.index(wanted) / 100
        return SequenceMatcher(None, found, wanted).ratio()

    ranked = sorted(((-likeness(known), natural_order(known), known) for known in names), key=lambda r: r[:2])
    return [known for score, _, known in ranked[:most] if -score >= least]


def letters_of(name: str) -> str:
    """The letters and digits of ``name``, in lower case."""
    return re.sub(r"[^a-z0-9]", "", name.lower())


def natural_order(name: str) -> list[tuple[bool, int, str]]:
    """Sort key that puts resnet18 before resnet101."""
    return [_order_of(part) for part in re.split(r"(\d+)", name)]


def _order_of(part: str) -> tuple[bool, int, str]:
    """A number by its digits, of any length, before any other text. (``isdigit`` would take "²", which is no number.)"""
    if not part.isdecimal():
        return True, 0, part
    digits = part.lstrip("0")
    return False, len(digits), digits
