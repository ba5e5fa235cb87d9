"""Steps for the tests of the runner; its processes import them by name."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator

from scripts.step_runner import Skipped, StepRecord, StepTask


def good(task: StepTask) -> Iterator[StepRecord]:
    yield {"device": task.device, "seconds": task.seconds, "before": sorted(task.found)}


def failing(_task: StepTask) -> Iterator[StepRecord]:
    yield {"kept": 1}
    raise ValueError("the reason")


def crashing(_task: StepTask) -> Iterator[StepRecord]:
    yield {"kept": 2}
    time.sleep(0.2)  # the pipe's writer hands over before the process is gone
    os._exit(7)


def skipping(_task: StepTask) -> Iterator[StepRecord]:
    raise Skipped("does not apply here")
    yield {}


def hanging(_task: StepTask) -> Iterator[StepRecord]:
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    yield {"child": child.pid}
    time.sleep(600)
