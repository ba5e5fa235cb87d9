"""The app's end of one measuring process: start, send, what came back, kill. Used by one supervising thread."""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from pathlib import Path
from typing import Any

import psutil

from blocks.workers.protocol import ProtocolError, receive, send

ROOT = Path(__file__).resolve().parents[2]


class WorkerProcess:
    """A fresh python that runs :mod:`blocks.latency.measure.worker` for one device."""

    def __init__(self, device: str) -> None:
        environment = dict(os.environ)
        environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, [environment.get("PYTHONPATH")])])
        self.popen = subprocess.Popen(
            [sys.executable, "-m", "blocks.latency.measure.worker", device],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment,
            start_new_session=True,
        )
        self.messages: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self.errors: deque[str] = deque(maxlen=40)
        threading.Thread(target=self._listen, daemon=True).start()
        threading.Thread(target=self._read_errors, daemon=True).start()

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

    def _read_errors(self) -> None:
        stream = self.popen.stderr
        assert stream is not None  # asked for with PIPE
        with contextlib.suppress(OSError, ValueError):
            for line in stream:
                self.errors.append(line.decode(errors="replace").rstrip())

    def send(self, message: dict[str, Any]) -> bool:
        """Hand over a message; False if the process is gone."""
        try:
            assert self.popen.stdin is not None  # asked for with PIPE
            send(self.popen.stdin, message)
        except (OSError, ValueError):
            return False
        return True

    def next(self, timeout: float) -> dict[str, Any] | bool | None:
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

    def epitaph(self) -> str:
        """Why the process ended, as a sentence."""
        try:
            code = self.popen.wait(timeout=2)
        except subprocess.TimeoutExpired:
            return "The measuring process closed its pipe."
        if code < 0:
            name = signal.Signals(-code).name if -code in {s.value for s in signal.Signals} else f"signal {-code}"
            likely = ", by a person or by the system when memory ran out" if -code == 9 else ""
            return f"The measuring process was killed ({name}{likely})."
        return f"The measuring process ended by itself (code {code})."
