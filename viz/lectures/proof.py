"""What must hold of a lecture's file beyond its format: every name, knob and option exists, and no figure of our networks is typed in.

python -m viz.lectures.proof [FILE ...]      a line for each problem; nothing where there is none
"""

from __future__ import annotations

import contextlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

from blocks import catalog
from blocks.experiments import base
from blocks.knobs import KnobError
from blocks.latency.measure.experiment import CHOICES
from blocks.trace.errors import TraceError
from viz.graph.fold import FOLD_LEVELS
from viz.kit.figures import QUANTITIES
from viz.lectures import course, dials, live, plots, views
from viz.lectures.source import Lecture, LectureError, LectureStep, View, read_lecture
from viz.lectures.targets import of_options, targets

#: Options besides knobs, by view.
OPTIONS: dict[str, set[str]] = {
    "graph": {"name", "level", "direction", "overlay", "highlight", "widths", "height"},
    "formula": {"name", "of", "stages", "parts"},
    "figures": {"names", "columns", "change"},
    "chart": {"names", "of", "kind", "turn", "values", "against", "x", "y", "height"},
    "experiment": {"name", "turn", "height"},
    "latency": {"names", "mode", "seconds"},
    "knobs": {"name", "turn", "layout"},
    "published": {"names", "what"},
    "code": {"name", "method", "symbol", "height"},
}
_LISTS: dict[tuple[str, str], tuple[str, ...]] = {
    ("graph", "level"): tuple(FOLD_LEVELS),
    ("graph", "direction"): ("TB", "LR"),
    ("graph", "widths"): ("yes", "no"),
    ("formula", "of"): live.FORMULAS,
    ("formula", "stages"): ("letters", "numbers", "result"),
    ("formula", "parts"): ("yes", "no"),
    ("figures", "columns"): views.FIGURE_COLUMNS,
    ("figures", "change"): ("yes", "no"),
    ("chart", "of"): (*QUANTITIES, "accuracy"),
    ("chart", "kind"): ("bars", "sweep", "scatter"),
    ("chart", "against"): (*QUANTITIES, "accuracy"),
    ("chart", "x"): ("linear", "log", "category"),
    ("chart", "y"): ("linear", "log"),
    ("latency", "mode"): tuple(CHOICES["mode"]),
    ("knobs", "layout"): ("row", "column"),
    ("published", "what"): ("accuracy", "throughput"),
}


def problems(lecture: Lecture) -> list[str]:
    """A sentence for each thing that is wrong with a lecture that could be read; empty where nothing is."""
    found = []
    for number, step in enumerate(lecture.steps, 1):
        where = f"{lecture.language}/{lecture.path.name}, step {number} “{step.title}”"
        found += [f"{where}: {sentence}" for sentence in _step(step)]
    return found


def _step(step: LectureStep) -> Iterator[str]:
    for part in step.parts():
        if isinstance(part, View):
            try:
                _view(part)
            except (KnobError, TraceError, ValueError) as error:
                yield f"{part.kind}, line {part.line}: {error}"
    start: dials.KnobValues = {}
    with contextlib.suppress(KnobError):  # said above
        start = dials.at_start(step)
    if wrong := dials.refusal(step, start):
        yield wrong
    for text in dials.texts(step):
        yield from typed(text, start)
    yield from typed(step.title, start)


def _view(view: View) -> None:
    options, kind = view.options, view.kind
    allowed = OPTIONS[kind] | _own(view)
    for key in options:
        if key not in allowed:
            raise KnobError(key, options[key], f"{kind} has no such option; it has {', '.join(sorted(OPTIONS[kind]))}")
        for value in (part.strip() for part in options[key].split(",")):
            if (kind, key) in _LISTS and value not in _LISTS[kind, key]:
                raise KnobError(key, value, f"must be one of {', '.join(_LISTS[kind, key])}")
    if kind == "experiment":
        found = base.find_experiment(options["name"])
        found.settings({k: v for k, v in options.items() if k not in OPTIONS[kind]})
        defaults = {option.name: option.default for option in found.options}
        found.settings({name.strip(): defaults.get(name.strip()) for name in options.get("turn", "").split(",") if name.strip()})
    elif kind == "knobs":
        dials.dials(view)
    elif kind == "code":
        views.shown_code(options)
    elif kind == "chart" and "turn" in options:
        plots.swept_values(options)
    elif "names" in options:
        if kind == "latency" and not 2 <= len(targets(options["names"])) <= 4:
            raise KnobError("names", options["names"], "two to four networks are measured in turn")
        for found_target in targets(options["names"]):
            found_target.analysis({})
    else:
        of_options(options).analysis({})


