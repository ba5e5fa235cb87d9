"""An experiment in a thread of its own: the page starts it, looks at it and stops it, and never waits for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from typing import Any

import torch

from blocks.experiments.base import LiveExperiment, RunProgress
from viz.kit.thread_task import ThreadTask

#: One experiment at a time: several at once on two cores would make each of them late.
_turn = threading.Lock()


def started(experiment: LiveExperiment, settings: Mapping[str, Any], wanted: Callable[[], bool] = lambda: True) -> ThreadTask:
    """Start a run. It ends by itself at the first tick at which ``wanted`` says that nobody waits for it any more."""

    def work(watch: RunProgress) -> Any:
        with torch.random.fork_rng(devices=[]):
            return experiment.run(watch, **settings)

    return ThreadTask(work, dict(settings), wanted, _turn).start()
