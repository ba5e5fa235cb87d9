"""Opening an exported program (.pt2) that the user drops onto the page, or chooses. The list of them is the session's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import streamlit as st

from blocks.catalog.dropped import drop, is_kept
from blocks.catalog.opened import opened_entry
from blocks.knobs import KnobError
from blocks.language import tr
from viz.kit.markdown import error_box
from viz.kit.scripts import joined_script
from viz.kit.upload_limit import upload_refused

_OPENED, _PROBLEMS, _TURN = "dropped.opened", "dropped.problems", "dropped.turn"

#: Streamlit's uploader as one button that says what it opens, and a frame round the page while a file is over it.
_STYLE = """
.st-key-drop [data-testid="stFileUploaderDropzone"] button > * { display: none; }
.st-key-drop [data-testid="stFileUploaderDropzone"] button::after { content: "%s"; }
.st-key-drop [data-testid="stFileUploaderDropzoneInstructions"] { display: none; }
.st-key-drop [data-testid="stFileUploaderDropzone"] { padding: 0; min-height: 0; border: 0; background: none; }
body.explorer-file-over::after { content: ""; position: fixed; inset: 4px; z-index: 999999; pointer-events: none; border: 3px dashed var(--st-primary-color, #1B58B3); border-radius: .5rem; }
"""
_mount = st.components.v2.component("file_drop", html="<span hidden></span>", js=joined_script(Path(__file__).parent / "assets" / "drop.js"))


def dropped_networks() -> list[str]:
    """The addresses of this session's files that are still kept, the last one first."""
    return [address for address in st.session_state.get(_OPENED, ()) if is_kept(address)]


def file_drop(show: Callable[[str], None]) -> None:
    """A button that takes .pt2 files, as does the whole page; ``show`` is called with the address of one that was opened, before the page runs."""
    key = f"drop.{st.session_state.setdefault(_TURN, 0)}"  # a new one after each upload: the uploader is empty again
    st.html(f"<style>{_STYLE % tr('Open a .pt2 file')}</style>")
    with st.container(key="drop"):
        st.file_uploader(
            tr("Open a .pt2 file"),
            "pt2",
            accept_multiple_files=True,
            key=key,
            on_change=_take,
            args=(key, show),
            label_visibility="collapsed",
        )
        _mount(key="file-drop", data={"name": tr("Open a .pt2 file")})
    for problem in st.session_state.pop(_PROBLEMS, ()):
        error_box(problem)


def close_dropped(address: str) -> None:
    """Take a file from the session's list."""
    st.session_state[_OPENED] = [other for other in dropped_networks() if other != address]


def _take(key: str, show: Callable[[str], None]) -> None:
    """Open what was uploaded; what cannot be opened leaves a sentence and the page as it was."""
    st.session_state[_TURN] += 1
    for file in st.session_state[key]:
        if refused := upload_refused():
            st.session_state.setdefault(_PROBLEMS, []).append(refused)
            return
        try:
            address = drop(file.name, file.getvalue())
            opened_entry(address)
        except KnobError as error:
            st.session_state.setdefault(_PROBLEMS, []).append(str(error))
            continue
        st.session_state[_OPENED] = list(dict.fromkeys([address, *dropped_networks()]))
        show(address)
