"""The sentences of the code that go through the catalogues, found by reading it: what ``tr``, ``trn`` and ``translatable`` are given, words of knobs and experiments,
and what errors say. What is translated after it was said, :func:`blocks.language.retell`, may be an f-string: its values become {places}."""

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
    "family": ((2,), ("idea",)),
    "block": ((), ("title",)),
    "Idea": ((1, 2), ()),
    "Influence": ((3,), ()),
    "LiveExperiment": ((), ("title", "claim", "bound")),
    "ExperimentOption": ((2,), ("label",)),
    "picture_option": ((2,), ("label",)),
    "KnobError": ((2,), ("rule",)),
    "require": ((3,), ("rule",)),
    "TraceError": ((0,), ()),
    "LedgerError": ((0,), ()),
    "DoesNotFit": ((0,), ()),
    "NoPowerLaw": ((0,), ()),
    "OpenError": ((0,), ()),
}
#: Whose sentences are translated when they are said, with their values: a literal each.
LITERAL = {"tr", "trn", "Spec", "Named", "family", "block", "Idea", "Influence"}


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


def sentence_template(node: ast.AST) -> str | None:
    """The text of a literal or an f-string, whose values become places named after them; None for anything else."""
    if not isinstance(node, ast.JoinedStr):
        return literal(node)
    places: dict[str, str] = {}
    parts = []
    for part in node.values:
        if isinstance(part, ast.FormattedValue):
            parts.append(f"{{{_place(part.value, places)}}}")
        else:
            parts.append((literal(part) or "").replace("{", "{{").replace("}", "}}"))
    return "".join(parts)


def branches(node: ast.expr) -> list[ast.expr]:
    """What a conditional expression may be; anything else itself."""
    return [*branches(node.body), *branches(node.orelse)] if isinstance(node, ast.IfExp) else [node]


def _place(value: ast.expr, places: dict[str, str]) -> str:
    """The name of a value in its sentence: its variable's or attribute's, with a number where another value has that name."""
    code = ast.unparse(value)
    if code not in places:
        names = [node.id if isinstance(node, ast.Name) else node.attr for node in ast.walk(value) if isinstance(node, (ast.Name, ast.Attribute))]
        word = names[-1] if isinstance(value, (ast.Call, ast.BinOp)) and names else names[0] if names else "value"
        taken = set(places.values())
        places[code] = next(name for i in range(1, 99) if (name := word if i == 1 else f"{word}{i}") not in taken)
    return places[code]


def said_by(tree: ast.AST, file: str) -> Iterator[Sentence]:
    """The sentences of a parsed file."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call) or called(node) not in SAYING:
            continue
        places, names = SAYING[called(node)]
        given = [node.args[place] for place in places if place < len(node.args)] + [k.value for k in node.keywords if k.arg in names]
        many = literal(node.args[1]) if called(node) == "trn" and len(node.args) > 1 else None
        for argument in (branch for one in given for branch in branches(one)):
            if text := (literal if called(node) in LITERAL else sentence_template)(argument):
                yield Sentence(text, file, argument.lineno, many or "")


def sentences() -> list[Sentence]:
    """The sentences of the code, in the order of its files."""
    return [found for path in sources() for found in said_by(ast.parse(path.read_text("utf-8")), path.relative_to(ROOT).as_posix())]
