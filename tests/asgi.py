"""Asking an ASGI app without a server."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send


@dataclass(frozen=True)
class Answer:
    """What an app answered."""

    status: int
    headers: Headers
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


def scope_of(path: str, method: str = "GET", headers: Mapping[str, str] | None = None, client: str = "203.0.113.7", kind: str = "http") -> Scope:
    """The scope of a request; ``path`` may have a query."""
    where, _, query = path.partition("?")
    raw = [(k.lower().encode(), v.encode()) for k, v in (headers or {}).items()]
    common = {"type": kind, "path": where, "raw_path": where.encode(), "query_string": query.encode(), "headers": raw, "client": (client, 1), "root_path": ""}
    return {**common, "method": method, "scheme": "http" if kind == "http" else "ws", "server": ("lab.example", 80)}


def spoken(app: ASGIApp, scope: Scope, parts: Iterable[Message] = ()) -> list[Message]:
    """All messages with which ``app`` answers to ``parts``; after them the client is gone."""
    sent: list[Message] = []
    waiting = list(parts)

    async def receive() -> Message:
        return waiting.pop(0) if waiting else {"type": f"{scope['type']}.disconnect"}

    async def send(message: Message) -> None:
        sent.append(message)

    # In a thread of its own: a browser test before this one leaves this thread's event loop running.
    with ThreadPoolExecutor(max_workers=1) as threads:
        threads.submit(asyncio.run, app(scope, receive, send)).result()
    return sent


def ask(app: ASGIApp, path: str, method: str = "GET", headers: Mapping[str, str] | None = None, body: bytes = b"", client: str = "203.0.113.7") -> Answer:
    """The answer to one request."""
    start, *rest = spoken(app, scope_of(path, method, headers, client), [{"type": "http.request", "body": body}])
    return Answer(start["status"], Headers(raw=start["headers"]), b"".join(part.get("body", b"") for part in rest))


async def pages(scope: Scope, receive: Receive, send: Send) -> None:
    """An app behind whatever is tested: it answers "the pages", and accepts websockets."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.accept"})
    else:
        await PlainTextResponse("the pages")(scope, receive, send)
