"""Knobs as words of a command line."""

from __future__ import annotations

from collections.abc import Sequence

from blocks.catalog.registry import knobs
from blocks.knobs import KnobError, unknown_knob


def knobs_of_words(name: str, rest: Sequence[str]) -> dict[str, object]:
    """Values of a network's knobs from what is left of a command line: ``--se-ratio 16`` or ``--se-ratio=16``. Raises :class:`KnobError`."""
    known = {k.name: k for k in knobs(name)}
    given: dict[str, object] = {}
    words = list(rest)
    while words:
        word = words.pop(0)
        option, equals, text = word.partition("=")
        knob = option.removeprefix("--").replace("-", "_")
        if not option.startswith("--") or knob not in known:
            raise unknown_knob(name, knob, text if equals else (words[0] if words else ""), known)
        if not equals:
            if not words or (words[0].startswith("--")):
                raise KnobError(knob, None, "needs a value", [known[knob].default])
            text = words.pop(0)
        given[knob] = known[knob].parse(text)
    return given
