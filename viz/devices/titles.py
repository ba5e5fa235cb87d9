"""Short titles of devices, for a box that shows one line: published names tell chip, cores and clocks."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

#: From the shortest on: up to the first comma or bracket, up to the first bracket, up to its end, the whole name.
_CUTS = (r"[^(,]+", r"[^(]+", r"[^(]+(?:\([^)]*\))?", r".+")


def short_titles(names: Sequence[str]) -> dict[str, str]:
    """The shortest of its beginnings that no other of ``names`` has, by name: "Raspberry Pi 5 Broadcom BCM2712, Cortex-A76" without its clocks."""
    titles: dict[str, str] = {}
    for cut in _CUTS:
        begun = {name: _cut(cut, name) for name in names if name not in titles}
        often = Counter(_cut(cut, name) for name in set(names))
        titles |= {name: title for name, title in begun.items() if often[title] == 1}
    return titles


def _cut(pattern: str, name: str) -> str:
    found = re.match(pattern, name)
    return name if found is None or found[0] == name else found[0].strip(" -,") or name
