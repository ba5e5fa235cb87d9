"""A lecture's file: front matter, steps, and in each step text and views in rows and columns. Reading only; nothing is computed.

The format is docs/lectures.md's. A mistake is a :class:`LectureError` that says file, line and rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from viz.kit.parameters import as_whole

#: What a fence may be, and the options that it must have.
VIEW_OPTIONS: dict[str, tuple[str, ...]] = {
    "graph": ("name",),
    "formula": ("name", "of"),
    "figures": ("names",),
    "chart": ("names", "of"),
    "experiment": ("name",),
    "latency": ("names",),
    "knobs": ("name", "turn"),
    "published": ("names",),
    "code": ("name",),
}
#: Fences that hold text instead of options.
TEXTS = ("question", "notes")
FRONT = ("title", "family", "order", "builds_on", "summary")
#: Front matter that may be left out.
MORE = ("covers",)

#: What a view's fence says, as the file has it.
ViewOptions = Mapping[str, str]

_OPTION = re.compile(r"^(?P<key>[a-z_]\w*)\s*:\s*(?P<value>.*)$")
_COLUMN = re.compile(r"^\|\|\|\s*(?P<ratio>\d+(:\d+)+)?\s*$")


class LectureError(ValueError):
    """A lecture's file breaks a rule of the format. Attributes: ``path``, ``line`` (from 1) and ``rule``."""

    def __init__(self, path: Path, line: int, rule: str) -> None:
        self.path, self.line, self.rule = path, line, rule
        super().__init__(f"{path.parent.name}/{path.name}, line {line}: {rule}")


@dataclass(frozen=True, slots=True)
class Text:
    """Markdown with templates for live numbers."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class View:
    """A fence with options; ``line`` is where it opens."""

    kind: str
    options: dict[str, str]
    line: int


@dataclass(frozen=True, slots=True)
class Question:
    """A question for the students and the answer to unfold."""

    question: str
    answer: str
    line: int


StepPart = Text | View | Question


@dataclass(frozen=True, slots=True)
class StepRow:
    """Columns side by side, with their relative widths."""

    columns: list[list[StepPart]]
    ratio: list[int]


@dataclass(frozen=True, slots=True)
class LectureStep:
    """One screen: ``rows`` below the ``title``, and the presenter's ``notes``."""

    title: str
    rows: list[StepRow]
    notes: str
    line: int

    def parts(self) -> Iterator[StepPart]:
        """Everything on the screen, top to bottom, left to right."""
        for row in self.rows:
            for column in row.columns:
                yield from column

    def views(self, kind: str) -> list[View]:
        """The views of one kind."""
        return [p for p in self.parts() if isinstance(p, View) and p.kind == kind]


@dataclass(frozen=True, slots=True)
class Lecture:
    """A family's lecture in one language. ``builds_on`` names the lectures that should come before it, ``covers`` the other families it teaches."""

    path: Path
    title: str
    family: str
    order: int
    builds_on: tuple[str, ...]
    summary: str
    steps: list[LectureStep] = field(default_factory=list)
    covers: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """The name in addresses: the file's."""
        return self.path.stem

    @property
    def language(self) -> str:
        """The folder's name, such as en or zh."""
        return self.path.parent.name


def read_lecture(path: Path) -> Lecture:
    """The lecture in the file at ``path``. Raises :class:`LectureError`."""
    return parse(path.read_text("utf-8"), path)


def parse(text: str, path: Path) -> Lecture:
    """The lecture that ``text`` is; ``path`` gives its name and language. Raises :class:`LectureError`."""
    lines = text.splitlines()
    if not lines or lines[0].strip() != "---" or "---" not in [line.strip() for line in lines[1:]]:
        raise LectureError(path, 1, "a lecture opens with front matter between two lines of ---")
    end = next(i for i in range(1, len(lines)) if lines[i].strip() == "---")
    front = key_values(lines[1:end], 2, path)
    missing = [key for key in FRONT if key not in front]
    unknown = [key for key in front if key not in (*FRONT, *MORE)]
    if missing or unknown:
        raise LectureError(
            path, 1, f"front matter has {', '.join(FRONT)}; " + (f"missing: {', '.join(missing)}" if missing else f"unknown: {', '.join(unknown)}")
        )
    order = as_whole(front["order"])
    if order is None or order < 0:
        raise LectureError(path, 1, "order must be a whole number")
    builds_on, covers = (tuple(filter(None, (part.strip() for part in front.get(key, "").split(",")))) for key in ("builds_on", "covers"))
    lecture = Lecture(path, front["title"], front["family"], order, builds_on, front["summary"], covers=covers)
    for start, stop in _steps(lines, end + 1, path):
        lecture.steps.append(_step(lines, start, stop, path))
    if not lecture.steps:
        raise LectureError(path, end + 1, "a lecture needs steps; each opens with ## Title")
    return lecture


