"""A function in a thread of its own as a task of a page."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from blocks.experiments.base import RunProgress, Stopped
from blocks.knobs import KnobError
from blocks.language import tr
from viz.kit.task import Task, TaskState


class ThreadTask(Task):
    """``work`` gets a :class:`~blocks.experiments.base.RunProgress`, reports to it and ends where it is told to; ``error`` is what it raised.

    It also ends at the first report at which ``wanted`` says that nobody waits for it any more. With ``turn`` it waits for that lock before it starts.
    """

    def __init__(
        self, work: Callable[[RunProgress], object], about: object = None, wanted: Callable[[], bool] = lambda: True, turn: threading.Lock | None = None
    ) -> None:
        self._work, self.about, self._wanted, self._turn = work, about, wanted, turn
        self._state: TaskState = "waiting"
        self._share = 0.0
        self._partial: object = None
        self._result: object = None
        self.error: Exception | None = None
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True, name="task")

    def start(self) -> ThreadTask:
        """Start and return at once."""
        self._thread.start()
        return self

    def stop(self) -> None:
        """Ask it to end; it does so at its next report."""
        self._stopped.set()

    def wait(self, seconds: float) -> None:
        """Wait for its end (for tests and paper, never while a user looks on)."""
        self._thread.join(seconds)

    @property
    def state(self) -> TaskState:
        """As :class:`Task`."""
        return self._state

    @property
    def share(self) -> float:
        """As the work reported it; it never falls."""
        return self._share

    @property
    def message(self) -> str:
        """What went wrong where something did."""
        if isinstance(self.error, KnobError):
            return str(self.error)
        return f"{type(self.error).__name__}: {self.error}" if self.error else tr(self._state)

    @property
    def partial(self) -> object:
        """The last result so far that the work reported."""
        return self._partial

    @property
    def result(self) -> object:
        """What the work returned."""
        return self._result

    def _report(self, share: float, partial: object) -> None:
        self._share = min(1.0, max(self._share, share))
        if partial is not None:
            self._partial = partial

    def _run(self) -> None:
        watch = RunProgress(self._report, lambda: self._stopped.is_set() or not self._wanted())
        try:
            while self._turn is not None and not self._turn.acquire(timeout=0.1):
                watch.tick(0.0)
            try:
                self._state = "running"
                self._result = self._work(watch)
                self._share, self._state = 1.0, "done"
            finally:
                if self._turn is not None:
                    self._turn.release()
        except Stopped:
            self._state = "stopped"
        except KnobError as error:
            self.error, self._state = error, "failed"
        except Exception as error:
            logging.getLogger(__name__).exception("a task failed")
            self.error, self._state = error, "failed"
