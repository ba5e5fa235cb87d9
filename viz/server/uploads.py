"""Uploads, bounded where they come in: how long one may take, and how many a session may begin. Their size is ``server.maxUploadSize`` (.streamlit/config.toml).

A page says its own limits in its user's language before these are met (viz/kit/upload_limit.py); these hold for who does without the page.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, deque

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from viz.server.log import log_event
from viz.server.paths import client_of, path_of

LONGEST = 300.0  # seconds that an upload may take: 200 MB at 5 Mbit/s
MOST_UPLOADS, WITHIN_SECONDS = 40, 600.0  # by a session
_SESSIONS = 1000
_UPLOAD = "/_stcore/upload_file/"


class BoundUploads:
    """ASGI middleware: refuses an upload that takes too long (408), and those of a session that sends too many (429), with a sentence."""

    def __init__(self, app: ASGIApp, longest: float = LONGEST, most: int = MOST_UPLOADS) -> None:
        self._app, self._longest, self._most = app, longest, most
        self._begun: OrderedDict[str, deque[float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = path_of(scope) if scope["type"] == "http" else ""
        if not path.startswith(_UPLOAD) or scope["method"] != "PUT":
            await self._app(scope, receive, send)
        elif self._too_many(path.removeprefix(_UPLOAD).partition("/")[0]):
            await _refuse(scope, receive, send, 429, f"At most {self._most} files in {WITHIN_SECONDS / 60:g} minutes are taken.")
        else:
            await self._in_time(scope, receive, send)

    def _too_many(self, session: str) -> bool:
        now = time.monotonic()
        times = self._begun.setdefault(session, deque(maxlen=self._most))
        self._begun.move_to_end(session)
        if len(self._begun) > _SESSIONS:
            self._begun.popitem(last=False)
        if len(times) == self._most and now - times[0] < WITHIN_SECONDS:
            return True
        times.append(now)
        return False

    async def _in_time(self, scope: Scope, receive: Receive, send: Send) -> None:
        answered = False

        async def sent(message: Message) -> None:
            nonlocal answered
            answered = True
            await send(message)

        try:
            async with asyncio.timeout(self._longest):
                await self._app(scope, receive, sent)
        except TimeoutError:
            if not answered:
                await _refuse(scope, receive, send, 408, f"An upload may take {self._longest:g} s.")


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, sentence: str) -> None:
    log_event("refused_upload", {"client": client_of(scope), "reason": sentence}, warns=True)
    await PlainTextResponse(sentence, status, {"Connection": "close"})(scope, receive, send)
