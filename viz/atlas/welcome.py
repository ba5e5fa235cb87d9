"""The first minute: what this is, three ways in, and a short tour."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import streamlit as st

from blocks.language import tr
from viz.kit import links
from viz.kit.choice import FIRST_NETWORK, Choice
from viz.kit.examples import EXAMPLES
from viz.kit.links import Link
from viz.kit.navigation import exists, link_to
from viz.kit.scripts import joined_script

_ASSETS = Path(__file__).parent / "assets"

#: The page's own CSS: the sentence as large as a title may be beside all else, the ways in close together, one row for the hits,
#: the story below the map on a tablet.
_STYLE = """
.st-key-welcome h1 { font-size: 1.45rem; line-height: 1.3; padding: 0 0 .5rem; max-width: 62rem; text-wrap: balance; }
.st-key-ways [data-testid="stPageLink-NavLink"] p { font-weight: 600; font-size: 1.05rem; text-wrap: balance; }
.st-key-hits { min-height: 2.4rem; gap: .5rem; }
@media (max-width: 960px) {  /* the map keeps the whole width, and the story stands below it */
  .st-key-families [data-testid="stHorizontalBlock"] { flex-wrap: wrap; }
  .st-key-families [data-testid="stHorizontalBlock"] > [data-testid="stColumn"] { flex: 1 1 100%; min-width: 100%; }
}
"""


class WayIn(NamedTuple):
    """One way in: where it leads, what it is called, and what is seen there."""

    link: Link
    title: str
    sentence: str
    icon: str


def ways_in() -> tuple[WayIn, ...]:
    """A knob to turn, a comparison, a lecture."""
    return (
        WayIn(
            links.explore_link(Choice(FIRST_NETWORK)), tr("Turn a knob on ResNet-50"), tr("Its graph, figures and formulas follow at once."), ":material/tune:"
        ),
        WayIn(EXAMPLES[0].link, tr("Compare two networks"), tr("MobileNet with standard and separable layers."), ":material/balance:"),
        WayIn(links.lecture_link("resnet"), tr("Open a lecture"), tr("Why residual networks learn, with the networks running."), ":material/school:"),
    )


class Stop(NamedTuple):
    """One stop of the tour: what it points at (CSS), and what it says."""

    target: str
    said: str


def _stops() -> tuple[Stop, ...]:
    return (
        Stop(".st-key-ways", tr("Three ways in. Each opens a page that you can change and share by its link.")),
        Stop(".st-key-find", tr("Search by name, idea, author or year. The best hits appear under the field while you type.")),
        Stop(".st-key-atlas-map", tr("Every box is a family of networks, every line an idea that one took from another. Click a box to see its story, presets and lecture.")),
        Stop("[data-testid=stTopNavLink], [data-testid=stHeader]", tr("Each page keeps the network that you look at: explore it, compare it, scale it, measure its latency.")),
    )  # fmt: skip


_mount = st.components.v2.component(
    "tour", html='<div class="tour"></div>', css=(_ASSETS / "tour.css").read_text("utf-8"), js=joined_script(_ASSETS / "tour.js")
)


def welcome() -> None:
    """What this is in one sentence, the ways in, and the tour, which the browser keeps as taken or skipped."""
    st.html(f"<style>{_STYLE}</style>")
    with st.container(key="welcome"):
        st.markdown(
            tr("# Pick a deep network, turn its knobs, and see at once its graph, its formulas with the numbers in them, and its latency on this machine.")
        )
    with st.container(key="ways"):
        ways = [way for way in ways_in() if exists(way.link)]
        for column, way in zip(st.columns(len(ways), gap="small"), ways, strict=True):
            with column, st.container(border=True, gap=None, height="stretch"):
                link_to(way.link, way.title, icon=way.icon)
                st.caption(way.sentence)


def tour() -> None:
    """The offer of a tour, and the tour itself."""
    words = {
        "take": tr("A tour in four steps"),
        "skip": tr("Skip"),
        "again": tr("Tour"),
        "back": tr("Back"),
        "next": tr("Next"),
        "done": tr("Done"),
    }
    stops = _stops()
    numbered = [stop._asdict() | {"place": tr("{number} of {count}", number=number, count=len(stops))} for number, stop in enumerate(stops, 1)]
    _mount(key="tour", data={"stops": numbered, "words": words})
