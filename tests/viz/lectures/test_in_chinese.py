"""The Chinese lectures are Chinese throughout: knobs, their help, refusals, measurements, experiments."""

from __future__ import annotations

import re
from typing import Any

import pytest

from blocks.experiments import base
from blocks.knobs import Knob, KnobError
from blocks.language import retell, speaking, tr
from blocks.trace.errors import TraceError
from viz.kit.knob_widgets import about, knob_label
from viz.lectures import course, dials
from viz.lectures.source import LectureStep, Question, Text
from viz.lectures.targets import targets

HAN = re.compile(r"[\u4e00-\u9fff]")
LECTURES = course.lectures("zh")
STEPS = [(lecture.name, step) for lecture in LECTURES for step in lecture.steps]
#: Letters that may stand in a Chinese sentence are names, symbols and code; five English words in a row are none of these.
ENGLISH = re.compile(r"(?:[A-Za-z][a-z'-]+[ ,]+){4,}[A-Za-z]+")


def knobs() -> dict[str, Knob]:
    found = {}
    for _, step in STEPS:
        for view in step.views("knobs"):
            for knob in dials.dials(view).values():
                found[f"{knob.name}: {knob.label}: {knob.help}"] = knob
    return found


@pytest.mark.parametrize("knob", knobs().values(), ids=knobs())
def test_every_knob_that_a_lecture_turns_has_its_name_and_help(knob: Knob) -> None:
    with speaking("zh"):
        said = about(knob)
        assert HAN.search(knob_label(knob)) or knob.label in ("Dropout",)
        assert HAN.search(tr(knob.help))
        assert not ENGLISH.search(said)


def tried(step: LectureStep) -> set[str]:
    """The Chinese sentences of what the step refuses when each of its knobs is turned to its ends and to odd values."""
    start = dials.at_start(step)
    found = set()
    for view in step.views("knobs"):
        for argument, knob in dials.dials(view).items():
            for value in ends(knob):
                turned: dials.KnobValues = {name: dict(values) for name, values in start.items()}
                try:
                    dials._give(turned, view, argument, knob.parse(str(value)))
                    for target in dials.shown_targets(step):
                        target.analysis(turned)
                except (KnobError, TraceError) as error:
                    with speaking("zh"):
                        found.add(str(error))
    return found


def ends(knob: Knob) -> list[Any]:
    if knob.kind == "ints":
        return ["1,2", "a"]
    if knob.kind in ("choice", "bool") or knob.low is None or knob.high is None:
        return []
    return [knob.low, knob.low + (knob.step or 1), 7, knob.high * 2] if knob.kind == "int" else [knob.low / 2, knob.high * 2]


@pytest.mark.parametrize(("name", "step"), [(n, s) for n, s in STEPS if s.views("knobs")], ids=lambda v: v if isinstance(v, str) else v.title)
def test_what_a_knob_is_refused_for_is_said_in_chinese(name: str, step: LectureStep) -> None:
    assert [sentence for sentence in tried(step) if ENGLISH.search(sentence)] == [], name


def test_the_experiments_have_both_languages() -> None:
    for name in base.experiment_names():
        found = base.find_experiment(name)
        for words in (found.title, found.claim, found.bound, *(option.label for option in found.options)):
            with speaking("zh"):
                said = retell(words)
            assert HAN.search(said), (name, words)
            assert not ENGLISH.search(re.sub(r"\{[^}]*\}", "", said)), (name, said)


def test_prose_and_labels_are_chinese() -> None:
    wrong = []
    for lecture in LECTURES:
        assert lecture.language == "zh"
        for step in lecture.steps:
            texts = [step.notes, step.title]
            for part in step.parts():
                texts += [part.text] if isinstance(part, Text) else [part.question, part.answer] if isinstance(part, Question) else []
                if not isinstance(part, (Text, Question)) and "names" in part.options:
                    texts += [t.label for t in targets(part.options["names"])]
            bare = [re.sub(r"\{\{.*?\}\}|`[^`]*`|\$[^$]*\$|\([^)]*\)", " ", text, flags=re.DOTALL) for text in texts]
            wrong += [(lecture.name, match[0]) for text in bare for match in ENGLISH.finditer(text)]
    assert wrong == []
