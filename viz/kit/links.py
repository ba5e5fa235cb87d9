"""Addresses inside the app: the same page opens from every other one by the same few functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from blocks import catalog
from blocks.knobs import KnobError
from blocks.language import tr
from viz.kit.choice import Choice, read_choice, write_choice
from viz.kit.language import in_language

MAX_VARIANTS = 6
LONGEST_VARIANT = 2000  # characters of one variant in a link; every knob of the largest network takes under 700
_COLOUR = "_c"


class Link(NamedTuple):
    """A page (as st.page_link and st.switch_page take it) and the query that it opens with."""

    page: str
    query: list[tuple[str, str]]

    @property
    def url(self) -> str:
        """The address below the app's root, in the language of now."""
        name = self.page.removeprefix("pages/").removesuffix(".py")
        query = in_language(tuple(self.query))
        return f"/{name}" + (f"?{urlencode(query)}" if query else "")


class Variant(NamedTuple):
    """A choice with the name that a user gave it ("" for none) and its colour's number (None: its place's)."""

    choice: Choice
    label: str = ""
    colour: int | None = None


def explore_link(choice: Choice) -> Link:
    """The Explore page on ``choice``."""
    return Link("pages/explore.py", list(write_choice(choice).items()))


def inside_link(choice: Choice) -> Link:
    """The Inside page on ``choice``: a picture goes through it."""
    return Link("pages/inside.py", list(write_choice(choice).items()))


def compare_link(variants: Sequence[Variant | Choice]) -> Link:
    """The Compare page on two to six variants, in this order."""
    return Link("pages/compare.py", [("v", _packed(v if isinstance(v, Variant) else Variant(v), i)) for i, v in enumerate(variants)])


def latency_link(variants: Sequence[Variant | Choice], section: str = "", **conditions: str) -> Link:
    """The Latency page on one to six variants, at a section ("measure", "versus", "profile", "roofline", "predict", "sweep", "ledger"); further
    ``conditions`` are fields of an experiment: device, quantity, threads ..."""
    return Link("pages/latency.py", compare_link(variants).query + ([("section", section)] if section else []) + list(conditions.items()))


def course_link(language: str = "en") -> Link:
    """All lectures in their order, in "en" or "zh"."""
    return Link("pages/lectures.py", [("lang", language)])  # without parameters it would open the lecture that was left


def lecture_link(family: str, step: int = 1, language: str = "en") -> Link:
    """The lecture of a family, at a step (from 1), in "en" or "zh"."""
    query = [("lecture", family)] + ([("step", str(step))] if step > 1 else []) + ([("lang", language)] if language != "en" else [])
    return Link("pages/lectures.py", query)


def _packed(variant: Variant, place: int) -> str:
    more = {"label": variant.label} if variant.label else {}
    if variant.colour not in (None, place):
        more[_COLOUR] = str(variant.colour)
    return urlencode(write_choice(variant.choice) | more)


def read_variants(texts: Sequence[str]) -> tuple[list[Variant], list[str]]:
    """The variants that the values of ``v`` stand for, and a sentence (which variant, what is wrong) for all that could not be used.

    A variant without a network that we have is left out; a knob that cannot be used leaves the network as published.
    """
    variants: list[Variant] = []
    problems = [tr("The link has {n} variants; the first {most} are shown.", n=len(texts), most=MAX_VARIANTS)] if len(texts) > MAX_VARIANTS else []
    for number, text in enumerate(texts[:MAX_VARIANTS], 1):
        variant, wrong = _variant(text)
        problems += [tr("Variant {number}: {sentence}", number=number, sentence=sentence) for sentence in wrong]
        if variant is not None:
            variants.append(variant)
    return _told_apart(variants), problems


def _variant(text: str) -> tuple[Variant | None, list[str]]:
    if len(text) > LONGEST_VARIANT:
        return None, [tr("its part of the link has {n} characters, at most {most} are read. It is left out.", n=f"{len(text):,}", most=f"{LONGEST_VARIANT:,}")]
    params = dict(parse_qsl(text, keep_blank_values=True))
    label = " ".join(params.pop("label", "").split())[:60]
    colour = params.pop(_COLOUR, "")
    if "net" not in params:
        return None, [_left_out(KnobError("net", text[:60], tr("a variant needs net=NAME"), ["net=resnet50"]))]
    try:
        catalog.entry(params["net"])
    except KnobError as error:
        return None, [_left_out(error)]
    choice, wrong = read_choice(params)
    return Variant(choice, label, int(colour) if colour in _COLOURS else None), wrong


def _left_out(error: KnobError) -> str:
    return tr("{problem} It is left out.", problem=error)


_COLOURS = {str(i) for i in range(8)}


def _told_apart(variants: list[Variant]) -> list[Variant]:
    """Each variant with a colour of its own: the one it asks for if nobody before it has it, else its place's or the next free one."""
    taken: set[int] = {v.colour for v in variants if v.colour is not None}
    seen: set[int] = set()
    made = []
    for place, variant in enumerate(variants):
        colour = variant.colour
        if colour is None or colour in seen:
            colour = place if place not in taken | seen else next(i for i in range(8) if i not in taken | seen)
        seen.add(colour)
        made.append(variant._replace(colour=colour))
    return made
