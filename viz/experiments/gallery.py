"""Choosing the picture of an experiment: one of those drawn here, or one of the user's own, which stays in this session's memory."""

from __future__ import annotations

import functools
from typing import Any, Literal

import streamlit as st

from blocks.experiments import pictures
from blocks.experiments.base import ExperimentOption
from blocks.knobs import KnobError
from viz.kit.screen import Screen

_OWN = "lecture.own_pictures"
_WORDS = {
    "en": {
        "own": "Your own picture",
        "help": f"PNG, JPEG or WebP, at most {pictures.MAX_BYTES // 2**20} MB and {pictures.MAX_PIXELS // 10**6} million pixels. It stays in this session's memory and is gone with it.",
        "mine": "Yours",
        "forget": "Forget",
    },
    "zh": {
        "own": "你自己的图片",
        "help": f"PNG、JPEG 或 WebP，不超过 {pictures.MAX_BYTES // 2**20} MB、{pictures.MAX_PIXELS // 10**4} 万像素。只保存在本次会话的内存中，会话结束即消失。",
        "mine": "我的图片",
        "forget": "移除",
    },
}
THUMB, WIDE = 96, 440  # pixels: a drawn picture's side, and the whole choice


@functools.lru_cache(maxsize=16)
def _thumb(name: str) -> bytes:
    return pictures.png(pictures.square(name, THUMB))


def choose_picture(option: ExperimentOption, start: Any, key: str, screen: Screen) -> Any:
    """The chosen picture: a drawn one's name, or a :class:`blocks.experiments.pictures.Picture`. A file that cannot be read leaves the choice as it was."""
    words = _WORDS[screen.language]
    own: dict[str, pictures.Picture] = st.session_state.setdefault(_OWN, {})
    chosen = st.session_state.setdefault(key, start)
    mine = own.get(option.name)
    title = words["mine"] if isinstance(chosen, pictures.Picture) else option.title(chosen, screen.language)
    with st.popover(f"{option.label[screen.language]}: {title}", icon=":material/image:", key=f"{key}.open"), st.container(width=WIDE):
        names: list[Any] = [*(option.values or ()), *([mine] if mine else [])]
        for column, name in zip(st.columns(len(names)), names, strict=True):
            is_mine = isinstance(name, pictures.Picture)
            column.image(pictures.png(pictures.square(name, THUMB)) if is_mine else _thumb(name), width="stretch")
            label = words["mine"] if is_mine else option.title(name, screen.language)
            kind: Literal["primary", "secondary"] = "primary" if name is chosen or name == chosen else "secondary"
            column.button(label, key=f"{key}.{'own' if is_mine else name}", type=kind, width="stretch", on_click=_set, args=(key, name))
        file = st.file_uploader(words["own"], pictures.SUFFIXES, key=f"{key}.file", help=words["help"], max_upload_size=pictures.MAX_BYTES // 2**20)
        if file is not None and st.session_state.get(f"{key}.read") != file.file_id:
            st.session_state[f"{key}.read"] = file.file_id
            try:
                own[option.name] = st.session_state[key] = pictures.decode(file.getvalue(), file.name)
            except KnobError as error:
                st.session_state[f"{key}.refused"] = error
            else:
                st.session_state.pop(f"{key}.refused", None)
                st.rerun()
        if file is not None and f"{key}.refused" in st.session_state:
            st.error(str(st.session_state[f"{key}.refused"]), icon=":material/error:")
        if mine is not None:
            st.button(words["forget"], key=f"{key}.forget", icon=":material/delete:", on_click=_forget, args=(key, option.name, option.default))
    return st.session_state[key]


def _set(key: str, value: Any) -> None:
    st.session_state[key] = value


def _forget(key: str, name: str, default: Any) -> None:
    st.session_state[_OWN].pop(name, None)
    st.session_state[key] = default
