"""The map as a Streamlit component: ``family_map(chosen, hits, key="map", on_choose=...)``."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Collection
from functools import cache
from pathlib import Path

import streamlit as st

from blocks import catalog
from blocks.catalog import lineage
from blocks.language import language, speaking, tr
from viz.atlas.layout import NARROWEST, layout
from viz.kit import palette
from viz.kit.scripts import joined_script

_ASSETS = Path(__file__).parent / "assets"


def date(family: catalog.Family) -> str:
    """When a family was first shown, as "December 2015"."""
    year, month = lineage.first_shown(family)
    return tr("{month} {year}", month=tr(calendar.month_name[month]) if language() == "en" else month, year=year)


@cache
def _drawn(said_in: str) -> dict[str, object]:
    """What the browser draws, apart from what is chosen; its words in the language ``said_in``."""
    with speaking(said_in):
        return _in_words()


def _in_words() -> dict[str, object]:
    made = layout()
    families = {f.name: f for f in catalog.families()}
    return {
        "label": tr("Families in time, by idea"),
        "narrowest": NARROWEST,
        "rows": made.rows,
        "years": [list(y) for y in made.years],
        "lanes": [
            {"idea": lane.idea.name, "title": tr(lane.idea.title), "sentence": tr(lane.idea.sentence), "row": lane.row, "rows": lane.rows}
            for lane in made.lanes
        ],
        "nodes": [
            {
                "family": p.family,
                "title": p.title,
                "x": p.x,
                "row": p.row,
                "lane": p.lane,
                "ideas": lineage.ideas(p.family),
                "date": date(families[p.family]),
                "sentence": tr(families[p.family].idea),
            }
            for p in made.places
        ],
        "edges": [{**e._asdict(), "what": tr(e.what)} for e in lineage.EDGES],
    }


@cache
def _style() -> str:
    rules = [(_ASSETS / "map.css").read_text("utf-8")]
    for dark, scope in ((False, ".atlas"), (True, ".atlas.dark")):
        colours = {"quiet": palette.QUIET, "line": palette.LINE, "card": palette.CARD, "ground": palette.GROUND}
        rules.append(f"{scope} {{ {' '.join(f'--{name}: {colour.on(dark)};' for name, colour in colours.items())} }}")
        rules += [f"{scope} .i-{idea.name} {{ --idea: {palette.idea_colour(idea.name, dark)}; }}" for idea in lineage.IDEAS]
    return "\n".join(rules)


_mount = st.components.v2.component("family_map", html='<div class="atlas"></div>', css=_style(), js=joined_script(_ASSETS / "map.js"))


def family_map(chosen: str, hits: Collection[str] | None, *, key: str, on_choose: Callable[[str], None]) -> None:
    """Draw the map with ``chosen`` lit; a click calls ``on_choose`` with the family ("" where the chosen one is clicked again).

    ``hits`` are the families that a search found, None for no search.
    """

    def clicked() -> None:
        family = getattr(st.session_state[key], "family", None)
        if family is not None:
            on_choose(str(family))

    _mount(key=key, data={**_drawn(language()), "chosen": chosen, "hits": None if hits is None else sorted(hits)}, on_family_change=clicked)
