"""Formulas for those who hear the page: which words stand for their letters and signs. ``assets/aloud.js`` reads the formulas with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

import streamlit as st

from blocks import catalog
from blocks.knobs import Knob
from blocks.language import tr, translatable
from viz.kit.scripts import joined_script

#: Sizes of an input, by the letter that formulas have for them.
_SIZES = {
    "B": translatable("batch size"),
    "H": translatable("height"),
    "W": translatable("width"),
    "N": translatable("number of tokens"),
    "T": translatable("number of frames"),
}
#: What is said for signs, powers and the like; the parts in braces are put in by the reader.
_PHRASES = (
    translatable("plus"),
    translatable("minus"),
    translatable("times"),
    translatable("divided by"),
    translatable("equals"),
    translatable("is not"),
    translatable("is at least"),
    translatable("is at most"),
    translatable("is less than"),
    translatable("is greater than"),
    translatable("divides"),
    translatable("does not divide"),
    translatable("modulo"),
    translatable("is about"),
    translatable("grows as"),
    translatable("becomes"),
    translatable("of"),
    translatable("open bracket"),
    translatable("close bracket"),
    translatable("floor of"),
    translatable("end of floor"),
    translatable("ceiling of"),
    translatable("end of ceiling"),
    translatable("{base} squared"),
    translatable("{base} cubed"),
    translatable("{base} to the power of {exponent}"),
    translatable("{base} sub {index}"),
    translatable("the square root of {part}"),
    translatable("the sum from {low} to {high} of"),
    translatable("the product from {low} to {high} of"),
)

_mount = st.components.v2.component("aloud", html="<span hidden></span>", js=joined_script(Path(__file__).parent / "assets" / "aloud.js"))


def speak_formulas() -> None:
    """Have every formula of the page read in words, in the page's language. Once on a page; :func:`speak_letters` adds what the letters mean."""
    _told("aloud", {name: tr(word) for name, word in _SIZES.items()}, {name: tr(name) for name in _PHRASES})


def speak_letters(names: Iterable[str], key: str = "aloud-letters") -> None:
    """Have the letters of these networks' and blocks' knobs read by the knobs' names; ``key`` is the call's own on the page."""
    _told(key, letter_words(names), {})


def _told(key: str, letters: Mapping[str, str], phrases: Mapping[str, str]) -> None:
    with st.container(key=f"aloud-of-{key}".replace(".", "-")):
        _mount(key=key, data={"letters": dict(letters), "phrases": dict(phrases)})


def letter_words(names: Iterable[str]) -> dict[str, str]:
    """Words by symbol ("C_in": "input channels") for the knobs of these networks and blocks. A letter that means two things among them has none."""
    found: dict[str, set[str]] = {}
    for name in names:
        for knob in catalog.knobs(name):
            for symbol, words in _words(knob):
                found.setdefault(symbol, set()).add(words)
    return {symbol: next(iter(words)) for symbol, words in found.items() if len(words) == 1}


def _words(knob: Knob) -> list[tuple[str, str]]:
    """Symbols and words of a knob: of a list one for each place."""
    words = _inside(tr(knob.label).removesuffix(f" {knob.symbol}"))  # "SE ratio r" has its symbol in words already
    if knob.kind in ("int", "float"):
        return [(knob.symbol, words)]
    return [(f"{knob.symbol}_{place}", f"{words} {place}") for place in range(1, len(knob.default) + 1)] if knob.kind == "ints" and knob.default else []


def _inside(label: str) -> str:
    """A label as it stands inside a sentence: "kernel size", but "SE ratio"."""
    first = label.split(" ")[0]
    return label[:1].lower() + label[1:] if first[1:].islower() else label
