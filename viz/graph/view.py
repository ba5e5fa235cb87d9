"""The graph viewer as a Streamlit component: ``graph_view(analysis, key="graph")``."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from typing import Any, Literal

import streamlit as st

from blocks.analysis import Analysis
from viz.graph.export import download
from viz.graph.fold import Fold, TooManyBoxes, fold_of
from viz.graph.frontend import script, style_sheet, template
from viz.graph.layout import LayoutFailed
from viz.graph.offline import TooManyParts
from viz.graph.payload import payload
from viz.graph.readings import Readings
from viz.graph.view_state import Selection, open_items, parse_view_state, without_missing_tensor
from viz.graph.words import graph_words
from viz.kit.naming import Of

_mount = st.components.v2.component("architecture_graph", html=template(), css=style_sheet(), js=script("mount.js"))


def graph_view(
    analysis: Analysis,
    *,
    key: str,
    height: int = 640,
    overlay: str = "",
    direction: str = "TB",
    changed: Collection[str] = frozenset(),
    times: Mapping[int, float] | None = None,
    scale: Mapping[str, float] | None = None,
    select: int | None = None,
    of: str | None = None,
    saved_as: Of | None = None,
    on_select: Literal["rerun", "ignore"] = "rerun",
    group: str = "",
    marks: Mapping[str, str] | None = None,
    times_from: str = "",
    symbolic: Callable[[], Analysis | None] | None = None,
    figure: bool = False,
    on_view: Callable[[], None] | None = None,
    widths: bool = False,
    words: Mapping[str, str] | None = None,
) -> Selection | None:
    """Show the graph of ``analysis`` and return what is selected in it (None for nothing).

    Opening, searching and downloading rerun only the viewer; a new selection reruns the page unless ``on_select`` is
    "ignore". ``overlay`` is the reading that colours it at first; ``times`` are seconds by node index; ``scale`` is the most of
    each reading where several graphs share one scale (:func:`viz.graph.payload.shared_scale`); ``changed`` are ids of items to
    mark, without it what the last turn of a knob changed is marked; ``select`` is a node's index that the page selects (a
    table row); ``of`` names the network whose view is kept while knobs turn (the analysis' name without it);
    ``saved_as`` is what downloads are called after (``of`` without it).
    Graphs of one ``group`` on a page pan, zoom, open and select in step. ``marks`` paints items by id as "added",
    "removed", "changed" or "equal" (:func:`viz.graph.marks.item_marks` makes them from node indices).
    ``times_from`` says where the times come from; ``symbolic`` gives the same trace with symbols, for the card's formulas.
    ``on_view`` is called when what is open or the direction has changed in a run of the viewer alone. A ``figure`` beside text opens whole, be it small, and without what searches, colours and turns;
    with ``widths`` its edges are as wide as their channels. ``words`` are what buttons and legend say, by their English, where that is other than :func:`viz.graph.words.graph_words`.
    """
    named = of if of is not None else analysis.name
    st.session_state.setdefault(f"{key}.kept", {})["whole"] = True  # this run is the page's, not the viewer's alone
    shown = {
        "key": key,
        "height": height,
        "overlay": overlay,
        "scale": dict(scale or {}),
        "group": group,
        "figure": figure,
        "widths": widths,
        "words": {**graph_words(), **(words or {})},
    }
    return _viewer(
        analysis, key, shown, direction, frozenset(changed), dict(marks or {}), times, times_from, select, named, saved_as, on_select, symbolic, on_view
    )


@st.fragment
def _viewer(
    analysis: Analysis,
    key: str,
    shown: Mapping[str, Any],
    direction: str,
    changed: frozenset[str],
    marks: Mapping[str, str],
    times: Mapping[int, float] | None,
    times_from: str,
    select: int | None,
    of: str,
    saved_as: Of | None,
    on_select: str,
    symbolic: Callable[[], Analysis | None] | None,
    on_view: Callable[[], None] | None,
) -> Selection | None:
    kept = st.session_state[f"{key}.kept"]
    whole = kept.pop("whole", False)
    fold, readings = _read(analysis, times, times_from, kept)
    sent = dict(st.session_state.get(key) or {}).get("view")
    fresh = bool(sent) and sent != kept.get("sent")
    raw = sent if fresh else kept.get("view")  # what was sent before may be older than what the page selected
    wish = without_missing_tensor(parse_view_state(raw, of, direction), fold)
    # A table that follows the graph tells its row of a moment ago when the graph speaks again: the graph's word holds.
    spoke = fresh or (whole and kept.pop("spoke", False))
    if select is not None and not spoke and kept.get("select") != select:
        item = fold.items[fold.shown(select, open_items(wish, fold))]
        wish = parse_view_state({**_raw(raw, wish), "selected": item.id, "ref": None}, of, direction)
    kept["select"] = select
    data = payload(analysis, fold, readings, wish, changed or _turned(fold, of, kept), marks, symbolic)
    seen = kept.get("view") or {}
    kept["sent"], kept["view"] = sent, data["view"]  # together, and before anything can end this run: what was sent counts once
    if on_view is not None and not whole and any(seen.get(part) != data["view"][part] for part in ("level", "open", "direction")):
        on_view()
    data |= shown
    try:
        data["download"] = _ordered(analysis, fold, readings, wish, kept, saved_as)
    except (TooManyParts, TooManyBoxes, LayoutFailed) as error:
        data |= {"download": kept.get("download"), "error": str(error)}
    _mount(key=key, data=data, height=shown["height"], on_view_change=lambda: None)
    selection = Selection.of(fold.items.get(data["view"]["selected"] or "") if data["view"]["selected"] is not None else None, wish.ref)
    before = kept.get("selection")
    kept["selection"] = selection
    if before != selection and on_select == "rerun" and not whole:
        kept["spoke"] = True
        st.rerun(scope="app")
    return selection


def _raw(raw: object, wish: Any) -> dict[str, object]:
    return dict(raw) if isinstance(raw, Mapping) and raw.get("of") == wish.of else {"of": wish.of, "level": wish.level, "n": wish.n}


def _read(analysis: Analysis, times: Mapping[int, float] | None, times_from: str, kept: dict[str, Any]) -> tuple[Fold, Readings]:
    """Fold and readings of this analysis, each made once."""
    if kept.get("graph") is not analysis.graph or kept.get("times") != times:
        kept["readings"] = Readings(analysis, times, times_from)
        kept["graph"], kept["times"] = analysis.graph, times
    return fold_of(analysis.graph), kept["readings"]


def _turned(fold: Fold, of: str, kept: dict[str, Any]) -> frozenset[str]:
    """The operations that differ from the graph before this one, while both are of one network."""
    signs = kept.get("signs")
    if signs is None or kept.get("signs of") != of:
        kept["changed"] = frozenset()
    elif kept.get("signs graph") is not fold.graph:
        kept["changed"] = changes(signs, fold)
    if kept.get("signs graph") is not fold.graph:
        kept["signs"], kept["signs of"], kept["signs graph"] = signatures(fold), of, fold.graph
    return kept["changed"]


def signatures(fold: Fold) -> dict[str, int]:
    """A number for each operation that changes when its shape, settings or weights do."""
    return {item.id: item.sign for item in fold.root.walk() if not item.children}


def changes(before: Mapping[str, int], fold: Fold) -> frozenset[str]:
    """Ids of the operations of ``fold`` that are new or not as they were."""
    return frozenset(id for id, sign in signatures(fold).items() if before.get(id) != sign)


def _ordered(analysis: Analysis, fold: Fold, readings: Readings, wish: Any, kept: dict[str, Any], saved_as: Of | None) -> dict[str, object] | None:
    """The file that the browser asked for, once for each order."""
    if wish.export and wish.export.get("n") != kept.get("delivered"):
        kept["delivered"] = wish.export.get("n")
        kept["download"] = download(analysis, fold, readings, wish, saved_as)
    return kept.get("download")
