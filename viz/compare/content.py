"""What a comparison says, as plain rows: the page and the report are both written from these. No Streamlit here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import pandas as pd

from blocks import catalog, reference
from blocks.cost.alignment import resolution
from blocks.cost.table import totals
from blocks.knobs import Knob
from blocks.language import tr, translatable
from blocks.trace.graph import Node
from blocks.trace.symbolic import plain
from viz.kit.board import Side
from viz.kit.figures import HEADLINE, INTENSITY, QUANTITIES
from viz.kit.knob_names import knob_name
from viz.kit.numbers import all_digits, change_text

COST_TITLES = {name: QUANTITIES[name].label for name in ("macs", "params", "flops", "bytes")}
GROUPINGS = {"stage": translatable("By stage"), "resolution": translatable("By resolution"), "kind": translatable("By kind of operation")}


class TableCell(NamedTuple):
    """One cell of a table: what it says, what stands below it in small, and what a pointer shows."""

    text: str
    below: str = ""
    title: str = ""
    differs: bool = False


class TableRow(NamedTuple):
    """One row: its name, what the name means, a cell for each variant."""

    name: str
    meaning: str
    cells: list[TableCell]


def ratio_text(value: float, base: float) -> str:
    """The ratio of two figures: "×1.1", or as a share of less than one hundredth."""
    if not base:
        return ""
    ratio = value / base
    return f"×{ratio:.4g}" if ratio >= 0.01 else f"×{ratio:.2g}"


def figure_rows(sides: Sequence[Side]) -> list[TableRow]:
    """The headline figures; each variant's difference and ratio to the first."""
    rows = []
    for figure in (*HEADLINE, INTENSITY):
        values = [figure.of(side.analysis) for side in sides]
        cells = [
            TableCell(figure.form(v), _against(v, values[0], figure.form) if i else "", f"{all_digits(v)} {figure.exact_unit}".rstrip(), v != values[0])
            for i, v in enumerate(values)
        ]
        rows.append(TableRow(tr(figure.label), tr(figure.meaning), cells))
    return rows


def _against(value: float, base: float, form: Callable[[float], str]) -> str:
    moved = change_text(value, base, form)
    return f"{moved.split(' (')[0]} · {ratio_text(value, base)}" if moved else tr("the same")


def knob_rows(sides: Sequence[Side], everything: bool = False) -> list[TableRow]:
    """The knobs whose values differ, or were turned; with ``everything`` all of them. A dash where a network has no such knob."""
    rows = [_row(tr("Network"), tr("The preset or block."), [_title(side) for side in sides])]
    known = [{k.name: k for k in catalog.knobs(side.choice.name)} for side in sides]
    for name in dict.fromkeys(n for knobs in known for n in knobs):
        knob = next(knobs[name] for knobs in known if name in knobs)
        values = [_value(side, knobs[name]) if name in knobs else "–" for side, knobs in zip(sides, known, strict=True)]
        turned = any(name in side.choice.knobs for side in sides)
        present = {v for v in values if v != "–"}
        if everything or turned or len(present) > 1:
            rows.append(_row(knob_name(knob), tr("{help} Argument {name}.", help=tr(knob.help), name=name), values))
    inputs = [
        (tr("Input"), tr("Shape of the input, batch first."), [" × ".join(map(str, side.analysis.input_shape)) for side in sides]),
        (tr("Type"), tr("Of activations and weights."), [side.choice.dtype for side in sides]),
        (tr("Mode"), tr("How it was traced."), [tr("training") if side.choice.training else tr("inference") for side in sides]),
    ]
    return rows + [_row(*row) for row in inputs if everything or len(set(row[2])) > 1]


def _row(name: str, meaning: str, values: Sequence[str]) -> TableRow:
    return TableRow(name, meaning, [TableCell(v, differs=v != values[0]) for v in values])


def _title(side: Side) -> str:
    entry = catalog.entry(side.choice.name)
    return entry.name if entry.kind == "model" else tr(entry.title)


def _value(side: Side, knob: Knob) -> str:
    return str(knob.text(side.choice.knobs.get(knob.name, knob.default)))


