"""Turns, counted and timed from the messages between a browser and Streamlit."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from tests.asgi import pages, scope_of, spoken
from viz.server.turns import BOUNDS, Connection, CountTurns, TurnCounts, message_kind

ASK = BackMsg(rerun_script=ClientState(query_string="net=resnet18")).SerializeToString()
OTHER = BackMsg(app_heartbeat=True).SerializeToString()


def forward(**fields: object) -> bytes:
    message = ForwardMsg(hash="a" * 40, **fields)  # type: ignore[arg-type]
    message.metadata.cacheable = True
    return message.SerializeToString()


def begun() -> bytes:
    message = ForwardMsg()
    message.new_session.main_script_path = "app.py"
    return message.SerializeToString()


DONE = forward(script_finished=ForwardMsg.FINISHED_SUCCESSFULLY)
FRAGMENT = forward(script_finished=ForwardMsg.FINISHED_FRAGMENT_RUN_SUCCESSFULLY)
EARLY = forward(script_finished=ForwardMsg.FINISHED_EARLY_FOR_RERUN)


class Clock:
    """Moved by hand."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def played(*steps: tuple[float, str, bytes]) -> TurnCounts:
    """The turns of a conversation: at which second, who speaks, what."""
    turns, clock = TurnCounts(), Clock()
    connection = Connection(turns, clock)
    for now, who, message in steps:
        clock.now = 100.0 + now
        (connection.received if who == "browser" else connection.sent)(message)
    return turns


def test_a_turn_lasts_from_the_request_to_the_end_of_its_run() -> None:
    turns = played((0, "browser", ASK), (0.2, "server", begun()), (0.3, "server", forward()), (0.7, "server", DONE))
    assert dict(turns.ended) == {("page", "done"): 1}
    assert turns.seconds["page"] == pytest.approx(0.7)
    assert turns.within["page"] == [int(i == BOUNDS.index(1.0)) for i in range(len(BOUNDS) + 1)]


def test_a_fragments_turn_is_its_own_kind() -> None:
    assert dict(played((0, "browser", ASK), (0, "server", begun()), (1, "server", FRAGMENT)).ended) == {("fragment", "done"): 1}


def test_an_overtaken_turn_counts_once_and_the_newer_from_its_own_request() -> None:
    turns = played((0, "browser", ASK), (0.1, "server", begun()), (3, "browser", ASK), (3.1, "server", EARLY), (3.2, "server", begun()), (3.5, "server", DONE))
    assert dict(turns.ended) == {("page", "overtaken"): 1, ("page", "done"): 1}
    assert turns.seconds["page"] == pytest.approx(0.5)


def test_a_page_that_runs_itself_again_keeps_its_user_waiting() -> None:
    turns = played((0, "browser", ASK), (0.1, "server", begun()), (0.4, "server", EARLY), (0.4, "server", begun()), (0.9, "server", DONE))
    assert turns.seconds["page"] == pytest.approx(0.9)


def test_requests_before_a_run_are_one_turn_and_one_after_the_runs_end_another() -> None:
    turns = played(
        (0, "browser", ASK),
        (0.1, "browser", ASK),
        (0.2, "server", begun()),
        (0.6, "server", DONE),
        (5, "browser", ASK),
        (5, "server", begun()),
        (5.1, "server", DONE),
    )
    assert turns.ended["page", "done"] == 2
    assert turns.seconds["page"] == pytest.approx(0.7)


def test_what_is_no_request_and_what_is_no_message_begin_nothing() -> None:
    turns = played(
        (0, "browser", OTHER), (0, "browser", b"\xff\xff\xff"), (9, "server", DONE), (9, "server", b""), (9, "server", b"\x0a\xff\xff\xff\xff\xff\xff")
    )
    assert not turns.ended


@given(st.binary(max_size=200))
def test_any_bytes_have_a_kind(message: bytes) -> None:
    assert message_kind(message) >= 0


@given(st.text(max_size=200), st.booleans())
def test_the_kind_is_the_field_that_protobuf_names(hash_: str, cacheable: bool) -> None:
    for field in ("script_finished", "session_status_changed", "new_session", "delta"):
        message = ForwardMsg(hash=hash_)
        message.metadata.cacheable = cacheable
        if field == "script_finished":
            message.script_finished = ForwardMsg.FINISHED_SUCCESSFULLY
        else:
            getattr(message, field).SetInParent()
        assert ForwardMsg.DESCRIPTOR.fields_by_number[message_kind(message.SerializeToString())].name == field == message.WhichOneof("type")


def test_a_browsers_request_is_the_field_that_protobuf_names() -> None:
    for message in (ASK, OTHER, BackMsg(stop_script=True).SerializeToString()):
        assert BackMsg.DESCRIPTOR.fields_by_number[message_kind(message)].name == BackMsg.FromString(message).WhichOneof("type")


def test_a_connection_is_a_session_while_it_lasts() -> None:
    turns = TurnCounts()
    seen: list[int] = []

    async def app(scope, receive, send):  # type: ignore[no-untyped-def]
        seen.append(turns.sessions)
        await pages(scope, receive, send)

    counted = CountTurns(app, turns)
    spoken(counted, scope_of("/_stcore/stream", kind="websocket"), [{"type": "websocket.connect"}])
    spoken(counted, scope_of("/other", kind="websocket"), [{"type": "websocket.connect"}])
    spoken(counted, scope_of("/"))
    assert (seen, turns.sessions) == ([1, 0, 0], 0)