def key_values(lines: list[str], first: int, path: Path) -> dict[str, str]:
    """Lines of ``key: value`` as a mapping; ``first`` is the number of the first line."""
    found: dict[str, str] = {}
    for number, line in enumerate(lines, first):
        if not line.strip():
            continue
        match = _OPTION.match(line.strip())
        if match is None:
            raise LectureError(path, number, f"expected key: value, found “{line.strip()[:60]}”")
        if match["key"] in found:
            raise LectureError(path, number, f"{match['key']} is given twice")
        found[match["key"]] = match["value"].strip()
    return found


def _steps(lines: list[str], after: int, path: Path) -> Iterator[tuple[int, int]]:
    """(heading's index, index after the last line) of each step; headings inside fences are text."""
    heads, fenced = [], False
    for i in range(after, len(lines)):
        if lines[i].startswith("```"):
            fenced = not fenced
        elif lines[i].startswith("## ") and not fenced:
            heads.append(i)
        elif not heads and lines[i].strip():
            raise LectureError(path, i + 1, "text before the first step; a step opens with ## Title")
    yield from zip(heads, [*heads[1:], len(lines)], strict=bool(heads))


def _step(lines: list[str], start: int, stop: int, path: Path) -> LectureStep:
    rows: list[StepRow] = [StepRow([[]], [1])]
    notes: list[str] = []
    prose: list[str] = []

    def flush(line: int) -> None:
        if "".join(prose).strip():
            rows[-1].columns[-1].append(Text("\n".join(prose).strip(), line))
        prose.clear()

    i = start + 1
    while i < stop:
        line = lines[i]
        if line.startswith("```") and line[3:].strip() in (*VIEW_OPTIONS, *TEXTS):
            flush(i)
            close = next((j for j in range(i + 1, stop) if lines[j].strip() == "```"), None)
            if close is None:
                raise LectureError(path, i + 1, "this fence is not closed before the next step")
            made = _fence(line[3:].strip(), lines[i + 1 : close], i + 1, path)
            notes.append(made) if isinstance(made, str) else rows[-1].columns[-1].append(made)
            i = close + 1
            continue
        if line.startswith("```") and line[3:].strip() not in ("", "python", "text"):
            raise LectureError(path, i + 1, f"“{line[3:].strip()}” is no view; views are {', '.join((*VIEW_OPTIONS, *TEXTS))}")
        if match := _COLUMN.match(line):
            flush(i)
            rows[-1].columns.append([])
            if match["ratio"]:
                rows[-1].ratio[:] = [int(part) for part in match["ratio"].split(":")]
        elif line.strip() == "===":
            flush(i)
            rows.append(StepRow([[]], [1]))
        else:
            prose.append(line)
        i += 1
    flush(stop)
    for row in rows:
        if len(row.ratio) == 1:
            row.ratio[:] = [1] * len(row.columns)
        if len(row.ratio) != len(row.columns):
            raise LectureError(path, start + 1, f"the ratio {':'.join(map(str, row.ratio))} does not fit {len(row.columns)} columns")
    step = LectureStep(lines[start][3:].strip(), [row for row in rows if any(row.columns)], "\n\n".join(notes), start + 1)
    if not step.rows:
        raise LectureError(path, start + 1, "this step is empty")
    return step


def _fence(kind: str, body: list[str], line: int, path: Path) -> View | Question | str:
    if kind == "notes":
        return "\n".join(body).strip()
    if kind == "question":
        cut = next((i for i, text in enumerate(body) if text.strip() == "---"), None)
        if cut is None or not "".join(body[:cut]).strip() or not "".join(body[cut + 1 :]).strip():
            raise LectureError(path, line, "a question has its answer below a line of ---")
        return Question("\n".join(body[:cut]).strip(), "\n".join(body[cut + 1 :]).strip(), line)
    given = key_values(body, line + 1, path)
    missing = [key for key in VIEW_OPTIONS[kind] if key not in given]
    if missing:
        raise LectureError(path, line, f"{kind} needs {', '.join(missing)}")
    return View(kind, given, line)
