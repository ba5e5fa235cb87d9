"""The app's end of one worker process: start, send, receive, kill. Used by one supervising thread."""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path

import psutil

from blocks.workers.protocol import ProtocolError, receive, send

PACKAGE_ROOT = Path(__file__).resolve().parents[2]
#: What a measured network has no business with.
SECRET = ("EXPLORER_PASSWORD", "EXPLORER_PASSWORD_FILE")
_log = logging.getLogger(__name__)


class WorkerProcess:
    """A fresh Python that serves the jobs of one handler (:mod:`blocks.workers.serve`). ``title`` names it in sentences: "measuring process"."""

    def __init__(self, handler: str, arguments: Sequence[str] = (), environment: Mapping[str, str] | None = None, title: str = "worker process") -> None:
        self.title = title
        variables = {name: value for name, value in os.environ.items() if name not in SECRET} | dict(environment or {})
        variables["PYTHONPATH"] = os.pathsep.join([str(PACKAGE_ROOT), *filter(None, [variables.get("PYTHONPATH")])])
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "blocks.workers.serve", handler, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=variables,
            start_new_session=True,
        )
        self.messages: queue.Queue[dict[str, object] | None] = queue.Queue()
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._log_errors, daemon=True).start()

    @property
    def pid(self) -> int:
        """Process id."""
        return self.popen.pid

    def _listen(self) -> None:
        stream = self.popen.stdout
        assert stream is not None  # asked for with PIPE
        with contextlib.suppress(OSError, ValueError, ProtocolError):
            while (message := receive(stream)) is not None:
                self.messages.put(message)
        self.messages.put(None)

    def _log_errors(self) -> None:
        stream = self.popen.stderr
        assert stream is not None  # asked for with PIPE
        with contextlib.suppress(OSError, ValueError):
            for line in stream:
                _log.debug("%s: %s", self.title, line.decode(errors="replace").rstrip())

    def send(self, message: dict[str, object]) -> bool:
        """Hand over a message; False if the process is gone."""
        try:
            assert self.popen.stdin is not None  # asked for with PIPE
            send(self.popen.stdin, message)
        except (OSError, ValueError):
            return False
        return True

    def next(self, timeout: float) -> dict[str, object] | bool | None:
        """The next message; None if the process is gone; False if none came in time."""
        try:
            return self.messages.get(timeout=timeout)
        except queue.Empty:
            return False

    def resident(self) -> int:
        """Bytes of memory that the process and its children hold; 0 if it is gone."""
        try:
            process = psutil.Process(self.pid)
            return sum(p.memory_info().rss for p in [process, *process.children(recursive=True)])
        except psutil.Error:
            return 0

    def kill(self) -> None:
        """End the process and what it started (a compiler, say), at once."""
        try:
            children = psutil.Process(self.pid).children(recursive=True)
        except psutil.Error:
            children = []
        self.popen.kill()
        for child in children:
            with contextlib.suppress(psutil.Error):
                child.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.popen.wait(timeout=5)

    @property
    def ended(self) -> bool:
        """Whether the process is gone."""
        return self.popen.poll() is not None

    def cause_of_death(self) -> str:
        """Why the process ended, as a sentence."""
        try:
            code = self.popen.wait(timeout=2)
        except subprocess.TimeoutExpired:
            return f"The {self.title} closed its pipe."
        if code < 0:
            name = signal.Signals(-code).name if -code in {s.value for s in signal.Signals} else f"signal {-code}"
            likely = ", by a user or by the system when memory ran out" if -code == 9 else ""
            return f"The {self.title} was killed ({name}{likely})."
        return f"The {self.title} ended by itself (code {code})."
