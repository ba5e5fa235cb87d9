"""The knobs of a step. Their values are kept while the session lasts, across languages."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import streamlit as st

from blocks import catalog
from blocks.knobs import Knob, KnobError
from blocks.language import translatable
from blocks.trace.errors import TraceError
from viz.kit.choice import MAX_BATCH, free_places
from viz.kit.knob_widgets import knob_widget
from viz.kit.screen import Screen
from viz.lectures.live import TEMPLATE, TemplateError, evaluated
from viz.lectures.source import LectureStep, Question, Text, View
from viz.lectures.targets import Target, Turned, of_options, targets

#: Most knobs in one row.
_ACROSS = 5
KnobValues = dict[str, dict[str, Any]]


def turned_networks(view: View) -> list[str]:
    """The networks that a knobs view turns."""
    return [part.strip() for part in view.options["name"].split(",")]


def dials(view: View) -> dict[str, Knob]:
    """Its knobs by argument name, with the start values that the file gives. Raises KnobError for one that no network has."""
    found: dict[str, Knob] = {}
    known = [k for name in turned_networks(view) for k in every(name)]
    for argument in (part.strip() for part in view.options["turn"].split(",")):
        knob = next((k for k in known if k.name == argument), None)
        if knob is None:
            catalog.settings(turned_networks(view)[0], **{argument: None})
            raise KnobError(argument, None, "is not a knob of these networks")
        found[argument] = replace(knob, default=knob.parse(view.options[argument])) if argument in view.options else knob
    return found


def every(name: str) -> list[Knob]:
    """The knobs of a network, and its input's side and batch."""
    return [*catalog.knobs(name), *_sizes(name)]


def _sizes(name: str) -> list[Knob]:
    places = free_places(name)
    side = catalog.input_shape(name)[places[0]] if places else 1
    word, symbol = (translatable("Resolution"), "H") if len(places) == 2 else (translatable("Tokens"), "N")
    return [
        Knob(
            "side", symbol, word, translatable("Side of the input."), "Input", "int", side, low=1, high=1024, step=32 if side >= 128 and len(places) == 2 else 1
        ),
        Knob("batch", "B", translatable("Batch"), translatable("Images processed at once."), "Input", "int", 1, low=1, high=MAX_BATCH, step=1),
    ]


def at_start(step: LectureStep) -> KnobValues:
    """What the step's networks are set to before any knob is turned."""
    found: KnobValues = {}
    for view in step.views("knobs"):
        for argument, knob in dials(view).items():
            _give(found, view, argument, knob.default)
    return found


def _give(values: KnobValues, view: View, argument: str, value: Any) -> None:
    for name in turned_networks(view):
        if argument in ("side", "batch") or any(k.name == argument for k in catalog.knobs(name)):
            values.setdefault(name, {})[argument] = value


def panel(view: View, screen: Screen, kept: KnobValues, place: int) -> tuple[KnobValues, list[str]]:
    """The widgets of a knobs view; returns what they are set to and sentences on what cannot be read. ``kept`` is what was set before."""
    values: KnobValues = {}
    wrong: list[str] = []
    mine = turned_networks(view)[0]
    places = _places(len(dials(view)), view.options.get("layout", "row") == "row")
    for (argument, knob), hole in zip(dials(view).items(), places, strict=True):
        before = next((kept[name][argument] for name in turned_networks(view) if argument in kept.get(name, {})), knob.default)
        with hole:
            try:
                value = knob_widget(knob, before, f"{screen.key}.k{place}.{mine}.{argument}")
            except KnobError as error:
                value = before
                wrong.append(str(error))
        _give(values, view, argument, value)
    return values, wrong


def _places(count: int, side_by_side: bool) -> list[st.delta_generator.DeltaGenerator]:
    """Where ``count`` widgets go: in even rows of at most five, or one below the other."""
    if not side_by_side:
        return [st.container() for _ in range(count)]
    rows = -(-count // _ACROSS)
    across = -(-count // rows)
    return [column for _ in range(rows) for column in st.columns(across, vertical_alignment="bottom")][:count]


def moved_knobs(start: KnobValues, turned: KnobValues) -> frozenset[str]:
    """The knobs that are not as they started."""
    return frozenset(k for name, values in turned.items() for k, v in values.items() if start.get(name, {}).get(k) != v)


def shown_targets(step: LectureStep) -> Iterable[Target]:
    """Every target of the step's views."""
    for part in step.parts():
        if isinstance(part, View) and part.kind not in ("knobs", "experiment"):
            yield from targets(part.options["names"]) if "names" in part.options else [of_options(part.options)]


def refusal(step: LectureStep, turned: Turned) -> str:
    """A sentence on why the step cannot be shown while its knobs are ``turned`` so; "" where it can."""
    try:
        for found in shown_targets(step):
            found.analysis(turned)
        for text in texts(step):
            for match in TEMPLATE.finditer(text):
                evaluated(match[1].strip(), turned)
    except (KnobError, TraceError) as error:
        return str(error)
    except TemplateError as error:
        return str(error.__cause__ if isinstance(error.__cause__, Exception) else error)
    return ""


def texts(step: LectureStep) -> list[str]:
    """Every text of the step that may hold live numbers, notes included."""
    found = [step.notes]
    for part in step.parts():
        if isinstance(part, Text):
            found.append(part.text)
        elif isinstance(part, Question):
            found += [part.question, part.answer]
    return found
