"""The main loop of every worker process: ``python -m blocks.workers.serve module:Handler ARGUMENT ...``.

One job at a time; JSON messages over standard input and output. The process ends when its input does (the app is gone), when the system
tells it that its parent died, or when it is killed.
"""

from __future__ import annotations

import importlib
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Sequence
from contextlib import suppress
from typing import IO, Any, Protocol

from blocks.workers.control import Cancelled, JobControl
from blocks.workers.limits import die_with_parent
from blocks.workers.protocol import ProtocolError, receive, send


class Handler(Protocol):
    """What a worker process does with its jobs. It is built once per process, from the arguments that the pool gives."""

    #: How far below the pages' the priority of its process is, as ``nice`` counts it.
    niceness: int

    def run(self, kind: str, payload: dict[str, object], control: JobControl) -> dict[str, object]:
        """The result of one job, as plain JSON values. May raise anything."""

    def describe(self, error: Exception) -> str:
        """The sentence that a page shows for what :meth:`run` raised."""

    def clean_up(self) -> None:
        """Undo what a job may have left behind, whether it succeeded or not."""


class Pipes:
    """The two pipes to the app. Whatever a job prints goes to standard error, not between the messages."""

    def __init__(self) -> None:
        self.input: IO[bytes] = os.fdopen(os.dup(0), "rb")
        self.output: IO[bytes] = os.fdopen(os.dup(1), "wb")
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
        self.jobs: queue.Queue[dict[str, object]] = queue.Queue()
        self.cancelled: set[str] = set()

    def listen(self) -> None:
        """Take messages until the app is gone; then end at once, in the middle of whatever runs."""
        try:
            while (message := receive(self.input)) is not None:
                if message["op"] == "cancel":
                    self.cancelled.add(message["id"])
                else:
                    self.jobs.put(message)
        except (OSError, ProtocolError):
            pass
        os._exit(0)

    def send(self, **message: object) -> None:
        """Send to the app; end if it is gone."""
        try:
            send(self.output, message)
        except OSError:
            os._exit(0)


def answer(handler: Handler, job: dict[str, object], pipes: Pipes) -> dict[str, object]:
    """Run one job. Always answers: event "result", "cancelled", or "failed" with a sentence.

    A process whose clean-up fails answers and ends, so that a fresh one serves the next job: after a failed kernel, for one, every call
    to CUDA fails in that process.
    """
    reply = _outcome(handler, job, pipes)
    try:
        handler.clean_up()
    except Exception:
        traceback.print_exc()
        pipes.send(id=job["id"], **reply)
        os._exit(1)
    return reply


def _outcome(handler: Handler, job: dict[str, Any], pipes: Pipes) -> dict[str, object]:
    identity = job["id"]
    control = JobControl(lambda progress: pipes.send(event="progress", id=identity, progress=progress), lambda: identity in pipes.cancelled)
    try:
        return {"event": "result", "result": handler.run(job["kind"], job["payload"], control)}
    except Cancelled:
        return {"event": "cancelled"}
    except Exception as error:  # a network may raise anything, and the process must live on
        return {"event": "failed", "sentence": handler.describe(error)}


def main(name: str, arguments: Sequence[str]) -> None:
    """Serve jobs for ever with the handler ``module:Class``, built from ``arguments``."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the app, which then closes the pipe
    pipes = Pipes()
    threading.Thread(target=pipes.listen, daemon=True).start()
    module, _, attribute = name.partition(":")
    handler: Handler = getattr(importlib.import_module(module), attribute)(*arguments)
    below = handler.niceness
    with suppress(OSError, AttributeError):  # Windows has no nice
        os.nice(below)
    pipes.send(event="ready")
    while True:
        job = pipes.jobs.get()
        reply = answer(handler, job, pipes)
        pipes.cancelled.discard(job["id"])
        pipes.send(id=job["id"], **reply)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
