"""Choosing a network: by family, by kind, by search. The sidebar's first part."""

from __future__ import annotations

import streamlit as st

from blocks import catalog
from blocks.catalog import opened
from blocks.knobs import KnobError, brief
from blocks.language import tr, translatable
from viz.kit.choice import FIRST_NETWORK
from viz.kit.file_drop import close_dropped, dropped_networks, file_drop
from viz.kit.markdown import error_box, plain_markdown
from viz.kit.widget_state import held_index

_ALL = translatable("all families")


def show_network(name: str, page: str = "") -> None:
    """Let the list on ``page`` show ``name`` from now on: the page was opened with it."""
    st.session_state[f"{page}net"] = name


def pick_network(current: str, page: str = "") -> str:
    """The widgets that choose a network; ``current`` until another is picked. ``page`` begins their keys.

    Each page needs keys of its own: in the run that opens a page, a key still has the value of the page before, but not the new page's widget.
    """
    listed, searched, chosen = f"{page}net", f"{page}search", f"{page}family"
    text = st.text_input(tr("Search"), key=searched, placeholder=tr("name, idea, year, timm:…"), icon=":material/search:", label_visibility="collapsed")
    found = _addressed(text.strip()) if ":" in text else catalog.search(text) if text.strip() else [*dropped_networks(), *opened.addresses(), *catalog.names()]
    if not found and ":" in text:
        found = catalog.names()
    elif not found:
        near = catalog.suggestions(text)
        st.caption(" ".join(nothing_mentions(text, near)))
        found = near or catalog.names()
    titles = {f.name: f.title for f in catalog.families()}
    present = {catalog.entry(n).family.name for n in found}
    families = [_ALL, *(f for f in titles if f in present)]
    family = st.selectbox(tr("Family"), families, held_index(chosen, families, _ALL), key=chosen, format_func=lambda f: titles.get(f) or tr(f).capitalize())
    names = [n for n in found if family == _ALL or catalog.entry(n).family.name == family]
    if not text.strip():  # what is searched for comes best first
        names = [n for n in names if catalog.entry(n).kind == "model"] + [n for n in names if catalog.entry(n).kind == "block"]
    if current not in names:
        names = [current, *names]
    name = st.selectbox(tr("Network or block"), names, held_index(listed, names, current), key=listed, format_func=network_title)
    file_drop(lambda address: st.session_state.update({searched: "", chosen: _ALL, listed: address}))
    if name in dropped_networks():
        st.button(tr("Close this file"), icon=":material/close:", key=f"{page}close", on_click=_close, args=(name, listed))
    return name


def _close(name: str, listed: str) -> None:
    close_dropped(name)
    st.session_state[listed] = FIRST_NETWORK


def nothing_mentions(text: str, near: list[str]) -> list[str]:
    """What to say of a search without a hit: that, and the nearest names, if any."""
    said = [tr("Nothing mentions “{text}”.", text=plain_markdown(brief(text)))]
    return said + ([tr("Nearest: {names}.", names=", ".join(near))] if near else [])


def _addressed(address: str) -> list[str]:
    """The network behind an address such as timm:resnet18; none, and a sentence, where it cannot be opened."""
    try:
        catalog.entry(address)
    except KnobError as error:
        error_box(str(error))
        return []
    return [address]


def network_title(name: str) -> str:
    """A name as the list shows it: presets as they are, blocks by their title."""
    entry = catalog.entry(name)
    return name if entry.kind == "model" else f"▢ {tr(entry.title)} · {entry.family.title}"
