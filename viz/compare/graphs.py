"""The graphs of a comparison beside each other: zoom and opening in step, the selection carried to whatever stands for it in the others."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from blocks.cost.diff import Diff
from blocks.language import tr, trn
from blocks.trace.symbolic import plain
from viz.compare.content import COST_TITLES, TableCell, TableRow, ratio_text
from viz.compare.tables import html_table
from viz.graph.fold import fold_of
from viz.graph.marks import item_marks
from viz.graph.payload import shared_scale
from viz.graph.readings import Readings
from viz.graph.view import graph_view
from viz.graph.view_state import Selection
from viz.kit.board import Side
from viz.kit.charts import is_dark
from viz.kit.numbers import all_digits, memory, short
from viz.kit.palette import variant_colour

_HEIGHT = 560
_KEPT = "compare.selection"
# Two in a row, or three where there are three; four only where a projector has room for them.
_STYLE = """<style>
.st-key-compare-graphs [data-testid="stHorizontalBlock"] { flex-wrap: wrap; }
.st-key-compare-graphs [data-testid="stHorizontalBlock"] > [data-testid="stColumn"] { min-width: 20rem; }
@media (max-width: 1800px) { .st-key-compare-graphs [data-testid="stHorizontalBlock"] > [data-testid="stColumn"]:nth-child(1):nth-last-child(4),
  .st-key-compare-graphs [data-testid="stHorizontalBlock"] > [data-testid="stColumn"]:nth-child(1):nth-last-child(4) ~ [data-testid="stColumn"] { min-width: calc(50% - 1rem); } }
</style>"""


def side_graphs(sides: Sequence[Side], diffs: Sequence[Diff]) -> None:
    """All graphs with their marks, and below them what the selection costs in each."""
    marks = marked(sides, diffs)
    scale = shared_scale({side.letter: (fold_of(side.analysis.graph), Readings(side.analysis)) for side in sides})
    wanted = _wanted(sides, diffs)
    found: dict[int, Selection | None] = {}
    st.html(_STYLE)
    with st.container(key="compare-graphs"):
        for column, side, own, node in zip(st.columns(len(sides), gap="small"), sides, marks, wanted, strict=True):
            with column:
                st.html(
                    f'<div style="border-top:4px solid {variant_colour(side.colour, is_dark())};padding-top:.3rem;font-weight:600">{escape(side.title)}</div>'
                )
                found[side.number] = graph_view(
                    side.analysis, key=f"compare.graph.{side.number}", height=_HEIGHT, of=f"{side.number}:{side.choice.name}", saved_as=side.choice, group="compare", scale=scale,
                    marks=item_marks(fold_of(side.analysis.graph), own), select=node,
                )  # fmt: skip
    _notice(found)
    _selected(sides, diffs)


def marked(sides: Sequence[Side], diffs: Sequence[Diff]) -> list[dict[int, str]]:
    """Marks by node for each graph: against the first; in the first what any other lacks ("removed") or has otherwise ("changed")."""
    if not diffs:
        return [{} for _ in sides]
    first: dict[int, str] = {}
    for found in diffs:
        for node, mark in found.marks("a").items():
            if first.get(node, "equal") == "equal" or mark == "removed":
                first[node] = mark
    return [first, *(found.marks("b") for found in diffs)]


# --- One selection for all -------------------------------------------------------------------------


def _notice(found: dict[int, Selection | None]) -> None:
    """Remember the selection that moved last, and in which graph; what follows it in the others is no new one."""
    kept = st.session_state.setdefault(_KEPT, {"of": None, "range": None, "seen": {}})
    for number, selection in found.items():
        before = kept["seen"].get(number)
        if selection != before and not _followed(kept, number, selection):
            kept["of"], kept["range"], kept["table"] = number, (selection.start, selection.stop) if selection else None, False
            kept["seen"][number] = selection
            st.rerun()
        kept["seen"][number] = selection


def select_node(number: int, node: int) -> None:
    """Select a node of the variant with this number, and what stands for it in the others: for a table's row."""
    kept = st.session_state.setdefault(_KEPT, {"seen": {}})
    kept["of"], kept["range"], kept["table"] = number, (node, node + 1), True


