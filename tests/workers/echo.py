"""A handler for the tests of the worker processes: it answers, counts, sleeps, prints, breaks or dies as it is told."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Any

from blocks.workers.control import JobControl


class Echo:
    """``python -m blocks.workers.serve tests.workers.echo:Echo NAME``."""

    niceness = 3

    def __init__(self, name: str = "nobody") -> None:
        self.name = name
        self.cleaned = 0

    def run(self, kind: str, payload: dict[str, Any], control: JobControl) -> dict[str, Any]:
        if kind == "die":
            os._exit(payload["code"])
        if kind == "die_once" and not Path(payload["mark"]).exists():
            Path(payload["mark"]).touch()
            os._exit(9)
        if kind == "raise":
            raise ArithmeticError(payload["words"])
        if kind == "sleep":
            time.sleep(payload["pause"])
        if kind == "count":
            for i in range(payload["to"]):
                control.check()
                control.report(done=i + 1, phase="counting", share=(i + 1) / payload["to"])
                time.sleep(payload.get("pause", 0.0))
        sys.stdout.write("what a job prints is no message\n")
        return {
            "said": payload,
            "name": self.name,
            "cleaned": self.cleaned,
            "pid": os.getpid(),
            "niceness": os.nice(0),
            "threads": os.environ.get("OMP_NUM_THREADS"),
        }

    def describe(self, error: Exception) -> str:
        return f"It broke: {error}"

    def clean_up(self) -> None:
        if self.name == "unclean":
            raise RuntimeError("nothing works any more")
        self.cleaned += 1


class NeverReady:
    """A handler that does not finish its own start."""

    niceness = 0

    def __init__(self) -> None:
        time.sleep(3600)
