"""Search in the catalog by words."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable

from blocks.catalog.entries import Entry
from blocks.knobs.nearest import letters_of, natural_order

# What is often typed and no entry is told apart by.
_NOISE = {"arxiv", "the", "of", "with", "and", "by", "et", "al", "paper"}
# Parts of names, spelled out.
_SPELLED = {"bn": "batch norm", "wrn": "wide resnet", "oct": "octave octconv", "csp": "cross stage partial", "ese": "effective squeeze excitation"}


def matching_names(text: str, entries: Iterable[Entry]) -> list[str]:
    """Names of those ``entries`` whose entry mentions every word of ``text`` (name, family, idea, tags, authors, title, year), best first.

    An entry of exactly that name or title comes first, then those whose name begins with ``text``, then those whose name or title has the
    words, whole words before parts of words; of equals the family so called first, and of its names the networks before their parts.
    Words of one or two letters and numbers count as whole words alone. Where nothing is found, entries whose name begins with ``text`` are,
    or those that have a knob of that label.
    """
    entries = list(entries)
    every = _words(text)
    words = [w for w in every if w not in _NOISE] or every
    wanted = letters_of(text)
    scored = []
    for e in entries:
        label, rest = _label(e), _mentioned(e)
        begins = len(wanted) > 2 and letters_of(e.name).startswith(wanted)
        if begins or all(_has(w, label) or _has(w, rest) for w in words):
            exact = wanted not in (letters_of(e.name), letters_of(e.title))
            named = -sum(w in _tokens(label) for w in words), -sum(_has(w, label) for w in words)
            alike = not letters_of(e.family.title).startswith(wanted), begins and e.kind == "block"
            scored.append((letters_of(e.name) != wanted, exact, not begins, *named, *alike, natural_order(e.name), e.name))
    return [name for *_, name in sorted(scored)] or _beginning(wanted, entries) or _with_knob(words, entries)


def _beginning(wanted: str, entries: Iterable[Entry]) -> list[str]:
    """Names that begin with the one or two letters that were typed so far."""
    found = [e for e in entries if wanted and letters_of(e.name).startswith(wanted)]
    return [e.name for e in sorted(found, key=lambda e: (e.kind == "block", not letters_of(e.family.title).startswith(wanted), natural_order(e.name)))]


def _with_knob(words: list[str], entries: Iterable[Entry]) -> list[str]:
    if not words:
        return []
    fitting = (e.name for e in entries if any(all(_has(w, k.label.lower()) for w in words) for k in e.knobs))
    return sorted(fitting, key=natural_order)


def _words(text: str) -> list[str]:
    return [w for w in (w.strip(".") for w in re.findall(r"[a-z0-9.]+", text.lower())) if w]


@functools.cache
def _tokens(text: str) -> frozenset[str]:
    """Words of ``text``, and their runs of letters and of digits: resnet50 is found as resnet, 50 and resnet50."""
    return frozenset(re.findall(r"[a-z0-9]+", text) + re.findall(r"[a-z]+|[0-9]+", text))


def _has(word: str, text: str) -> bool:
    return word in (_tokens(text) if len(word) <= 2 or word.isdigit() else text)


def _label(e: Entry) -> str:
    spelled = [long for short, long in _SPELLED.items() if short in re.findall(r"[a-z]+", e.name)]
    return " ".join([e.name, e.name.replace("_", ""), e.title.lower(), *spelled])


def _mentioned(e: Entry) -> str:
    papers = (f"{p.title} {p.authors} {p.year} {p.arxiv}" for p in e.papers)
    return " ".join([e.family.title, e.family.idea, e.summary, *e.family.tags, *papers]).lower()
