"""Choosing the picture: a photograph or test card that comes with the program, or the user's own: a file, the camera, or the clipboard."""

from __future__ import annotations

import functools
from dataclasses import replace
from typing import Any

import streamlit as st

from blocks.experiments import pictures
from blocks.knobs import KnobError
from blocks.language import tr
from blocks.look.samples import PHOTOGRAPHS, sample_names, sample_pixels, sample_title
from viz.inside.address import INSIDE, InsideState
from viz.inside.asking import keep_picture, own_picture
from viz.inside.weights import OWN_PICTURE
from viz.kit.markdown import error_box
from viz.kit.upload_limit import upload_refused

_THUMB, _COLUMNS, _WIDE = 72, 4, 420  # pixels, and pictures per row
#: A picture's name wraps in its button where Streamlit would end it with three dots.
_WHOLE_NAMES = '[class*="st-key-inside-use-"] button :is(p, span, div) { white-space: normal; overflow: visible; }'
_REFUSED, _READ = "inside.picture.refused", "inside.picture.read"


@functools.lru_cache(maxsize=32)
def _thumb(name: str) -> bytes:
    return pictures.png(sample_pixels(name, _THUMB))


def picture_title(name: str) -> str:
    """What a picture of the page is called."""
    return tr("Your picture") if name == OWN_PICTURE else tr(sample_title(name))


def picture_chooser(state: InsideState) -> None:
    """The chooser behind a button. A file that cannot be read leaves the picture as it is, with a sentence."""
    st.html(f"<style>{_WHOLE_NAMES}</style>")
    with st.popover(tr("Picture: {name}", name=picture_title(state.picture)), icon=":material/image:", key="inside.pictures"), st.container(width=_WIDE):
        names = [*sample_names(), *([OWN_PICTURE] if own_picture() else [])]
        for start in range(0, len(names), _COLUMNS):
            for column, name in zip(st.columns(_COLUMNS), names[start : start + _COLUMNS], strict=False):
                _offer(column, state, name)
        file = st.file_uploader(
            tr("Your own image"),
            pictures.SUFFIXES,
            key="inside.file",
            help=tr(
                "PNG, JPEG or WebP, at most {size} MB and {pixels} million pixels. It stays in this session's memory and is deleted when the session ends.",
                size=pictures.MAX_BYTES // 2**20,
                pixels=pictures.MAX_PIXELS // 10**6,
            ),
            max_upload_size=pictures.MAX_BYTES // 2**20,
        )
        if st.toggle(tr("Camera"), key="inside.camera.on"):
            file = st.camera_input(tr("Camera"), key="inside.camera", label_visibility="collapsed") or file
        st.caption(tr("A picture in the clipboard can be pasted on the page (Ctrl+V)."))
        if file is not None and st.session_state.get(_READ) != file.file_id:
            st.session_state[_READ] = file.file_id
            if use_picture(state, file.getvalue(), file.name):
                st.rerun()
        if said := st.session_state.get(_REFUSED):
            error_box(str(said))


def credit(name: str) -> str:
    """Whose photograph it is, and its licence; "" for a test card and for the user's own."""
    if name not in PHOTOGRAPHS:
        return ""
    photo = PHOTOGRAPHS[name]
    return tr("Photograph: {author}, {licence}", author=photo.author, licence=tr(photo.licence))


def use_picture(state: InsideState, data: bytes, name: str) -> bool:
    """Make the image in ``data`` the page's picture; False, with a sentence kept for the chooser, where it cannot be read."""
    refused: Any = upload_refused()
    if not refused:
        try:
            keep_picture(pictures.decode(data, name))
        except KnobError as error:
            refused = error
    st.session_state[_REFUSED] = refused
    if refused:
        return False
    INSIDE.update(_with_picture(state, OWN_PICTURE))
    return True


def refused_picture() -> str:
    """Why the last picture could not be used; "" where it could."""
    return str(st.session_state.get(_REFUSED) or "")


def _offer(column: Any, state: InsideState, name: str) -> None:
    mine = own_picture()
    column.image(pictures.png(pictures.square(mine, _THUMB)) if name == OWN_PICTURE and mine else _thumb(name), width="stretch")
    kind: Any = "primary" if name == state.picture else "secondary"
    column.button(picture_title(name), key=f"inside.use.{name}", type=kind, width="stretch", on_click=_use, args=(state, name))


def _use(state: InsideState, name: str) -> None:
    st.session_state[_REFUSED] = ""
    INSIDE.update(_with_picture(state, name))


def _with_picture(state: InsideState, name: str) -> InsideState:
    return replace(state, picture=name)
