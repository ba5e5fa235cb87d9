"""Addresses inside the app: the same page opens from every other one by the same few functions."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

from blocks.knobs import KnobError
from viz.state import Choice, read, write

MAX_VARIANTS = 4


class Link(NamedTuple):
    """A page (as st.page_link and st.switch_page take it) and the query that it opens with."""

    page: str
    query: list[tuple[str, str]]

    @property
    def url(self) -> str:
        """The address below the app's root."""
        name = self.page.removeprefix("pages/").removesuffix(".py")
        return f"/{name}" + (f"?{urlencode(self.query)}" if self.query else "")


class Variant(NamedTuple):
    """A choice with the name that a person gave it ("" for none)."""

    choice: Choice
    label: str = ""


def explore(choice: Choice) -> Link:
    """The Explore page on ``choice``."""
    return Link("pages/explore.py", list(write(choice).items()))


def compare(variants: Sequence[Variant | Choice]) -> Link:
    """The Compare page on two to four variants, in this order."""
    return Link("pages/compare.py", [("v", _packed(v if isinstance(v, Variant) else Variant(v))) for v in variants])


def lecture(family: str, step: int = 1, language: str = "en") -> Link:
    """The lecture of a family, at a step (from 1), in "en" or "zh"."""
    query = [("lecture", family)] + ([("step", str(step))] if step > 1 else []) + ([("lang", language)] if language != "en" else [])
    return Link("pages/lectures.py", query)


def _packed(variant: Variant) -> str:
    label = {"label": variant.label} if variant.label else {}
    return urlencode(write(variant.choice) | label)


def unpacked(texts: Sequence[str]) -> tuple[list[Variant], list[str]]:
    """The variants that the values of ``v`` stand for, and a sentence (which variant, what is wrong) for all that could not be used."""
    variants: list[Variant] = []
    problems: list[str] = []
    for number, text in enumerate(texts, 1):
        if number > MAX_VARIANTS:
            problems.append(f"The link has {len(texts)} variants; the first {MAX_VARIANTS} are shown.")
            break
        params = dict(parse_qsl(text, keep_blank_values=True))
        label = params.pop("label", "")[:60]
        if "net" not in params:
            problems.append(f"Variant {number}: {KnobError('net', text[:60], 'a variant needs net=NAME', ['net=resnet50'])}")
            continue
        choice, wrong = read(params)
        problems += [f"Variant {number}: {sentence}" for sentence in wrong]
        variants.append(Variant(choice, label))
    return variants, problems