def _own(view: View) -> set[str]:
    """The knobs that a view may set as options."""
    if view.kind == "experiment":
        return {option.name for option in base.find_experiment(view.options["name"]).options}
    if view.kind == "knobs":
        return {part.strip() for part in view.options["turn"].split(",")}
    if view.kind in ("graph", "formula", "code"):
        return {k.name for k in catalog.knobs(view.options["name"].split()[0].rstrip("!"))} | {"side", "batch", "dtype", "mode"}
    return set()


# --- Typed-in figures ----------------------------------------------------------------------------

_UNITS = r"(?:[kKMGT](?:MACs?|FLOPs?)?\b|million|billion|thousand|MACs?\b|M?FLOPs?\b|param(?:eter)?s?\b|weights?\b|ms\b|[KMG]i?B\b|images/s|百万|千万|万|亿|个?参数|个?权重|次?乘加|毫秒)"
_RULES = (
    (re.compile(rf"(?<![\w.])\d[\d.,\u2009 ]*\s?{_UNITS}"), "a number with a unit of counts"),
    (re.compile(r"(?<![\w.])\d+\.\d+\s?(?:×|%|times|-fold|倍)"), "a ratio with decimals"),
    (re.compile(r"(?<![\w./-])(?!(?:19|20)\d\d(?!\d))\d{4,}(?![\w.-]*\d)"), "a number of four digits or more"),
    (re.compile(r"(?<![\w.])\d{1,3}(?:[,\u2009 ]\d{3})+(?!\d)"), "a number of four digits or more"),
)
_CODE = re.compile(r"`[^`]*`|\]\([^)]*\)|https?://\S+")


def typed(text: str, turned: dials.KnobValues) -> Iterator[str]:
    """A sentence for each figure that is typed into ``text`` and not live or cited.

    Caught are numbers with a unit of counts, ratios with decimals, numbers of four digits or more that are no year, and any
    number of three digits that count which one of the text's own live numbers shows.
    """
    bare = _CODE.sub(" ", live.TEMPLATE.sub(" ☐ ", text))
    seen: set[tuple[int, int]] = set()
    for rule, what in _RULES:
        for match in rule.finditer(bare):
            if not any(a <= match.start() < b for a, b in seen):
                seen.add(match.span())
                yield f"“{match[0].strip()}” is {what}: compute it with {{{{...}}}}, or cite it with {{{{cite ... | source}}}}"
    try:
        figures = {_digits(f.shown) for f in live.filled_templates(text, turned) if f.value is not None}
    except live.TemplateError:
        return  # said by dials.refusal
    for match in re.finditer(r"(?<![\w.])\d+(?:\.\d+)?(?![\w.]*\d)", bare):
        if len(_digits(match[0])) >= 3 and _digits(match[0]) in figures and not any(a <= match.start() < b for a, b in seen):
            yield f"“{match[0]}” repeats a live number of the same text: compute it there too"


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text).strip("0")


def main(paths: list[Path]) -> int:
    """Print the problems of the files at ``paths``, of all lectures where there is none; 1 where there are any."""
    said: list[str] = []
    for path in paths or course.files():
        try:
            said += problems(read_lecture(path))
        except LectureError as error:
            said.append(str(error))
    sys.stdout.writelines(f"{sentence}\n" for sentence in said)
    return 1 if said else 0


if __name__ == "__main__":
    sys.exit(main([Path(argument).resolve() for argument in sys.argv[1:]]))
