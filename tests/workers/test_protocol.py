"""Messages over a pipe: what was sent comes back, and what is no message is told from an end."""

from __future__ import annotations

import io
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.workers.protocol import LONGEST_MESSAGE, ProtocolError, receive, send

PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(), lambda v: st.lists(v, max_size=3)
)


@given(st.lists(st.dictionaries(st.text(), PLAIN, max_size=3), max_size=4))
def test_messages_come_back_in_order(messages: list[dict[str, Any]]) -> None:
    stream = io.BytesIO()
    for message in messages:
        send(stream, message)
    stream.seek(0)
    assert [receive(stream) for _ in messages] == messages
    assert receive(stream) is None


def test_half_a_message_is_an_end() -> None:
    stream = io.BytesIO()
    send(stream, {"id": "a"})
    for cut in range(1, len(stream.getvalue())):
        assert receive(io.BytesIO(stream.getvalue()[:cut])) is None


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (struct.pack(">I", LONGEST_MESSAGE + 1), f"a message of {LONGEST_MESSAGE + 1} bytes"),
        (struct.pack(">I", 3) + b"abc", "not JSON"),
        (struct.pack(">I", 2) + b"[]", "not an object"),
    ],
)
def test_what_is_no_message_is_refused(raw: bytes, words: str) -> None:
    with pytest.raises(ProtocolError, match=words):
        receive(io.BytesIO(raw))


def test_numbers_that_json_lacks_are_refused_by_the_sender() -> None:
    with pytest.raises(ValueError, match="JSON"):
        send(io.BytesIO(), {"median": float("nan")})
