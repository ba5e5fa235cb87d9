"""Sentences in the language of now, by the catalogues in ``<language>/*.po``."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import NamedTuple

import polib

from blocks.language.speaking import language

_HOME = Path(__file__).parent


class Catalogue(NamedTuple):
    """What is translated: sentences, and sentences with a number by their singular."""

    sentences: dict[str, str]
    counted: dict[str, str]


def tr(sentence: str, /, **values: object) -> str:
    """``sentence`` in the language of now, with ``values`` in its {places}. A sentence without a translation stays English."""
    said = catalogue(language()).sentences.get(sentence, sentence)
    return said.format(**values) if values else said


def trn(one: str, many: str, n: int, /, **values: object) -> str:
    """The sentence for ``n`` things, with ``n`` and ``values`` in its {places}."""
    said = catalogue(language()).counted.get(one) or (one if n == 1 else many)
    return said.format(n=n, **values)


def translatable(sentence: str) -> str:
    """``sentence`` itself: a word of a table, written when a module is imported and translated by :func:`tr` when it is shown."""
    return sentence


def catalogue_files(name: str) -> list[Path]:
    """The catalogues of a language."""
    return sorted((_HOME / name).glob("*.po"))


@cache
def catalogue(name: str) -> Catalogue:
    """All that is translated into a language; nothing for English."""
    entries = [entry for path in catalogue_files(name) for entry in polib.pofile(str(path)) if not entry.obsolete]
    counted = {entry.msgid: entry.msgstr_plural[0] for entry in entries if entry.msgid_plural and entry.msgstr_plural.get(0)}
    return Catalogue({entry.msgid: entry.msgstr for entry in entries if entry.msgstr}, counted)
