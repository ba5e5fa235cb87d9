"""A step's measurement: networks timed in interleaved rounds on the device at hand, started by a button, live while it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from blocks.analysis import Analysis
from blocks.latency import lab
from blocks.latency.measure.results import Comparison
from viz.experiments.results import KeptResult, keep_result, last_result
from viz.kit.choice import Choice
from viz.kit.experiment import experiment_of
from viz.kit.lab_task import LabTask
from viz.kit.screen import Screen
from viz.kit.session import session
from viz.kit.task import Task, begin, live, progress, tasks
from viz.lectures.live import table_text
from viz.lectures.targets import targets

#: What a measurement's conditions are called in Chinese.
MODE_WORDS = {"forward": "前向", "forward_backward": "前向与反向"}
_QUANTITIES = {"isolated": "逐次单独测量", "amortised": "连续测量取平均"}
_CACHES = {"hot": "热", "cold": "冷"}
_CLOCKS = {"host": "主机", "device": "设备"}
_PHASES = {"checking": "检查", "building": "构建", "warm-up": "预热", "comparing": "比较", "waiting": "等待"}


def timing(options: Mapping[str, str], screen: Screen) -> None:
    """Two or more networks compared; the figure is live while it narrows. Before that, the last measurement of the same networks, with its age."""
    rows = [(t, t.at(screen.turned)) for t in targets(options["names"])]
    wanted = (tuple(choice.key for _, choice in rows), options.get("mode", "forward"))
    key = screen.place("latency", options)
    if key in tasks() and tasks()[key].about != wanted:
        tasks().pop(key).stop()
    if not screen.still and st.button(screen.word("measure"), key=f"{key}.go", icon=":material/timer:"):
        begin(key, lambda: LabTask(_submit([c for _, c in rows], options), wanted))
    shown = [(t.title, t.analysis(screen.turned)) for t, _ in rows]
    task = tasks().get(key)
    kept = last_result("latency", {"of": repr(wanted)}) if task is None else None
    live([task], lambda: _live(task, kept, shown, key, screen), every=None if screen.still else 0.5)


def _submit(choices: list[Choice], options: Mapping[str, str]) -> str:
    limits = lab.Limits(max_seconds=float(options.get("seconds", "10")))
    experiments = [experiment_of(c, _device(), mode=options.get("mode", "forward"), limits=limits) for c in choices]
    return lab.compare(experiments, session=session())


def _device() -> str:
    """The accelerator where there is one, else the CPU."""
    return next((d.device for d in lab.devices() if d.device != "cpu"), "cpu")


def _live(task: Task | None, kept: KeptResult | None, rows: list[tuple[str, Analysis]], key: str, screen: Screen) -> None:
    if not isinstance(task, LabTask):
        if kept is not None:
            _compared(kept.result, rows, screen)
        if not screen.still:
            st.caption(screen.word("not_measured") if kept is None else screen.word("measured_ago", minutes=kept.minutes))
        return
    if not task.over:
        progress(task, f"{screen.word('measuring')} {phase_text(task.status.phase, screen)}", stop=f"{key}.stop", stop_label=screen.word("stop"))
        return
    result = task.result
    if not isinstance(result, Comparison):
        st.caption(screen.word("not_timed", why=task.message))
        return
    keep_result("latency", {"of": repr(task.about)}, result, result.finished_at)
    _compared(result, rows, screen)


def _compared(result: Comparison, rows: list[tuple[str, Analysis]], screen: Screen) -> None:
    st.markdown(timing_table(result, rows, screen))
    first, margin = rows[0][0], result.experiments[0].limits.margin
    sentences = [verdict_sentence(v, first, other, margin, screen) for v, (other, _) in zip(result.verdicts, rows[1:], strict=True)]
    st.markdown(" ".join(f"**{sentence}**" for sentence in sentences))
    st.caption(f"{result.experiments[0].device} · {conditions_text(result.experiments[0], screen)}")


def timing_table(result: Comparison, rows: list[tuple[str, Analysis]], screen: Screen) -> str:
    """Counts beside times: parameters, MACs, median with its interval, the FLOP/s that a forward pass reached, and Joules where the device tells."""
    forward = result.experiments[0].mode == "forward"
    told = any(one.joules_per_image is not None for one in result.each)
    heads = ["network", "params", "macs", "median", "interval", *(["rate"] if forward else []), *(["joules"] if told else [])]
    lines = ["| " + " | ".join(map(screen.word, heads)) + " |", "|:--|" + "--:|" * (len(heads) - 1)]
    for (title, analysis), one in zip(rows, result.each, strict=True):
        low, high = (f"{v * 1e3:.4g}" if v is not None else "?" for v in (one.low, one.high))
        cells = [title, table_text("params", analysis.params), table_text("macs", analysis.macs), f"{one.median * 1e3:.4g}", f"{low} – {high}"]
        cells += [f"{analysis.flops / one.median / 1e9:.3g}"] if forward else []
        cells += ["?" if one.joules_per_image is None else f"{one.joules_per_image:.3g}"] if told else []
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def phase_text(name: str, screen: Screen) -> str:
    """What the lab is doing, in the screen's language."""
    return _PHASES.get(name, name) if screen.language == "zh" else name


def conditions_text(one: lab.Experiment, screen: Screen) -> str:
    """What exactly the figure is, in the screen's language."""
    if screen.language != "zh":
        return one.describe()
    words = [_QUANTITIES[one.quantity], f"{_CACHES[one.cache]}缓存", f"{_CLOCKS[one.clock]}时钟", MODE_WORDS[one.mode], one.dtype, one.compile]
    return "，".join([*words, *(["channels-last"] if one.channels_last else []), *([f"{one.threads} 线程"] if one.threads else [])])


def verdict_sentence(verdict: Mapping[str, Any], first: str, other: str, margin: float, screen: Screen) -> str:
    """The verdict on two networks by the lecture's names for them, in the screen's language."""
    kind, ratio, low, high = verdict["kind"], verdict["ratio"], verdict["low"], verdict["high"]
    if kind == "same":
        return screen.word("verdict_same", a=first, b=other, margin=f"{100 * margin:.2g}")
    if kind == "undecided":
        return screen.word("verdict_undecided", a=first, b=other, ratio=f"{ratio:.3f}", more=verdict["more"])
    if kind == "slower":
        first, other, ratio, low, high = other, first, 1 / ratio, 1 / high, 1 / low
    digits = 2 if ratio >= 1.1 else 3
    return screen.word("verdict_faster", a=first, b=other, ratio=f"{ratio:.{digits}f}", low=f"{low:.{digits}f}", high=f"{high:.{digits}f}")