def cost_frame(sides: Sequence[Side], by: str, cost: str) -> pd.DataFrame:
    """``cost`` ("macs", "params", "flops" or "bytes") by "stage", "resolution" or "kind": one row per part in the order of execution, one column
    a variant (its title)."""
    columns = {side.title: _summed(side, by)[cost] for side in sides}
    order = _merged([list(series.index) for series in columns.values()])
    frame = pd.DataFrame(columns).reindex(order).fillna(0).astype("int64")
    if by == "kind":
        frame.index = frame.index.map(tr)
    frame.index.name = by
    return frame[(frame != 0).any(axis=1)]


def _summed(side: Side, by: str) -> pd.DataFrame:
    if by == "stage":
        return side.analysis.by_stage()
    if by == "kind":
        return side.analysis.by_kind()
    return totals(side.analysis.graph, _size)


def _size(node: Node) -> str:
    size = resolution(node)
    if size:
        return "×".join(map(str, size))
    return tr("{n} tokens", n=plain(node.shape[1])) if len(node.shape) == 3 else tr("vector")


def _merged(lists: Sequence[list[str]]) -> list[str]:
    """The members of all lists once, each after those that stand before it in some list."""
    made: list[str] = []
    for names in lists:
        place = 0
        for name in names:
            if name in made:
                place = max(place, made.index(name) + 1)
            else:
                made.insert(place, name)
                place += 1
    return made


def usual_grouping(sides: Sequence[Side]) -> str:
    """How costs are best compared: by stage where most stages have one name, by resolution else."""
    names = [set(side.analysis.by_stage().index) for side in sides]
    shared = set.intersection(*names)
    return "stage" if all(2 * len(shared) >= len(n) for n in names) else "resolution"


#: Titles of the table of differences, by the columns of :meth:`blocks.cost.diff.Diff.table`.
DIFFERENCE_TITLES = {
    "what": translatable("What"),
    "where": translatable("Where"),
    "operations": translatable("Operations"),
    "change": translatable("Change"),
}
#: What is on record, by the columns of the tables of :mod:`blocks.reference`.
_RECORDED = {
    "dataset": translatable("Dataset"),
    "metric": translatable("Metric"),
    "weights": translatable("Set of weights"),
    "source": translatable("Source"),
    "setup": translatable("Set-up"),
    "image_size": translatable("Image side (px)"),
}


def recorded(frame: pd.DataFrame) -> pd.DataFrame:
    """``frame`` of :func:`accuracy_frame` or :func:`throughput_frame` with its columns' names in words."""
    return frame.rename(columns={name: tr(said) for name, said in _RECORDED.items()})


def accuracy_frame(sides: Sequence[Side]) -> pd.DataFrame:
    """Published accuracies of the networks as published: one row per dataset, metric and set of weights, one column per network, and the sources."""
    made, titles = _side_by_side(sides, reference.accuracy, ["dataset", "metric", "weights", "source"], "value")
    return made if made.empty else made[["dataset", "metric", *titles, "weights", "source"]]


def throughput_frame(sides: Sequence[Side]) -> pd.DataFrame:
    """timm's published throughputs (images a second): a column a network, the set-ups that most of them share first."""
    made, titles = _side_by_side(sides, reference.throughput, ["setup", "image_size"], "images_per_second")
    if made.empty:
        return made
    order = made[titles].notna().sum(axis=1).sort_values(ascending=False, kind="stable").index
    return made.loc[order, ["setup", "image_size", *titles]].reset_index(drop=True)


def _side_by_side(sides: Sequence[Side], of: Callable[[str], pd.DataFrame], keys: list[str], value: str) -> tuple[pd.DataFrame, list[str]]:
    """Records by network, one column for all variants that are that network as published; and the titles of those columns."""
    letters: dict[str, str] = {}
    for side in (side for side in sides if side.choice == side.choice.default()):
        letters[side.choice.name] = letters.get(side.choice.name, "") + side.letter
    found = [of(name).assign(title=f"{' '.join(marks)} · {name}") for name, marks in letters.items()]
    rows = pd.concat([f for f in found if not f.empty], ignore_index=True) if any(not f.empty for f in found) else pd.DataFrame()
    if rows.empty:
        return rows, []
    made = rows.pivot_table(index=keys, columns="title", values=value, aggfunc="max").reset_index()
    made.columns.name = None
    return made, [t for f in found for t in f["title"].unique() if t in made.columns]
