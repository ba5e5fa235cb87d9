"""An experiment in a thread of its own: the page starts it, looks at it and stops it, and never waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import torch

from blocks.experiments.base import LiveExperiment, RunProgress
from viz.experiments import results
from viz.kit.thread_task import ThreadTask

#: One experiment at a time: several at once on two cores would make each of them late.
_turn = threading.Lock()


def started(
    experiment: LiveExperiment, settings: Mapping[str, Any], wanted: Callable[[], bool] = lambda: True, *, name: str = "", reuse: bool = False
) -> ThreadTask:
    """Start a run. It ends by itself at the first tick at which ``wanted`` says that nobody waits for it any more.

    Its result is kept under ``name``. With ``reuse``, a result that another run has kept by the time this one gets its turn will do.
    """

    def work(watch: RunProgress) -> Any:
        known = results.last_result(name, settings) if reuse else None
        if known is not None:
            return known.result
        with torch.random.fork_rng(devices=[]):
            found = experiment.run(watch, **settings)
        results.keep_result(name, settings, found)
        return found

    return ThreadTask(work, dict(settings), wanted, _turn).start()
