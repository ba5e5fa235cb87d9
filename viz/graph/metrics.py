"""Widths of text: Helvetica's advance widths in thousandths of the font size, which Arial and PDF readers share."""

from __future__ import annotations

_SPACE = ord(" ")
# From the space to the tilde, in the order of ASCII.
_PLAIN = (
    278, 278, 355, 556, 556, 889, 667, 191, 333, 333, 389, 584, 278, 333, 278, 278, *[556] * 10, 278, 278, 584, 584, 584, 556,
    1015, 667, 667, 722, 722, 667, 611, 778, 722, 278, 500, 667, 556, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 278, 278, 278, 469, 556,
    333, 556, 556, 500, 556, 556, 278, 556, 556, 222, 222, 500, 222, 833, 556, 556, 556, 556, 333, 500, 278, 556, 500, 722, 500, 500, 500, 334, 260, 334, 584,
)  # fmt: skip
_BOLD = (
    278, 333, 474, 556, 556, 889, 722, 238, 333, 333, 389, 584, 278, 333, 278, 278, *[556] * 10, 333, 333, 584, 584, 584, 611,
    975, 722, 722, 722, 722, 667, 611, 778, 722, 278, 556, 722, 611, 833, 722, 778, 667, 778, 722, 667, 611, 722, 667, 944, 667, 667, 611, 333, 278, 333, 584, 556,
    333, 556, 611, 556, 611, 556, 333, 611, 611, 278, 278, 556, 278, 889, 611, 611, 611, 611, 389, 556, 333, 611, 556, 778, 556, 556, 500, 389, 280, 389, 584,
)  # fmt: skip
_OTHER = {"×": 584, "·": 278, "→": 987, "²": 333, "–": 556, "½": 834}
_UNKNOWN, _WIDE = 600, 1000  # other alphabets; scripts with square letters


def text_width(text: str, size: float, bold: bool = False) -> float:
    """Width of one line of ``text`` at ``size``, in the unit of ``size``."""
    table = _BOLD if bold else _PLAIN
    units = 0
    for c in text:
        place = ord(c) - _SPACE
        units += table[place] if 0 <= place < len(table) else _OTHER.get(c, _WIDE if ord(c) > 0x2E7F else _UNKNOWN)
    return units * size / 1000
