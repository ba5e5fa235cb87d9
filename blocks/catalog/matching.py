"""Finding a name as a person types it: search by words, and the names that a mistyped one meant."""

from __future__ import annotations

import difflib
import functools
import re
from collections.abc import Iterable
from typing import Any, Protocol


class Findable(Protocol):
    """What is looked at: an entry of the catalog."""

    @property
    def name(self) -> str:
        """The name."""

    @property
    def title(self) -> str:
        """The name as a title."""

    @property
    def summary(self) -> str:
        """One sentence."""

    @property
    def family(self) -> Any:
        """Its family, with ``title``, ``idea`` and ``tags``."""

    @property
    def papers(self) -> Any:
        """Its papers."""

    @property
    def knobs(self) -> Any:
        """Its knobs, with their labels."""


def natural(name: str) -> list[Any]:
    """Sort key that puts resnet18 before resnet101."""
    return [int(part) if part.isdigit() else part for part in re.split(r"(\d+)", name)]


def suggestions(name: str, names: Iterable[str], n: int = 3) -> list[str]:
    """Those of ``names`` that a mistyped one most likely meant: those that begin with it or contain it first, then those that look like it."""
    wanted = _squeezed(str(name))

    def likeness(known: str) -> float:
        found = _squeezed(known)
        if wanted and wanted in found:
            return 3 - found.index(wanted) / 100
        return difflib.SequenceMatcher(None, found, wanted).ratio()

    ranked = sorted(((-likeness(known), natural(known), known) for known in names), key=lambda r: r[:2])
    return [known for score, _, known in ranked[:n] if -score >= 0.5]


def _squeezed(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


# What people write out of habit and no entry is told apart by.
_NOISE = {"arxiv", "the", "of", "with", "and", "by", "et", "al", "paper"}
# Parts of names, spelled out.
_SPELLED = {"bn": "batch norm", "wrn": "wide resnet", "oct": "octave octconv", "csp": "cross stage partial", "ese": "effective squeeze excitation"}


def search(text: str, entries: Iterable[Findable]) -> list[str]:
    """Names of those ``entries`` whose entry mentions every word of ``text`` (name, family, idea, tags, authors, title, year), best first.

    An entry of exactly that name comes first, then those whose name or title has the words, whole words before parts of words. Where
    nothing is found, entries that have a knob of that label are. Words of one or two letters and numbers count as whole words alone.
    """
    every = _words(text)
    words = [w for w in every if w not in _NOISE] or every
    wanted = _squeezed(text)
    scored = []
    for e in entries:
        label, rest = _label(e), _mentioned(e)
        name = _squeezed(e.name)
        begins = len(wanted) > 2 and name.startswith(wanted)
        if begins or all(_has(w, label) or _has(w, rest) for w in words):
            named = -sum(w in _tokens(label) for w in words), -sum(_has(w, label) for w in words)
            scored.append((name != wanted, not begins, *named, natural(e.name), e.name))
    return [name for *_, name in sorted(scored)] or _with_knob(words, entries)


def _with_knob(words: list[str], entries: Iterable[Findable]) -> list[str]:
    if not words:
        return []
    fitting = (e.name for e in entries if any(all(_has(w, k.label.lower()) for w in words) for k in e.knobs))
    return sorted(fitting, key=natural)


def _words(text: str) -> list[str]:
    return [w for w in (w.strip(".") for w in re.findall(r"[a-z0-9.]+", text.lower())) if w]


@functools.cache
def _tokens(text: str) -> frozenset[str]:
    """Words of ``text``, and their runs of letters and of digits: resnet50 is found as resnet, 50 and resnet50."""
    return frozenset(re.findall(r"[a-z0-9]+", text) + re.findall(r"[a-z]+|[0-9]+", text))


def _has(word: str, text: str) -> bool:
    return word in (_tokens(text) if len(word) <= 2 or word.isdigit() else text)


def _label(e: Findable) -> str:
    spelled = [long for short, long in _SPELLED.items() if short in re.findall(r"[a-z]+", e.name)]
    return " ".join([e.name, e.name.replace("_", ""), e.title.lower(), *spelled])


def _mentioned(e: Findable) -> str:
    papers = (f"{p.title} {p.authors} {p.year} {p.arxiv}" for p in e.papers)
    return " ".join([e.family.title, e.family.idea, e.summary, *e.family.tags, *papers]).lower()
