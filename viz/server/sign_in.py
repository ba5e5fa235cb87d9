"""A password for everybody: who has not given it sees a form, and nothing else of the server answers.

The form is answered with a cookie that says until when, signed with a key made from the password: every process of the app knows it, none keeps a list,
and a new password ends all of them. No script reads it, and no other site's page sends it along.
"""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import time
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from viz.server.log import log_event
from viz.server.paths import client_of, path_of
from viz.server.sign_in_page import sign_in_page
from viz.server.tries import Tries

COOKIE_NAME = "explorer_signed_in"
VALID = 86_400.0  # seconds
WRONG_TAKES = 1.0  # seconds until a wrong password is answered
_LONGEST = 4096  # bytes of a form
#: What answers without a password: whether the server lives; and the metrics, which have a rule of their own (viz/server/metrics.py).
OPEN = ("/_stcore/health", "/metrics")


class SignIn:
    """ASGI middleware that lets through who has given ``password``, over HTTP and websockets alike."""

    def __init__(self, app: ASGIApp, password: str, wrong_takes: float = WRONG_TAKES) -> None:
        self._app, self._wrong_takes = app, wrong_takes
        self._digest = hashlib.sha256(password.encode("utf-8")).digest()
        # Slow on purpose: who finds a cookie must not find the password by trying.
        self._key = hashlib.scrypt(password.encode("utf-8"), salt=b"architecture explorer: signed in", n=2**14, r=8, p=1)
        self._tries = Tries()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket") or path_of(scope) in OPEN or self._signed_in(scope):
            await self._app(scope, receive, send)
        elif scope["type"] == "websocket":
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": "sign in first"})
        else:
            await (await self._answer(Request(scope, receive)))(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method == "POST" and request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return await self._tried(request)
        if request.method == "GET" and "text/html" in request.headers.get("accept", ""):
            return sign_in_page(request, 401)
        return PlainTextResponse("Sign in first.", 401, {"Cache-Control": "no-store"})

    async def _tried(self, request: Request) -> Response:
        """The answer to a form: the cookie and the page asked for, or the form again."""
        client = client_of(request.scope)
        if wait := self._tries.wait(client, time.monotonic()):
            log_event("refused_sign_in", {"client": client, "reason": "too many tries"}, warns=True)
            return sign_in_page(request, 429, wait)
        given = await _password_in(request)
        if not hmac.compare_digest(hashlib.sha256(given).digest(), self._digest):
            self._tries.wrong(client, time.monotonic())
            log_event("refused_sign_in", {"client": client, "reason": "wrong password"}, warns=True)
            await asyncio.sleep(self._wrong_takes)
            return sign_in_page(request, 403)
        # Relative: the same page below any proxy's prefix, and never another server.
        answer = Response(status_code=303, headers={"Location": f"?{request.url.query}", "Cache-Control": "no-store"})
        answer.set_cookie(COOKIE_NAME, self._token(time.time() + VALID), httponly=True, samesite="strict", secure=request.url.scheme == "https")
        return answer

    def _token(self, until: float) -> str:
        return f"{until:.0f}.{self._signature(f'{until:.0f}')}"

    def _signature(self, until: str) -> str:
        return hmac.digest(self._key, f"signed in until {until}".encode(), "sha256").hex()

    def _signed_in(self, scope: Scope) -> bool:
        try:
            cookies = SimpleCookie(Headers(scope=scope).get("cookie", ""))
        except CookieError:
            return False
        until, _, signature = cookies[COOKIE_NAME].value.partition(".") if COOKIE_NAME in cookies else ("", "", "")
        genuine = hmac.compare_digest(signature.encode("utf-8"), self._signature(until).encode())
        return genuine and float(until) > time.time()


async def _password_in(request: Request) -> bytes:
    """The password of a form; empty where there is none, or where the form is none of ours."""
    body = b""
    try:
        async for part in request.stream():
            body += part
            if len(body) > _LONGEST:
                return b""
    except ClientDisconnect:
        return b""
    try:
        return parse_qs(body.decode("ascii", "replace"), max_num_fields=4).get("password", [""])[0].encode("utf-8")
    except ValueError:
        return b""
