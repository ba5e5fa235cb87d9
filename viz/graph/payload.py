"""Everything that the browser needs for one picture, as plain JSON data. Pure: no Streamlit here."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any

from blocks.analysis import Analysis
from blocks.language import retell, speaking, tr, translatable
from viz.graph.card import item_card
from viz.graph.fold import Fold, Folded, TooManyBoxes
from viz.graph.labels import box_label, full_title, kind_names, path_text, shape_text
from viz.graph.layout import LayoutFailed
from viz.graph.marks import shown_marks
from viz.graph.readings import Readings
from viz.graph.scene import scene
from viz.graph.svg import page_svg
from viz.graph.tree import Item
from viz.graph.view_state import ViewState, open_items
from viz.kit.palette import RAMP

_MAX_HITS = 30


def payload(
    analysis: Analysis, fold: Fold, readings: Readings, view: ViewState, changed: Collection[str] = (), marks: Mapping[str, str] | None = None,
    symbolic: Callable[[], Analysis | None] | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Picture, readings and card for ``view``. A state with too many boxes falls back to stage level, with a sentence that says so."""
    open, said, problem = open_items(view, fold), retell(analysis.graph.error), ""
    try:
        folded = fold.folded(open)
        drawn = scene(folded, analysis.graph, view.direction)
    except (TooManyBoxes, LayoutFailed) as error:
        problem = f"{str(error)[:1].upper()}{str(error)[1:]}"
        open = fold.preset("stage")
        folded = fold.folded(open)
        drawn = scene(folded, analysis.graph, view.direction)
    selected = fold.items.get(view.selected or "") if view.selected is not None else None
    return {
        "of": view.of,
        "svg": page_svg(drawn),
        "direction": view.direction,
        "items": {item.id: item_data(item, fold, readings) for item in {*folded.nodes, *folded.clusters, *([selected] if selected else [])}},
        "overlays": overlay_data(readings),
        "kinds": kind_names(node for item in folded.nodes for node in fold.graph.nodes[item.start : item.stop]),
        "ramp": [list(RAMP[0]), list(RAMP[1])],
        "changed": [item.id for item in folded.nodes if _is_changed(item, changed)],
        "marks": shown_marks([*folded.nodes, *folded.clusters], marks or {}),
        "failed": _failed(folded, analysis),
        "card": item_card(selected, fold, analysis, view.ref, symbolic() if symbolic else None) if selected else None,
        "found": search_items(fold, view.find, open),
        "reveal": view.reveal,
        "error": problem or said,
        "view": {
            "of": view.of, "level": "stage" if problem else _level(view, fold, open), "open": sorted(open), "selected": _shown(selected, fold, open), "ref": view.ref,
            "find": view.find, "direction": view.direction, "n": view.n,
        },
    }  # fmt: skip


def _level(view: ViewState, fold: Fold, open: Collection[str]) -> str:
    """The level that the open items amount to; "" where more was opened to reveal an item."""
    return view.level if view.level and (view.reveal is None or open == fold.preset(view.level)) else ""


def _shown(selected: Item | None, fold: Fold, open: Collection[str]) -> str | None:
    """Id of the selected item, or of the visible item that contains it."""
    if selected is None:
        return None
    for around in reversed([selected, *selected.ancestors()]):
        if around is not fold.root and around.id not in open:
            return around.id
    return selected.id


def overlay_data(readings: Readings) -> list[dict[str, str]]:
    """The choices of the overlay's selector."""
    return [{"id": "", "label": translatable("Colour by kind"), "unit": ""}] + [{"id": o.id, "label": o.label, "unit": o.unit} for o in readings.overlays]


def item_data(item: Item, fold: Fold, readings: Readings) -> dict[str, object]:
    """What the browser gets of an item: title, path, kind, whether it opens, its readings."""
    said = box_label(item, fold.graph)
    return {
        "t": full_title(item, fold.graph),
        "path": path_text(item.id),
        "shape": shape_text(fold.graph.nodes[item.stop - 1].shape),
        "k": said.kind,
        "opens": item.opens,
        "m": readings.of(item),
    }


def _failed(folded: Folded, analysis: Analysis) -> list[str]:
    """The visible items in which a partial graph ends."""
    ends = {node.index for node in analysis.graph.nodes if node.failed} or ({len(analysis.graph.nodes) - 1} if analysis.graph.error else set())
    return [item.id for item in folded.nodes if any(item.start <= index < item.stop for index in ends)]


def _is_changed(item: Item, changed: Collection[str]) -> bool:
    return bool(changed) and any(inner.id in changed for inner in item.walk())


def search_text(item: Item, fold: Fold) -> str:
    """Name, path and kind of an item, in English and in the language of the page, and the function of an operation, in lower case: what a search looks in."""
    said = box_label(item, fold.graph)
    with speaking("en"):
        english = box_label(item, fold.graph).title
    return f"{english} {said.title} {item.id} {said.kind} {tr(said.kind)} {fold.graph.nodes[item.start].op if not item.opens else ''}".lower()


def search_items(fold: Fold, text: str, open: Collection[str]) -> list[dict[str, str]]:
    """Items whose name, path or kind holds every word of ``text``; ``shown`` is the visible item that contains it."""
    words = text.lower().split()
    hits: list[dict[str, str]] = []
    if not words:
        return hits
    for item in fold.root.walk():
        if item is fold.root:
            continue
        said = box_label(item, fold.graph)
        where = search_text(item, fold)
        if all(w in where for w in words):
            hits.append({"id": item.id, "title": said.title, "path": path_text(item.id), "kind": said.kind, "shown": fold.shown(item.start, open)})
            if len(hits) == _MAX_HITS:
                break
    return hits


def shared_scale(pictures: Mapping[str, tuple[Fold, Readings]]) -> dict[str, float]:
    """The maximum of each reading over all graphs of a page, at stage level: one scale for all of them."""
    most: dict[str, float] = {}
    for fold, readings in pictures.values():
        for item in fold.visible(fold.preset("stage"))[0]:
            for name, value in readings.of(item).items():
                most[name] = max(most.get(name, 0.0), value)
    return most
