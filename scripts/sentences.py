"""The sentences of the code that go through the catalogues, found by reading it: what ``tr``, ``trn`` and ``translatable`` are given, and words of knobs."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("architecture_explorer", "blocks", "viz", "pages")
#: Which arguments of a call are sentences, by place and by name.
SAYING: dict[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    "tr": ((0,), ()),
    "trn": ((0,), ()),
    "translatable": ((0,), ()),
    "Spec": ((1, 2, 3), ("label", "help", "group")),
    "Named": ((1, 2), ("label", "help")),
}


class Sentence(NamedTuple):
    """A sentence and where it is said; ``many`` is its plural, "" where it has none."""

    text: str
    file: str
    line: int
    many: str = ""


def sources() -> list[Path]:
    """The files that may say something."""
    return [ROOT / "app.py", *sorted(path for folder in FOLDERS for path in (ROOT / folder).rglob("*.py"))]


def called(node: ast.Call) -> str:
    """The name of what a call calls, without what it belongs to."""
    function = node.func
    return function.id if isinstance(function, ast.Name) else function.attr if isinstance(function, ast.Attribute) else ""


def literal(node: ast.AST) -> str | None:
    """The text of a literal; None for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def said_by(tree: ast.AST, file: str) -> Iterator[Sentence]:
    """The sentences of a parsed file."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or called(node) not in SAYING:
            continue
        places, names = SAYING[called(node)]
        given = [node.args[place] for place in places if place < len(node.args)] + [k.value for k in node.keywords if k.arg in names]
        many = literal(node.args[1]) if called(node) == "trn" and len(node.args) > 1 else None
        for argument in given:
            if text := literal(argument):
                yield Sentence(text, file, argument.lineno, many or "")


def sentences() -> list[Sentence]:
    """The sentences of the code, in the order of its files."""
    return [found for path in sources() for found in said_by(ast.parse(path.read_text("utf-8")), path.relative_to(ROOT).as_posix())]
