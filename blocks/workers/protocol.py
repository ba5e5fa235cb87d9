"""Messages between the app and its measuring process: JSON, each after its length in four bytes. Never pickle: a reply is data, not code."""

from __future__ import annotations

import json
import struct
from typing import IO, Any

#: A longer message is a fault of the sender (a network that writes to the pipe, say), not something to allocate for.
LONGEST_MESSAGE = 64 * 2**20


class ProtocolError(Exception):
    """The other side sent something that is no message."""


def send(stream: IO[bytes], message: dict[str, object]) -> None:
    """Write one message and flush. Raises ``OSError`` where the other side is gone."""
    body = json.dumps(message, allow_nan=False).encode()
    stream.write(struct.pack(">I", len(body)) + body)
    stream.flush()


def receive(stream: IO[bytes]) -> dict[str, Any] | None:
    """The next message; None at the end of the stream, also in the middle of a message that a killed process left."""
    head = stream.read(4)
    if len(head) < 4:
        return None
    (length,) = struct.unpack(">I", head)
    if length > LONGEST_MESSAGE:
        raise ProtocolError(f"a message of {length} bytes")
    body = stream.read(length)
    if len(body) < length:
        return None
    try:
        message = json.loads(body)
    except ValueError as error:
        raise ProtocolError("not JSON") from error
    if not isinstance(message, dict):
        raise ProtocolError("not an object")
    return message
