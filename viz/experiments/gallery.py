"""Choosing the picture of an experiment: one of those drawn here, or one of the user's own, which stays in this session's memory."""

from __future__ import annotations

import functools
from typing import Any, Literal

import streamlit as st

from blocks.experiments import pictures
from blocks.experiments.base import ExperimentOption
from blocks.knobs import KnobError
from blocks.language import tr
from viz.kit.markdown import error_box
from viz.kit.upload_limit import upload_refused

_OWN = "lecture.own_pictures"

THUMB, WIDE = 96, 440  # pixels: a drawn picture's side, and the whole choice


@functools.lru_cache(maxsize=16)
def _thumb(name: str) -> bytes:
    return pictures.png(pictures.square(name, THUMB))


def choose_picture(option: ExperimentOption, start: Any, key: str) -> Any:
    """The chosen picture: a drawn one's name, or a :class:`blocks.experiments.pictures.Picture`. A file that cannot be read leaves the choice as it was."""
    own: dict[str, pictures.Picture] = st.session_state.setdefault(_OWN, {})
    chosen = st.session_state.setdefault(key, start)
    mine = own.get(option.name)
    title = tr("Yours") if isinstance(chosen, pictures.Picture) else option.title(chosen)
    with st.popover(f"{tr(option.label)}: {title}", icon=":material/image:", key=f"{key}.open"), st.container(width=WIDE):
        names: list[Any] = [*(option.values or ()), *([mine] if mine else [])]
        for column, name in zip(st.columns(len(names)), names, strict=True):
            is_mine = isinstance(name, pictures.Picture)
            column.image(pictures.png(pictures.square(name, THUMB)) if is_mine else _thumb(name), width="stretch")
            label = tr("Yours") if is_mine else option.title(name)
            kind: Literal["primary", "secondary"] = "primary" if name is chosen or name == chosen else "secondary"
            column.button(label, key=f"{key}.{'own' if is_mine else name}", type=kind, width="stretch", on_click=_set, args=(key, name))
        file = st.file_uploader(
            tr("Your own image"),
            pictures.SUFFIXES,
            key=f"{key}.file",
            help=tr(
                "PNG, JPEG or WebP, at most {size} MB and {pixels} million pixels. It stays in this session's memory and is deleted when the session ends.",
                size=pictures.MAX_BYTES // 2**20,
                pixels=pictures.MAX_PIXELS // 10**6,
            ),
            max_upload_size=pictures.MAX_BYTES // 2**20,
        )
        if file is not None and st.session_state.get(f"{key}.read") != file.file_id:
            st.session_state[f"{key}.read"] = file.file_id
            if refused := upload_refused():
                st.session_state[f"{key}.refused"] = refused
            else:
                _read(file, own, option.name, key)
        if file is not None and f"{key}.refused" in st.session_state:
            error_box(str(st.session_state[f"{key}.refused"]))
        if mine is not None:
            st.button(tr("Forget"), key=f"{key}.forget", icon=":material/delete:", on_click=_forget, args=(key, option.name, option.default))
    return st.session_state[key]


def _read(file: Any, own: dict[str, pictures.Picture], name: str, key: str) -> None:
    """Choose the picture in an uploaded file, and run the page again; or note why it cannot be read."""
    try:
        own[name] = st.session_state[key] = pictures.decode(file.getvalue(), file.name)
    except KnobError as error:
        st.session_state[f"{key}.refused"] = error
    else:
        st.session_state.pop(f"{key}.refused", None)
        st.rerun()


def _set(key: str, value: Any) -> None:
    st.session_state[key] = value


def _forget(key: str, name: str, default: Any) -> None:
    st.session_state[_OWN].pop(name, None)
    st.session_state[key] = default
