"""Bring the catalogues of ``blocks/language/<language>/`` up to date with the code: new sentences are added without a translation, lost ones removed.

python -m scripts.catalogues            list what is not translated
python -m scripts.catalogues --write    write the catalogues
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import polib

from blocks.language.translating import catalogue_files
from scripts.sentences import Sentence, sentences

_ROOT = Path(__file__).resolve().parents[1]
_HOME = _ROOT / "blocks" / "language"
_LANGUAGES = ("zh",)


def untranslated(name: str) -> list[Sentence]:
    """Sentences of the code without a translation into a language."""
    known = {entry.msgid for path in catalogue_files(name) for entry in polib.pofile(str(path)) if entry.translated()}
    return [found for found in sentences() if found.text not in known]


def _room(found: Sentence) -> str:
    """The catalogue of a sentence: "viz.kit" for what is said in viz/kit/, "app" for the roots."""
    *folders, _ = Path(found.file).parts
    return ".".join(folders[:2]) or "app"


def write(name: str) -> None:
    """Write a language's catalogues."""
    wanted = {found.text: found for found in sentences()}
    books = {path.stem: polib.pofile(str(path), wrapwidth=150) for path in catalogue_files(name)}
    known = set()
    for book in books.values():
        for entry in [entry for entry in book if entry.msgid not in wanted or entry.msgid in known]:
            book.remove(entry)
        known |= {entry.msgid for entry in book}
    for text, found in wanted.items():
        if text not in known:
            book = books.setdefault(_room(found), polib.POFile(wrapwidth=150))
            book.metadata = book.metadata or {"Content-Type": "text/plain; charset=UTF-8", "Language": name}
            book.append(polib.POEntry(msgid=text, msgid_plural=found.many, msgstr_plural={0: ""} if found.many else {}))
    for room, book in books.items():
        book.sort(key=lambda entry: entry.msgid.lower())
        book.save(str(_HOME / name / f"{room}.po"))


def _report(name: str) -> Iterator[str]:
    for found in untranslated(name):
        yield f"{name}  {found.file}:{found.line}  {found.text!r}"


def main(arguments: Sequence[str]) -> int:
    """Write if asked to, then list; returns 1 while something is not translated."""
    lines: list[str] = []
    for name in _LANGUAGES:
        if "--write" in arguments:
            write(name)
        lines += _report(name)
    print("\n".join(lines) or "Everything is translated.")
    return 1 if lines else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
