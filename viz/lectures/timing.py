"""A step's measurement: networks timed in turn on the device at hand, started by the person, live while it runs."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from blocks.knobs import KnobError
from blocks.latency import lab
from blocks.latency.results import Comparison
from viz.lectures.screen import Screen
from viz.lectures.targets import targets
from viz.session import session
from viz.state import Choice

MODES = ("forward", "forward_backward")


def latency(options: Mapping[str, str], screen: Screen) -> None:
    """Two or more networks compared; the figure is live while it narrows."""
    rows = [(t, t.at(screen.turned)) for t in targets(options["names"])]
    store = st.session_state.setdefault("lecture.jobs", {})
    wanted = (tuple(choice.key for _, choice in rows), options.get("mode", "forward"))
    key = screen.place("latency", options)
    if store.get(key, (wanted,))[0] != wanted:
        _, job = store.pop(key)
        lab.cancel(job)
    if not screen.still and st.button(screen.word("measure"), key=f"{key}.go", icon=":material/timer:"):
        if key in store:
            lab.cancel(store[key][1])
        try:
            store[key] = (wanted, _submit([c for _, c in rows], options))
        except KnobError as error:
            st.error(str(error), icon=":material/error:")
    titles = [screen.title(t) for t, _ in rows]
    job = store[key][1] if key in store else ""
    running = bool(job) and not lab.status(job).over
    st.fragment(_live, run_every=0.5 if running and not screen.still else None)(job, running, titles, key, screen)


def _submit(choices: list[Choice], options: Mapping[str, str]) -> str:
    limits = lab.Limits(max_seconds=float(options.get("seconds", "10")))
    experiments = [lab.Experiment(c.name, tuple(c.knobs.items()), c.shape, _device(), c.dtype, options.get("mode", "forward"), limits=limits) for c in choices]
    return lab.compare(experiments, session=session())


def _device() -> str:
    """The accelerator where there is one, else the processor."""
    return next((d.device for d in lab.devices() if d.device != "cpu"), "cpu")


def _live(job: str, was_running: bool, titles: list[str], key: str, screen: Screen) -> None:
    if not job:
        st.caption(screen.word("not_measured"))
        return
    status = lab.status(job)
    if not status.over:
        st.progress(min(1.0, status.share), f"{screen.word('measuring')} {status.phase}")
        if st.button(screen.word("stop"), key=f"{key}.stop", icon=":material/stop:"):
            lab.cancel(job)
        return
    result = lab.result(job)
    if was_running:
        st.rerun()
    if not isinstance(result, Comparison):
        st.caption(status.message or status.state)
        return
    lines = [f"| {screen.word('network')} | {screen.word('median')} | {screen.word('interval')} |", "|:--|--:|--:|"]
    for title, one in zip(titles, result.each, strict=True):
        low, high = (f"{v * 1e3:.4g}" if v is not None else "?" for v in (one.low, one.high))
        lines.append(f"| {title} | {one.median * 1e3:.4g} | {low} – {high} |")
    st.markdown("\n".join(lines))
    st.markdown(f"**{_renamed(result.sentence, [e.title for e in result.experiments], titles)}**")
    st.caption(f"{result.experiments[0].device} · {result.experiments[0].describe()}")


def _renamed(sentence: str, names: list[str], titles: list[str]) -> str:
    """The verdict with the lecture's names in place of the laboratory's, the longest first."""
    for name, title in sorted(zip(names, titles, strict=True), key=lambda pair: -len(pair[0])):
        sentence = sentence.replace(name, title)
    return sentence
