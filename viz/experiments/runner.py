"""An experiment in a thread of its own: the page starts it, looks at it and stops it, and never waits for it."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from typing import Any

import torch

from blocks.experiments.base import Experiment, Stopped, Watch
from blocks.knobs import KnobError

#: One experiment at a time: several at once on two cores would make each of them late.
_turn = threading.Lock()


class Run:
    """One run. ``state`` is waiting, running, done, stopped or failed; ``result`` is there once it is done, ``error`` once it failed.

    It ends by itself at the first tick at which ``wanted`` says that nobody waits for it any more.
    """

    def __init__(self, experiment: Experiment, settings: Mapping[str, Any], wanted: Callable[[], bool] = lambda: True) -> None:
        self.experiment, self.settings, self._wanted = experiment, dict(settings), wanted
        self.state, self.share = "waiting", 0.0
        self.error: Exception | None = None
        self.partial: Any = None
        self.result: Any = None
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True, name="experiment")

    def start(self) -> Run:
        """Start and return at once."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Ask it to stop; it does so at its next tick."""
        self._stop.set()

    def wait(self, seconds: float) -> None:
        """Wait for its end (for tests and paper, never while a person looks on)."""
        self._thread.join(seconds)

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in ("done", "stopped", "failed")

    def _tick(self, share: float, partial: Any) -> None:
        self.share = min(1.0, max(self.share, share))
        if partial is not None:
            self.partial = partial

    def _work(self) -> None:
        watch = Watch(self._tick, lambda: self._stop.is_set() or not self._wanted())
        try:
            while not _turn.acquire(timeout=0.1):
                watch.tick(0.0)
            try:
                self.state = "running"
                with torch.random.fork_rng(devices=[]):
                    self.result = self.experiment.run(watch, **self.settings)
                self.share, self.state = 1.0, "done"
            finally:
                _turn.release()
        except Stopped:
            self.state = "stopped"
        except KnobError as error:
            self.error, self.state = error, "failed"
        except Exception as error:
            logging.getLogger(__name__).exception("experiment failed")
            self.error, self.state = error, "failed"
