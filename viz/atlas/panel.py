"""What the Atlas says beside the map: the chosen family with its lineage, lecture and presets, or what the ideas mean."""

from __future__ import annotations

import streamlit as st

from blocks import catalog
from blocks.catalog import lineage
from blocks.language import language, tr
from viz.atlas.map import date
from viz.kit import links, palette
from viz.kit.charts import is_dark
from viz.kit.choice import Choice
from viz.kit.navigation import exists, link_to


def family_panel(family: str) -> None:
    """The chosen family; without one, the ideas."""
    found = {f.name: f for f in catalog.families()}.get(family)
    if found is None:
        _ideas()
    else:
        _family(found)


def _dot(idea: str) -> str:
    return f'<span style="color:{palette.idea_colour(idea, is_dark())}">●</span>'


def _ideas() -> None:
    lines = [f"{_dot(i.name)} **{tr(i.title)}** — {tr(i.sentence)}" for i in lineage.IDEAS]
    st.markdown(
        tr("#### Seven ideas\nEach family is a box; a line leads from the family that introduced an idea to one that uses it. Choose a box to see its story.")
    )
    if exists(links.course_link(language())):
        link_to(links.course_link(language()), tr("All lectures, in order"), icon=":material/school:")
    st.markdown("\n\n".join(lines), unsafe_allow_html=True)


def _family(family: catalog.Family) -> None:
    paper = family.papers[0]
    st.markdown(f"#### {family.title}\n{tr(family.idea)}")
    said = tr("{author} et al.", author=paper.authors.split(",")[0])
    said = f"[{said}]({paper.link})" if paper.link else said
    st.caption(f"{said} · {date(family)}")
    lecture = links.lecture_link(family.name, language=language())
    if exists(lecture):
        link_to(lecture, tr("Lecture"), icon=":material/school:")
    _lineage(family.name)
    models, parts = (catalog.names(kind=kind, family=family.name) for kind in ("model", "block"))
    _doors(tr("Presets"), models, {name: name for name in models})
    _doors(tr("Blocks"), parts, {name: tr(catalog.entry(name).title) for name in parts})


def _lineage(family: str) -> None:
    titles = {f.name: f.title for f in catalog.families()}
    took = [f"{_dot(e.idea)} **{titles[e.source]}**: {tr(e.what)}" for e in lineage.sources_of(family)]
    gave = [f"{_dot(e.idea)} **{titles[e.target]}**: {tr(e.what)}" for e in lineage.followers_of(family)]
    for word, lines in ((tr("Took from"), took), (tr("Gave to"), gave)):
        if lines:
            with st.expander(f"{word} {len(lines)}", expanded=lines is took):
                st.markdown("\n\n".join(lines), unsafe_allow_html=True)


def _doors(word: str, names: list[str], titles: dict[str, str]) -> None:
    """Links that open each name in Explore."""
    if not names:
        return
    st.caption(tr("{what}, in Explore", what=word))
    with st.container(horizontal=True, gap="small"):
        for name in names:
            link_to(links.explore_link(Choice(name)), titles[name], width="content")
