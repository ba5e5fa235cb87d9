"""Which lecture, step and language the address names, and how it is shown. Reading never fails: what cannot be used is said."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace

import streamlit as st

from viz.kit.words import LANGUAGES, word
from viz.lectures import course
from viz.lectures.source import Lecture

_LEFT = "lecture.left"
#: Seconds for which a run may still ask with the address that was left.
LATE = 2.0
_KEYS = ("lecture", "step", "lang", "present", "notes", "handout")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person is: ``lecture`` None is the course; ``step`` counts from 1."""

    language: str = "en"
    lecture: Lecture | None = None
    step: int = 1
    present: bool = False
    notes: bool = False
    handout: bool = False

    def query(self) -> dict[str, str]:
        """The address's parameters; what is as usual is left out."""
        params: dict[str, str] = {}
        if self.lecture is not None:
            params["lecture"] = self.lecture.name
            if self.step > 1:
                params["step"] = str(self.step)
        if self.language != "en":
            params["lang"] = self.language
        return params | {name: "1" for name in ("present", "notes", "handout") if getattr(self, name)}

    def go(self, **changed: object) -> None:
        """Change the address (in a widget's callback): the page follows it."""
        there = replace(self, **changed)  # type: ignore[arg-type]
        before = st.query_params.to_dict()
        after = {**{k: v for k, v in before.items() if k not in _KEYS}, **there.query()}
        st.query_params.from_dict(after)
        st.session_state[_LEFT] = (before, after, time.monotonic() + LATE)


def arrived() -> None:
    """Follow the last :meth:`Place.go` where the browser asks with the address before it: something else on the page, such as a
    running experiment, asked for a run before the browser had the new one. Later than :data:`LATE` it is the person's way back."""
    before, after, until = st.session_state.get(_LEFT, ({}, {}, 0.0))
    if after and st.query_params.to_dict() == before and time.monotonic() < until:
        st.query_params.from_dict(after)


def read(params: Mapping[str, str]) -> tuple[Place, list[str]]:
    """The place that an address names, and a sentence for each part that could not be used."""
    said: list[str] = []
    language = params.get("lang", "en")
    if language not in LANGUAGES:
        said.append(word("bad_lang", "en", lang=repr(language[:20])))
        language = "en"
    name = params.get("lecture", "")
    lecture = course.find(name, language) if name else None
    if name and lecture is None:
        said.append(word("unknown", language, name=repr(name[:40])))
    if lecture is None:
        return Place(language), said
    if lecture.language != language:
        said.append(word("only_english", language))
    text, last = params.get("step", "1"), len(lecture.steps)
    step = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    if not 1 <= step <= last:
        nearest = 1 if step < 1 else last
        said.append(word("bad_step", language, step=repr(text[:20]), last=last, nearest=nearest))
        step = nearest
    flags = {flag: params.get(flag) == "1" for flag in ("present", "notes", "handout")}
    return Place(language, lecture, step, **flags), said
