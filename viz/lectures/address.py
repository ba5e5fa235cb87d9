"""The Lectures page's state and its address: lecture, step and language, and how they are shown."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import Any

from blocks.knobs.reading import as_whole
from blocks.language import LANGUAGES, speaking, tr
from blocks.language import language as spoken
from viz.kit.address import Address, Query
from viz.kit.language import choose_language
from viz.lectures import course
from viz.lectures.source import Lecture

_FLAGS = ("present", "notes", "handout", "overview", "code")
_ANSWER = re.compile(r"a(\d{1,2})\.(\d)")
LONGEST_ANSWER = 400  # characters
_MOST_ANSWERS = 20


@dataclass(frozen=True, slots=True)
class LecturePosition:
    """What is open: ``lecture`` None is the course; ``step`` counts from 1.

    ``notes`` is the presenter's window (on a handout: notes under each step), ``overview`` the list of the steps, ``code`` the QR code of the step.
    ``answers`` are a student's, by step and question ("3.1").
    """

    language: str = "en"
    lecture: Lecture | None = None
    step: int = 1
    present: bool = False
    notes: bool = False
    handout: bool = False
    overview: bool = False
    code: bool = False
    answers: tuple[tuple[str, str], ...] = ()

    def query(self) -> Query:
        """The address's parameters; defaults are left out."""
        params: dict[str, str] = {}
        if self.lecture is not None:
            params["lecture"] = self.lecture.name
            if self.step > 1:
                params["step"] = str(self.step)
            params |= {f"a{place}": text for place, text in self.answers}
        if self.language != "en":
            params["lang"] = self.language
        return (*params.items(), *((name, "1") for name in _FLAGS if getattr(self, name)))

    def go(self, **changed: object) -> None:
        """Open another position, in a widget's callback: the page's run that follows shows it. Another lecture has no answers yet."""
        if "lecture" in changed:
            changed = {"answers": (), "overview": False, "code": False, **changed}
        if "language" in changed:
            choose_language(str(changed["language"]))
        LECTURES.update(replace(self, **changed))  # type: ignore[arg-type]

    def answer(self, place: str) -> str:
        """The student's answer to the question at ``place``; "" where there is none."""
        return dict(self.answers).get(place, "")

    def answered(self, place: str, text: str) -> LecturePosition:
        """This position with the answer ``text`` to the question at ``place``, cut to what a link can hold; an empty text takes it away."""
        kept = {k: v for k, v in self.answers if k != place} | ({place: text.strip()[:LONGEST_ANSWER]} if text.strip() else {})
        return replace(self, answers=tuple(sorted(kept.items())[:_MOST_ANSWERS]))


def read_position(query: Query) -> tuple[LecturePosition, list[str]]:
    """The position that an address names, and a sentence, in the address' language, for each part that could not be used."""
    params = dict(query)
    language = params.get("lang", "")
    with speaking(language if language in LANGUAGES else spoken()):
        return _read(params)


def _read(params: dict[str, str]) -> tuple[LecturePosition, list[str]]:
    said: list[str] = []
    language = spoken()
    name = params.get("lecture", "")
    lecture = course.find_lecture(name, language) if name else None
    if name and lecture is None:
        said.append(tr("There is no lecture called {name}. Choose one below.", name=repr(name[:40])))
    if lecture is None:
        return LecturePosition(language), said
    if lecture.language != language:
        said.append(tr("This lecture is in English only."))
    text, last = params.get("step", "1"), len(lecture.steps)
    step = as_whole(text) or 0
    if not 1 <= step <= last:
        nearest = 1 if step < 1 else last
        said.append(tr("step = {step}: must be a whole number between 1 and {last}. Nearest: {nearest}.", step=repr(text[:20]), last=last, nearest=nearest))
        step = nearest
    flags: dict[str, Any] = {flag: params.get(flag) == "1" for flag in _FLAGS}
    found = LecturePosition(language, lecture, step, **flags)
    for key, text in params.items():
        if match := _ANSWER.fullmatch(key):
            found = found.answered(f"{match[1]}.{match[2]}", text)
    return found, said


LECTURES = Address("pages/lectures.py", read_position, LecturePosition.query)
