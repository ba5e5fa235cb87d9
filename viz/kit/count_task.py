"""A count in the processes beside the app as a task of a page."""

from __future__ import annotations

import numpy as np

from blocks.language import tr
from blocks.space import counting
from viz.kit.task import Task, TaskState

_STATES: dict[str, TaskState] = {"waiting": "waiting", "running": "running", "done": "done", "cancelled": "stopped", "failed": "failed"}


class CountTask(Task):
    """The counting job ``job``; its figures fill up while it runs."""

    def __init__(self, job: counting.CountJob) -> None:
        self.job = job

    @property
    def state(self) -> TaskState:
        """As :class:`Task`."""
        return _STATES[self.job.state]

    @property
    def share(self) -> float:
        """Of the items that are counted or refused."""
        return self.job.done / max(1, self.job.total)

    @property
    def message(self) -> str:
        """How many are counted; where it failed, why."""
        return self.job.error or tr("Counting {done} of {total}", done=self.job.done, total=self.job.total)

    @property
    def partial(self) -> np.ndarray:
        """The figures so far, -1 where an item is not counted."""
        return self.job.figures

    @property
    def result(self) -> np.ndarray | None:
        """The figures of all items."""
        return self.job.figures if self.job.state == "done" else None

    def stop(self) -> None:
        """Cancel the count; what is counted stays."""
        self.job.cancel()