def _followed(kept: dict[str, object], number: int, selection: Selection | None) -> bool:
    """Whether a graph only did what the one that leads asked for."""
    followers = kept.get("wanted")
    asked = followers.get(number) if isinstance(followers, dict) else None
    return (kept["of"] != number or bool(kept.get("table"))) and asked is not None and selection is not None and selection.start <= asked < selection.stop


def _wanted(sides: Sequence[Side], diffs: Sequence[Diff]) -> list[int | None]:
    """The node that each graph is asked to select; None where it leads, or has nothing that stands for the selection."""
    kept = st.session_state.get(_KEPT)
    if not kept or kept["range"] is None:
        return [None] * len(sides)
    covered = counterparts(sides, diffs, kept["of"], kept["range"])
    leads = None if kept.get("table") else kept["of"]
    made = [None if side.number == leads or not nodes else nodes[0] for side, nodes in zip(sides, covered, strict=True)]
    kept["wanted"] = {side.number: node for side, node in zip(sides, made, strict=True)}
    return made


def counterparts(sides: Sequence[Side], diffs: Sequence[Diff], of: int, covered: tuple[int, int]) -> list[list[int]]:
    """The nodes of each variant that stand for nodes ``covered`` (start, stop) of the variant numbered ``of``; all empty where it is gone."""
    place = next((i for i, side in enumerate(sides) if side.number == of), None)
    if place is None:
        return [[] for _ in sides]
    nodes = [n for n in range(*covered) if n < len(sides[place].analysis.graph.nodes)]
    back = {b: a for a, b in diffs[place - 1].partner.items()} if place else {n: n for n in nodes}
    first = [back[n] for n in nodes if n in back]
    return [nodes if i == place else first if i == 0 else [diffs[i - 1].partner[n] for n in first if n in diffs[i - 1].partner] for i in range(len(sides))]


def _selected(sides: Sequence[Side], diffs: Sequence[Diff]) -> None:
    kept = st.session_state.get(_KEPT)
    if not kept or kept["range"] is None:
        st.caption(tr(":material/ads_click: A selection in one graph is found in the others, and its cost is set side by side here."))
        return
    covered = counterparts(sides, diffs, kept["of"], kept["range"])
    if any(covered):
        st.html(html_table(sides, selected_rows(sides, covered), is_dark(), quiet=True))


def selected_rows(sides: Sequence[Side], covered: Sequence[Sequence[int]]) -> list[TableRow]:
    """What the selected operations are and cost in each variant."""
    where = [_where(side, nodes) for side, nodes in zip(sides, covered, strict=True)]
    rows = [TableRow(tr("Selected"), tr("The modules of the selected operations."), [TableCell(w, differs=w != where[0]) for w in where])]
    for cost, label in COST_TITLES.items():
        sums = [sum(_cost(side, n, cost) for n in nodes) for side, nodes in zip(sides, covered, strict=True)]
        form = memory if cost == "bytes" else short
        cells = [TableCell(form(v) if nodes else "–", ratio_text(v, sums[0]) if i and nodes and v != sums[0] else "", all_digits(v), v != sums[0])
                 for i, (v, nodes) in enumerate(zip(sums, covered, strict=True))]  # fmt: skip
        rows.append(TableRow(tr(label), tr("{count} of the selected operations.", count=tr(label)), cells))
    return rows


def _cost(side: Side, index: int, cost: str) -> int:
    node = side.analysis.graph.nodes[index]
    if node.kind in ("input", "output"):
        return 0
    return plain(node.reads) + plain(node.writes) if cost == "bytes" else int(plain(getattr(node, cost)))


def _where(side: Side, nodes: Sequence[int]) -> str:
    if not nodes:
        return tr("nothing stands for it")
    graph = side.analysis.graph
    paths = list(dict.fromkeys(graph.label(graph.nodes[n]) if graph.nodes[n].scope >= 0 else graph.nodes[n].op for n in nodes))
    common = _common([p.split(".") for p in paths])
    more = trn("{n} operation", "{n} operations", len(nodes)) if len(nodes) > 1 else graph.nodes[nodes[0]].op
    return f"{'.'.join(common) or tr('network')} ({more})"


def _common(paths: Sequence[list[str]]) -> list[str]:
    found: list[str] = []
    for parts in zip(*paths, strict=False):
        if len(set(parts)) > 1:
            break
        found.append(parts[0])
    return found
