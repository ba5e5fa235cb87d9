"""The counting process: it reads pieces of work from its input, and writes progress and figures to its output.

Run as ``python -m blocks.space.worker``. It ends when its input does, so it never outlives the app.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import threading
import time
from queue import SimpleQueue
from typing import Any

from blocks.latency.measure.worker import die_with_parent
from blocks.workers.protocol import receive, send

_SAID_EVERY = 0.1  # seconds


def pack(variant: Any) -> list[Any]:
    """A variant as JSON carries it."""
    return [dict(variant.knobs), variant.side]


def unpack(raw: list[Any]) -> Any:
    """The variant that :func:`pack` wrote: lists become tuples again."""
    from blocks.space.count import Variant

    return Variant({k: tuple(v) if isinstance(v, list) else v for k, v in raw[0].items()}, raw[1])


class _Post:
    """Work that has come, and what of it is not wanted any more."""

    def __init__(self) -> None:
        self.work: SimpleQueue[dict[str, Any]] = SimpleQueue()
        self.cancelled: set[int] = set()
        self.input = sys.stdin.buffer
        self.output = os.fdopen(os.dup(sys.stdout.fileno()), "wb")
        os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what a library prints must not look like a message

    def listen(self) -> None:
        while (message := receive(self.input)) is not None:
            if "cancel" in message:
                self.cancelled.add(message["cancel"])
            else:
                self.work.put(message)
        os._exit(0)

    def answer(self, work: dict[str, Any]) -> None:
        from blocks.space.count import Cancelled, Setup, count

        number, said = work["id"], time.monotonic()

        def progress(done: int) -> None:
            nonlocal said
            if number in self.cancelled:
                raise Cancelled
            if time.monotonic() - said > _SAID_EVERY:
                said = time.monotonic()
                send(self.output, {"id": number, "done": done})

        try:
            setup, variants = Setup(**work["setup"]), [unpack(v) for v in work["variants"]]
            counts = count(setup, variants, progress)
            latency = self._estimated(setup, variants, counts, work["machine"], progress)
        except Cancelled:
            send(self.output, {"id": number, "end": "cancelled"})
        except Exception as error:  # a network's own fault must not end the process
            send(self.output, {"id": number, "end": "failed", "error": f"{type(error).__name__}: {error}"})
        else:
            errors = {str(k): v for k, v in counts.errors.items()}
            how = [counts.structures, counts.traces]
            send(self.output, {"id": number, "end": "done", "figures": counts.figures.tolist(), "errors": errors, "how": how, "latency": latency})
        self.cancelled.discard(number)

    @staticmethod
    def _estimated(setup: Any, variants: list[Any], counts: Any, name: str, progress: Any) -> list[float | None]:
        """Seconds on the machine called ``name`` for each variant that could be counted."""
        if not name:
            return [None] * len(variants)
        from blocks.latency.roofline.estimate import machine
        from blocks.space.scaling import estimated

        found: list[float | None] = []
        for i, variant in enumerate(variants):
            progress(counts.done)
            found.append(None if i in counts.errors else estimated(setup, variant, machine(name)))
        return found


def main() -> None:
    """Serve until the input ends."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the app, which then closes the pipe
    with contextlib.suppress(OSError, AttributeError):
        os.nice(5)  # pages come first
    post = _Post()
    threading.Thread(target=post.listen, daemon=True).start()
    import torch

    from blocks import catalog

    torch.set_num_threads(1)
    catalog.names()
    send(post.output, {"ready": os.getpid()})
    while True:
        post.answer(post.work.get())


if __name__ == "__main__":
    main()
