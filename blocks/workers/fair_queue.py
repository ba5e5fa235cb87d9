"""A queue that is fair between sessions: each browser session has its own line, and the lines take turns."""

from __future__ import annotations

from collections import OrderedDict, deque


class FairQueue:
    """Job numbers in lines by session. Not thread-safe: its owner holds a lock."""

    def __init__(self) -> None:
        self._lines: OrderedDict[str, deque[str]] = OrderedDict()

    def __len__(self) -> int:
        return sum(map(len, self._lines.values()))

    def add(self, session: str, job: str) -> None:
        """Put ``job`` at the end of its session's line."""
        self._lines.setdefault(session, deque()).append(job)

    def remove(self, job: str) -> bool:
        """Take a waiting job out; False if it does not wait here."""
        for session, line in self._lines.items():
            if job in line:
                line.remove(job)
                if not line:
                    del self._lines[session]
                return True
        return False

    def take(self) -> str | None:
        """The next job; its session goes to the back. None if nobody waits."""
        if not self._lines:
            return None
        session, line = next(iter(self._lines.items()))
        job = line.popleft()
        if line:
            self._lines.move_to_end(session)
        else:
            del self._lines[session]
        return job

    def order(self) -> list[str]:
        """All jobs in the order in which they would be taken if nobody else came."""
        lines = [list(line) for line in self._lines.values()]
        longest = max(map(len, lines), default=0)
        return [line[turn] for turn in range(longest) for line in lines if turn < len(line)]
