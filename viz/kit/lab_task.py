"""A job of the latency lab as a task of a page."""

from __future__ import annotations

from typing import Any

from blocks.language import retell, tr, translatable
from blocks.latency import lab
from viz.kit.task import JOB_STATES, Task, TaskState

#: What the lab says of a job, in English: its states and the phases of a measurement.
_SAID = (
    translatable("queued"),
    translatable("starting"),
    translatable("running"),
    translatable("done"),
    translatable("failed"),
    translatable("cancelled"),
    translatable("unknown"),
    translatable("waiting"),
    translatable("checking"),
    translatable("building"),
    translatable("warm-up"),
    translatable("measuring"),
    translatable("comparing"),
    translatable("profiling"),
)

_STATES: dict[str, TaskState] = JOB_STATES | {"unknown": "failed"}  # a job that the lab has forgotten


class LabTask(Task):
    """The job called ``job``. Its result stays when the lab forgets the job. Asking for its state keeps the lab from dropping it."""

    def __init__(self, job: str, about: object = None) -> None:
        self.job, self.about = job, about
        self._result: object = None

    @property
    def status(self) -> lab.Status:
        """All that the lab says of it: phase, place in the queue, and the figures so far."""
        return lab.status(self.job)

    @property
    def state(self) -> TaskState:
        """As :class:`Task`."""
        return "done" if self.result is not None else _STATES[self.status.state]

    @property
    def share(self) -> float:
        """Of the caps on time and samples that is used up."""
        return min(1.0, self.status.share)

    @property
    def message(self) -> str:
        """Place in the queue, phase and number of samples; once it is over, why."""
        status = self.status
        if status.message or status.over:
            return retell(status.message) or tr(status.state)
        state = tr("{state}, {n} before it", state=tr(status.state), n=status.position) if status.position else tr(status.state)
        phase = f" · {phase_text(status.phase)}" if status.phase else ""
        return f"{state}{phase}" + (f" · n = {status.n}" if status.n else "")

    @property
    def partial(self) -> lab.Status:
        """The status, which carries median, interval, last samples and verdicts so far."""
        return self.status

    @property
    def result(self) -> Any:
        """The Measurement, Comparison, Profile or Probes."""
        if self._result is None:
            self._result = lab.result(self.job)
        return self._result

    @property
    def ended(self) -> bool:
        """As :class:`Task`."""
        return self._result is not None or lab.is_over(self.job)

    def stop(self) -> None:
        """Cancel the job."""
        lab.cancel(self.job)


def phase_text(said: str) -> str:
    """A phase, which may name the process that it is in ("measuring, process 2 of 3"), in the language of now."""
    phase, _, which = said.partition(", process ")
    number, _, total = which.partition(" of ")
    return tr("{phase}, process {number} of {total}", phase=tr(phase), number=number, total=total) if total else tr(phase)
