"""An experiment on a page: its options, run and stop, live progress, its picture and what it has shown."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from functools import partial
from typing import Any

import streamlit as st

from blocks.experiments import base
from blocks.experiments.base import Experiment, Option
from blocks.knobs import KnobError
from viz.experiments import gallery
from viz.experiments.runner import Run
from viz.kit.screen import Screen
from viz.kit.session import staying
from viz.kit.words import said

_STORE = "lecture.runs"


def experiment(options: Mapping[str, str], screen: Screen) -> None:
    """The view: ``name``, start values of its options, and ``turn`` with the options that the person may change (none by default; pictures always)."""
    found = base.find(options["name"])
    given = {k: v for k, v in options.items() if k not in ("name", "turn", "height")}
    settings = found.settings(given)
    turn = [part.strip() for part in options.get("turn", "").split(",") if part.strip()]
    key = screen.place("experiment", options)
    st.markdown(f"**{found.title[screen.language]}**")
    runs: dict[str, Run] = st.session_state.setdefault(_STORE, {})
    if not screen.still:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            settings |= _widgets([o for o in found.options if o.picture or o.name in turn], settings, key, screen)
            label = screen.word("run_again" if key in runs and runs[key].over else "run")
            pressed = st.button(label, key=f"{key}.go", icon=":material/play_arrow:", type="primary", help=screen.word("seconds", seconds=f"{found.seconds:g}"))
        if pressed:
            if key in runs:
                runs[key].stop()
            runs[key] = Run(found, settings, staying()).start()
    run = runs.get(key)
    running = run is not None and not run.over
    st.fragment(_live, run_every=0.4 if running and not screen.still else None)(options["name"], found, run, running, key, screen)


def _widgets(options: list[Option], settings: Mapping[str, Any], key: str, screen: Screen) -> dict[str, Any]:
    chosen: dict[str, Any] = {}
    for option in options:
        name = f"{key}.{option.name}"
        if option.picture:
            chosen[option.name] = gallery.choose(option, settings[option.name], name, screen)
            continue
        st.session_state.setdefault(name, settings[option.name])
        label = option.label[screen.language]
        if isinstance(option.default, bool):
            chosen[option.name] = st.toggle(label, key=name)
        elif option.values is not None:
            chosen[option.name] = st.selectbox(label, list(option.values), format_func=partial(option.title, language=screen.language), key=name)
        else:
            kind = type(option.default)
            chosen[option.name] = st.slider(label, kind(option.low), kind(option.high), step=kind(option.step), key=name)
    return chosen


def _live(name: str, found: Experiment, run: Run | None, was_running: bool, key: str, screen: Screen) -> None:
    if run is None:
        bound = found.bound[screen.language]
        st.caption(screen.word("not_run", bound=bound[:1].upper() + bound[1:]))
        return
    if not run.over:
        left, right = st.columns([5, 1], vertical_alignment="center")
        left.progress(run.share, screen.word("running"))
        if right.button(screen.word("stop"), key=f"{key}.stop", icon=":material/stop:"):
            run.stop()
        if run.partial is not None:
            _draw(name, run.partial, key, screen)
        return
    if was_running:
        st.rerun()
    if run.state == "failed":
        st.error(_failure(run, screen), icon=":material/error:")
    elif run.state == "stopped":
        st.caption(screen.word("stopped"))
        if run.partial is not None:
            _draw(name, run.partial, key, screen)
    else:
        verdict(found, run.result, screen)
        _draw(name, run.result, key, screen)


def _failure(run: Run, screen: Screen) -> str:
    error = run.error
    if isinstance(error, KnobError):
        return said(error, screen.language)
    return screen.word("unfinished", error=f"{type(error).__name__}: {error}")


def verdict(found: Experiment, result: Any, screen: Screen) -> None:
    """The claim with this run's numbers, whether it was shown, and the bound it is held to."""
    mark = f":green[:material/check_circle: **{screen.word('claim_holds')}**]" if result.verdict.holds else f":orange[**{screen.word('claim_fails')}**]"
    st.markdown(f"{mark} {found.sentence(result.verdict, screen.language)} :gray[({found.bound[screen.language]})]")


def _draw(name: str, result: Any, key: str, screen: Screen) -> None:
    try:
        pictures = importlib.import_module(f"viz.experiments.{name}")
    except ModuleNotFoundError:
        raise KnobError("experiment", name, "has no picture") from None
    pictures.draw(result, screen, f"{key}.picture")
