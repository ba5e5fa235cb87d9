"""The measuring process: ``python -m blocks.latency.measure.worker cpu``. One job at a time; talks JSON over its standard input and output.

It ends when its input does (the app is gone), when the system tells it that its parent died, or when told to.
"""

from __future__ import annotations

import contextlib
import gc
import os
import queue
import signal
import sys
import threading
from typing import IO, Any

from blocks.workers.protocol import ProtocolError, receive, send


class Post:
    """The two pipes to the app. Whatever a measured network prints goes to standard error, not between the messages."""

    def __init__(self) -> None:
        self.input: IO[bytes] = os.fdopen(os.dup(0), "rb")
        self.output: IO[bytes] = os.fdopen(os.dup(1), "wb")
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
        self.jobs: queue.Queue[dict[str, Any]] = queue.Queue()
        self.cancelled: set[str] = set()

    def listen(self) -> None:
        """Take messages until the app is gone; then end at once, in the middle of whatever is measured."""
        try:
            while (message := receive(self.input)) is not None:
                if message["op"] == "cancel":
                    self.cancelled.add(message["id"])
                else:
                    self.jobs.put(message)
        except (OSError, ProtocolError):
            pass
        os._exit(0)

    def say(self, **message: Any) -> None:
        """Send to the app; end if it is gone."""
        try:
            send(self.output, message)
        except OSError:
            os._exit(0)


def die_with_parent() -> None:
    """Ask Linux to kill this process when the app's thread that started it ends; elsewhere the pipe's end must do."""
    if sys.platform != "linux":
        return
    import ctypes

    parent = os.getppid()
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG
    if os.getppid() != parent:
        os._exit(0)


def limit_memory(extra: int | None) -> None:
    """Let this process take ``extra`` bytes of address space beyond what it has; None takes the limit away.

    Only on the CPU: a GPU's driver maps far more than it uses. The app watches resident memory as well.
    """
    try:
        import resource

        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        if extra is None:
            resource.setrlimit(resource.RLIMIT_AS, (hard, hard))
            return
        import psutil

        soft = psutil.Process().memory_info().vms + extra
        resource.setrlimit(resource.RLIMIT_AS, (soft if hard < 0 else min(soft, hard), hard))
    except (ImportError, OSError, ValueError):
        return


def main(device_name: str) -> None:
    """Serve jobs for ever."""
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the app, which then closes the pipe
    post = Post()
    threading.Thread(target=post.listen, daemon=True).start()
    from blocks.latency.measure.devices import open_device
    from blocks.latency.measure.jobs import answer

    device = open_device(device_name)
    device.occupy()
    post.say(event="ready", pid=os.getpid())
    while True:
        job = post.jobs.get()
        if job["op"] == "quit":
            os._exit(0)
        reply = answer(job, device, post)
        gc.collect()
        device.release()
        post.cancelled.discard(job["id"])
        post.say(id=job["id"], **reply)


if __name__ == "__main__":
    main(sys.argv[1])
