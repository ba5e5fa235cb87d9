"""The report of a comparison as a list of parts, from which the HTML file and the PDF file are written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from blocks.cost.diff import Diff
from blocks.knobs import KnobError
from blocks.language import tr, translatable
from blocks.latency.measure.results import Comparison
from blocks.latency.roofline.machines import Machine
from viz.compare.content import (
    COST_TITLES,
    DIFFERENCE_TITLES,
    TableRow,
    accuracy_frame,
    cost_frame,
    figure_rows,
    knob_rows,
    recorded,
    throughput_frame,
    usual_grouping,
)
from viz.compare.drawing import bars_svg, roofline_svg, svg, svg_text
from viz.compare.formula_view import ratio_latex
from viz.compare.formulas import COUNT_TITLES, HoldsWhile, side_formulas
from viz.compare.latency import latency_rows, measured_how
from viz.compare.roofs import basis, estimate_rows
from viz.compare.views import difference_sentence
from viz.graph.figure import figure_svg
from viz.graph.fold import TooManyBoxes
from viz.kit.board import Side
from viz.kit.choice import python_code
from viz.kit.palette import variant_colour

_LONGEST_TABLE = 40  # rows of a long table; the page's CSV has all of them


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of what follows; ``level`` 1 is the report's own."""

    text: str
    level: int = 2


@dataclass(frozen=True, slots=True)
class Words:
    """A paragraph of plain text; ``code`` keeps its line breaks."""

    text: str
    code: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    """Rows with a column a variant."""

    rows: list[TableRow]
    quiet: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """Any other table."""

    frame: pd.DataFrame


@dataclass(frozen=True, slots=True)
class ReportPicture:
    """An SVG file with a caption."""

    svg: str
    caption: str


@dataclass(frozen=True, slots=True)
class Pictures:
    """SVG files beside each other."""

    pictures: list[ReportPicture]


@dataclass(frozen=True, slots=True)
class Maths:
    """One line of LaTeX mathematics."""

    latex: str


ReportPart = Heading | Words | Table | Frame | ReportPicture | Pictures | Maths


def document(sides: Sequence[Side], diffs: Sequence[Diff], measured: Comparison | None, address: str, machine: Machine | None = None) -> list[ReportPart]:
    """Everything that the page shows of ``sides``; ``address`` opens that page again; ``machine`` is the one that estimates are for."""
    parts: list[ReportPart] = [
        Heading(", ".join(side.name for side in sides), 1),
        Words(tr("A comparison of {n} networks. The same page, live: {address}", n=len(sides), address=address)),
    ]
    parts += [Table(figure_rows(sides)), Heading(tr("Knobs that differ")), Table(knob_rows(sides), quiet=True)]
    for side in sides:
        parts.append(Words(f"# {side.title}\n{python_code(side.choice)}", code=True))
    parts += [Heading(tr("Graphs")), Pictures([ReportPicture(_graph(side), side.title) for side in sides])]
    for found, side in zip(diffs, sides[1:], strict=True):
        parts += [
            Heading(tr("What differs: {a} and {b}", a=sides[0].letter, b=side.letter)),
            Words(difference_sentence(found, sides[0], side).replace("**", "")),
            *_differences(found),
        ]
    parts += _formulas(sides)
    way = usual_grouping(sides)
    parts.append(Heading(tr("Where the cost is")))
    for cost, label in COST_TITLES.items():
        parts.append(ReportPicture(bars_svg(sides, cost_frame(sides, way, cost), tr(label)), tr(_BY[way], quantity=tr(label))))
    parts += _estimated(sides, machine) if machine else []
    if measured is not None:
        parts += [Heading(tr("Latency, measured")), Table(latency_rows(sides, measured)), Words(measured_how(measured))]
    for title, frame in ((tr("Published accuracy (%)"), accuracy_frame(sides)), (tr("Published throughput (images/s, timm)"), throughput_frame(sides))):
        parts += [] if frame.empty else [Heading(title), *_cut(recorded(frame))]
    return [*parts, Heading(tr("How it was counted")), Words(tr(_CONVENTIONS))]


_BY = {
    "stage": translatable("{quantity} by stage"),
    "resolution": translatable("{quantity} by resolution"),
    "kind": translatable("{quantity} by kind of operation"),
}
_CONVENTIONS = translatable(
    "MACs are the multiply-accumulates of convolutions, linear layers and matrix products. FLOPs are 2·MACs and every other arithmetic operation by the rule of "
    "its kind. Bytes moved are what each operation reads (inputs and weights) and writes. Peak memory is the most bytes of activations alive at once, from the "
    "tensors' lifetimes. All are of one trace of the network's own code, for the shown batch and type; differences and ratios are to the first variant."
)


def _graph(side: Side) -> str:
    try:
        return figure_svg(side.analysis, "stage")
    except TooManyBoxes as error:  # a network that has no fewer boxes than can be drawn
        return svg(420, 40, svg_text(10, 24, str(error)[:60]))


def _estimated(sides: Sequence[Side], machine: Machine) -> list[ReportPart]:
    try:
        picture, rows = roofline_svg(sides, machine), estimate_rows(sides, machine)
    except KnobError as error:
        return [Heading(tr("Roofline and estimates")), Words(str(error))]
    return [
        Heading(tr("Roofline and estimates")),
        ReportPicture(picture, tr("Roofline on {machine}", machine=machine.title)),
        Table(rows, quiet=True),
        Words(basis(sides, machine)),
    ]


def _differences(found: Diff) -> list[ReportPart]:
    if not found:
        return []
    table = found.table("macs", "class").drop(columns=["a", "b"])
    table["status"] = table["status"].map(tr)
    titles = {"status": tr("Status")} | {c: tr(said) for c, said in DIFFERENCE_TITLES.items()} | {c: f"{tr(label)} (Δ)" for c, label in COST_TITLES.items()}
    return _cut(table.rename(columns=titles))


def _cut(frame: pd.DataFrame) -> list[ReportPart]:
    more = len(frame) - _LONGEST_TABLE
    return [Frame(frame.head(_LONGEST_TABLE)), *([Words(tr("… and {n} more rows.", n=more))] if more > 0 else [])]


def _formulas(sides: Sequence[Side]) -> list[ReportPart]:
    parts: list[ReportPart] = []
    for of, label in COUNT_TITLES.items():
        parts.append(Heading(tr("Formulas: {quantity}", quantity=tr(label))))
        for found in side_formulas(sides, of):
            parts += [Words(found.title)] if found.title else []
            parts += [Words(sentence) for sentence in found.problems]
            for line in found.lines:
                name = rf"\textcolor{{{variant_colour(line.side.colour)}}}{{\mathbf{{{line.side.letter}}}}}"
                parts += [Maths((name if i == 0 else _INDENT) + rf" = {step}") for i, step in enumerate(line.steps)]
            parts += [Maths(rf"\text{{{tr('where')} }} {text}") for text in found.where]
            parts += [line for held in found.conditions for line in _held(held)]
            parts += [Maths(ratio_latex(ratio, found.lines[0].side, dark=False)) for ratio in found.ratios]
    return parts


_INDENT = r"\quad "  # the space keeps it apart from a letter that follows
_A_LINE = 4  # conditions beside each other


def _held(held: HoldsWhile) -> list[ReportPart]:
    starts = range(0, len(held.conditions), _A_LINE)
    return [Maths((rf"\text{{{held.words} }}" if not i else _INDENT) + r";\; ".join(held.conditions[i : i + _A_LINE])) for i in starts]
