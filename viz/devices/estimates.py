"""Estimates of every preset on one device, in a thread beside the page: the first time in a process all presets have to be traced, which takes seconds."""

from __future__ import annotations

import functools
import threading

import pandas as pd
import streamlit as st

from blocks import catalog
from blocks.experiments.base import RunProgress
from blocks.latency.devices.asked import AskedDevice, device_times
from blocks.latency.devices.device_error import left_out_on
from blocks.latency.devices.network_kriging import table_networks
from blocks.space.published import first_published
from blocks.trace.memo import Bounded
from viz.kit.session import still_there
from viz.kit.task import Task, begin, tasks
from viz.kit.thread_task import ThreadTask

_TASK = "devices.estimates"
_AT_ONCE = 0.5  # seconds that a page waits: what was traced before is estimated by then
_EVERY = 8  # presets between two pictures of a growing chart
_turn = threading.Lock()
#: What is estimated of all presets, by device.
_kept: Bounded[pd.DataFrame] = Bounded(64)


@functools.lru_cache(maxsize=64)
def error_there(asked: AskedDevice) -> pd.DataFrame:
    """How far off the model is on a published device, network by network (:func:`blocks.latency.devices.device_error.left_out_on`)."""
    return left_out_on(device_times(asked))


def estimates(asked: AskedDevice) -> Task | None:
    """The task that estimates all presets on a device: begun where another device was shown before, and over at once where this process has traced them."""
    task = tasks().get(_TASK)
    if task is None or task.about != asked or task.state in ("stopped", "failed"):
        wanted = still_there()
        task = begin(_TASK, lambda: ThreadTask(lambda watch: all_estimates(asked, watch), asked, wanted, _turn).start())
        if isinstance(task, ThreadTask):
            task.wait(_AT_ONCE)
    return task


def all_estimates(asked: AskedDevice, watch: RunProgress) -> pd.DataFrame:
    """A row per preset: its published accuracy and what is known or estimated of its time; the fastest first."""
    kept = _kept.used(asked)
    if kept is not None:
        return kept
    device, accuracies = device_times(asked), first_published()
    table_networks(device.fleet.table, device.precision)
    if device.probes is None:
        error_there(asked)
    rows: list[dict[str, object]] = []
    names = catalog.names(kind="model")
    for done, name in enumerate(names):
        point = accuracies.get(name)
        found = device.estimate(name, side=point.side if point else None)
        rows.append({
            "preset": name, "basis": found.basis, "ms": found.ms, "low": found.low, "high": found.high, "accuracy": point.accuracy if point else None,
            "side": point.side if point else catalog.input_shape(name)[-1], "weights": point.weights if point else "", "source": point.source.partition(" (as error")[0] if point else "",
        })  # fmt: skip
        watch.tick((done + 1) / len(names), _sorted(rows) if done % _EVERY == 0 else None)
    whole = _sorted(rows)
    _kept.put(asked, whole)
    return whole


def _sorted(rows: list[dict[str, object]]) -> pd.DataFrame:
    return pd.DataFrame(rows).astype({"accuracy": float}).sort_values("ms").reset_index(drop=True)


def last_good(asked: AskedDevice | None = None) -> AskedDevice | None:
    """The last probes of this session that fit a device; ``asked`` is kept as such."""
    key = "devices.good"
    if asked is not None:
        st.session_state[key] = asked
    found: AskedDevice | None = st.session_state.get(key)
    return found
