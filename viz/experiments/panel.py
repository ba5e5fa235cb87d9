"""An experiment on a page: its options, run and stop, live progress, its picture and what it has shown."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from blocks.experiments import base
from blocks.experiments.base import ExperimentOption, LiveExperiment
from blocks.knobs import KnobError
from blocks.language import retell, tr
from viz.experiments import gallery
from viz.experiments.results import KeptResult, last_result
from viz.experiments.runner import started
from viz.kit.markdown import error_box
from viz.kit.screen import Screen
from viz.kit.session import still_there
from viz.kit.task import Task, begin, live, progress, tasks
from viz.kit.thread_task import ThreadTask
from viz.kit.widget_state import held, held_index


def experiment_view(options: Mapping[str, str], screen: Screen) -> None:
    """The view: ``name``, start values of its options, and ``turn`` with the options that the user may change (none by default; pictures always).

    When its step opens, it shows the last result with these options, or else it runs.
    """
    found = base.find_experiment(options["name"])
    given = {k: v for k, v in options.items() if k not in ("name", "turn", "height")}
    settings = found.settings(given)
    turn = [part.strip() for part in options.get("turn", "").split(",") if part.strip()]
    key = screen.place("experiment", options)
    st.markdown(f"**{retell(found.title)}**")
    pressed = False
    if not screen.still:
        before = tasks().get(key)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            settings |= _widgets([o for o in found.options if o.picture or o.name in turn], settings, key)
            label = tr("Run again") if before is not None and before.over else tr("Run")
            pressed = st.button(
                label, key=f"{key}.go", icon=":material/play_arrow:", type="primary", help=tr("about {seconds} s", seconds=f"{found.seconds:g}")
            )
    if pressed:
        _opened().discard(key)
        begin(key, lambda: started(found, settings, still_there(), name=options["name"]))
    run = tasks().get(key)
    kept = last_result(options["name"], settings) if run is None else None
    if run is None and kept is None and screen.runs:
        run = _at_once(key, lambda: started(found, settings, still_there(), name=options["name"], reuse=True), screen)
    live([run], lambda: _live(options["name"], found, run, kept, key, screen), every=1.0 if screen.still else 0.4)


def _opened() -> set[str]:
    """The experiments that this session started by opening their step."""
    opened: set[str] = st.session_state.setdefault("experiments.opened", set())
    return opened


def _at_once(key: str, start: Callable[[], Task], screen: Screen) -> Task | None:
    """Start an experiment because its step is opened. Those of other steps that started in this way end: nobody looks at them any more."""
    if not screen.still:
        for other in [k for k in _opened() if not k.startswith(f"{screen.key}.")]:
            _opened().discard(other)
            if other in tasks() and not tasks()[other].over:
                tasks().pop(other).stop()
    _opened().add(key)
    return begin(key, start)


def _widgets(options: list[ExperimentOption], settings: Mapping[str, Any], key: str) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    for option in options:
        name = f"{key}.{option.name}"
        if option.picture:
            chosen[option.name] = gallery.choose_picture(option, settings[option.name], name)
            continue
        value = held(name, settings[option.name])
        label = tr(option.label)
        if isinstance(option.default, bool):
            chosen[option.name] = st.toggle(label, value, key=name)
        elif option.values is not None:
            chosen[option.name] = st.selectbox(
                label,
                list(option.values),
                held_index(name, list(option.values), settings[option.name]),
                format_func=option.title,
                key=name,
            )
        else:
            kind = type(option.default)
            chosen[option.name] = st.slider(label, kind(option.low), kind(option.high), kind(value), step=kind(option.step), key=name)
    return chosen


def _live(name: str, found: LiveExperiment, run: Task | None, kept: KeptResult | None, key: str, screen: Screen) -> None:
    if run is None and kept is not None:
        verdict(found, kept.result)
        _draw(name, kept.result, key, screen)
        if not screen.still:
            st.caption(tr("An earlier run, {minutes} min ago. Run makes a new one.", minutes=kept.minutes))
        return
    if run is None:
        bound = retell(found.bound)
        st.caption(tr("Not run yet: the picture appears here. {bound}.", bound=bound[:1].upper() + bound[1:]))
        return
    if not run.over:
        progress(run, tr("Running …"), stop="" if screen.still else f"{key}.stop", stop_label=tr("Stop"))
    elif run.state == "failed":
        error_box(_failure(run))
    elif run.state == "stopped":
        st.caption(tr("Stopped."))
    else:
        verdict(found, run.result)
    shown = run.result if run.state == "done" else run.partial if run.state != "failed" else None
    if shown is not None:
        _draw(name, shown, key, screen)


def _failure(run: Task) -> str:
    error = run.error if isinstance(run, ThreadTask) else None
    return str(error) if isinstance(error, KnobError) else tr("The experiment could not finish: {error}", error=run.message)


def verdict(found: LiveExperiment, result: Any) -> None:
    """The claim with this run's numbers, whether it was shown, and the bound it is held to."""
    mark = f":green[:material/check_circle: **{tr('Confirmed')}**]" if result.verdict.holds else f":orange[**{tr('Not confirmed this time')}**]"
    st.markdown(f"{mark} {found.sentence(result.verdict)} :gray[({retell(found.bound)})]")


def _draw(name: str, result: Any, key: str, screen: Screen) -> None:
    try:
        pictures = importlib.import_module(f"viz.experiments.{name}")
    except ModuleNotFoundError:
        raise KnobError("experiment", name, "has no picture") from None
    pictures.draw(result, screen, f"{key}.picture")
