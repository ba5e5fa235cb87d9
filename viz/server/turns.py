"""Turns as a browser has them: from its request to run a page until the page has run, the wait for the server included.

Streamlit has no place of its own to hear of a run's end; its messages pass here. Their kind stands in their first bytes, so that nothing else of them is
decoded.
"""

from __future__ import annotations

import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable

from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from viz.server.paths import path_of

BOUNDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)  # seconds
_NEW_RUN, _END_OF_RUN = ForwardMsg.NEW_SESSION_FIELD_NUMBER, ForwardMsg.SCRIPT_FINISHED_FIELD_NUMBER
_BEFORE_KIND = (ForwardMsg.HASH_FIELD_NUMBER << 3 | 2, ForwardMsg.METADATA_FIELD_NUMBER << 3 | 2)  # their first bytes: texts and messages, with a length
_ENDED = {
    ForwardMsg.FINISHED_SUCCESSFULLY: ("page", "done"),
    ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY: ("fragment", "done"),
    ForwardMsg.FINISHED_WITH_COMPILE_ERROR: ("page", "failed"),
}


class TurnCounts:
    """Counts and durations of all turns, by kind: a whole page, or a fragment of one. Only the event loop's thread touches them."""

    def __init__(self) -> None:
        self.sessions = 0  # open connections
        self.ended: Counter[tuple[str, str]] = Counter()  # by kind and outcome
        self.seconds: Counter[str] = Counter()  # all together, by kind
        self.within: dict[str, list[int]] = {"page": [0] * (len(BOUNDS) + 1), "fragment": [0] * (len(BOUNDS) + 1)}  # by kind: up to each bound, and above

    def took(self, kind: str, outcome: str, seconds: float) -> None:
        """Note the end of a turn."""
        self.ended[kind, outcome] += 1
        if outcome == "done":
            self.seconds[kind] += seconds  # type: ignore[assignment]
            self.within[kind][bisect_left(BOUNDS, seconds)] += 1


class Connection:
    """One browser's turns: asked for, begun, ended. ``clock`` gives seconds."""

    def __init__(self, turns: TurnCounts, clock: Callable[[], float] = time.perf_counter) -> None:
        self._turns, self._clock = turns, clock
        self._asked: float | None = None  # since when a run is asked for that has not begun
        self._began_with: float | None = None  # since when the run that goes on was asked for

    def received(self, message: bytes) -> None:
        """A browser's message: it may ask for a run."""
        if self._asked is None and message_kind(message) == BackMsg.RERUN_SCRIPT_FIELD_NUMBER:
            self._asked = self._clock()

    def sent(self, message: bytes) -> None:
        """A message to a browser: it may say that a run begins or has ended."""
        kind = message_kind(message)
        if kind == _NEW_RUN:
            self._began_with = self._asked or self._clock()
            self._asked = None
        elif kind == _END_OF_RUN and self._began_with is not None:
            status = ForwardMsg.FromString(message).script_finished
            if status in _ENDED:
                self._turns.took(*_ENDED[status], self._clock() - self._began_with)
            else:  # a newer request overtook it, or the page itself asked to run again: whoever waits then waits on
                self._turns.took("page", "overtaken", 0.0)
                self._asked = self._asked or self._began_with
            self._began_with = None


def message_kind(message: bytes) -> int:
    """The number of the field that a message carries, a ForwardMsg's after its hash and metadata; 0 where there is none."""
    at, end = 0, len(message)
    while at + 1 < end:
        if message[at] not in _BEFORE_KIND:
            return _varint(message, at)[0] >> 3
        length = message[at + 1]
        at += 2
        if length > 0x7F:
            length, at = _varint(message, at - 1)
        at += length
    return 0


def _varint(message: bytes, at: int) -> tuple[int, int]:
    """A number in seven bits a byte, and where it ends."""
    value = shift = 0
    while at < len(message):
        byte = message[at]
        at += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            break
        shift += 7
    return value, at


class CountTurns:
    """ASGI middleware that listens to the pages' connections."""

    def __init__(self, app: ASGIApp, turns: TurnCounts) -> None:
        self._app, self._turns = app, turns

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "websocket" or path_of(scope) != "/_stcore/stream":
            await self._app(scope, receive, send)
            return
        connection = Connection(self._turns)

        async def heard() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive" and message.get("bytes"):
                connection.received(message["bytes"])
            return message

        async def told(message: Message) -> None:
            if message["type"] == "websocket.send" and message.get("bytes"):
                connection.sent(message["bytes"])
            await send(message)

        self._turns.sessions += 1
        try:
            await self._app(scope, heard, told)
        finally:
            self._turns.sessions -= 1
