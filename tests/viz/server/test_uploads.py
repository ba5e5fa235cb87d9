"""Uploads are bounded in number and time."""

from __future__ import annotations

import asyncio

from starlette.types import Receive, Scope, Send

from tests.asgi import ask, pages
from viz.server.uploads import BoundUploads

FILE = "/_stcore/upload_file/{session}/1"


def test_a_session_that_sends_too_many_files_gets_a_sentence() -> None:
    bounded = BoundUploads(pages, most=3)
    one, other = FILE.format(session="one"), FILE.format(session="other")
    assert [ask(bounded, one, "PUT").status for _ in range(4)] == [200, 200, 200, 429]
    assert ask(bounded, one, "PUT").text == "At most 3 files in 10 minutes are taken."
    assert ask(bounded, other, "PUT").status == 200
    assert ask(bounded, one, "DELETE").status == 200


def test_an_upload_that_takes_too_long_is_ended() -> None:
    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(60)
        await pages(scope, receive, send)

    answer = ask(BoundUploads(slow, longest=0.05), FILE.format(session="one"), "PUT")
    assert (answer.status, answer.text) == (408, "An upload may take 0.05 s.")
    assert answer.headers["connection"] == "close"


def test_everything_else_may_take_its_time() -> None:
    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await asyncio.sleep(0.1)
        await pages(scope, receive, send)

    assert ask(BoundUploads(slow, longest=0.02), "/explore").status == 200
