"""What a browser may do with what the server sends.

A document may run the scripts that it brings (by their hash), those of this server, and those that a page's components bring as blobs; it may load and
connect to nothing outside this server. Styles may stand anywhere: Streamlit writes them while it runs. Scripts may compile text: Plotly writes its
WebGL programs (parallel coordinates) so, and draws nothing without; the app itself compiles none. Everything else that the server sends runs nothing at
all when it is opened by itself, a downloaded report too.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Sequence

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

_INLINE = re.compile(r"<script(?![^>]*\ssrc=)[^>]*>(.*?)</script>", re.DOTALL)
_NOT_RUN = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'self'"
#: On every answer; a document says its own policy.
EVERYWHERE = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Content-Security-Policy": _NOT_RUN,
}


def document_policy(document: str, ancestors: Sequence[str] | None) -> str:
    """The policy of an HTML document with inline scripts. ``ancestors`` are the origins whose pages may show it in a frame; None for all, local files too."""
    hashes = [_hash(script) for script in _INLINE.findall(document)]
    directives = {
        "default-src": ["'none'"],
        "script-src": ["'self'", "blob:", "'unsafe-eval'", *hashes],
        "style-src": ["'self'", "'unsafe-inline'"],
        "img-src": ["'self'", "data:", "blob:"],
        "font-src": ["'self'", "data:"],
        "connect-src": ["'self'"],
        "worker-src": ["'self'", "blob:"],
        "manifest-src": ["'self'"],
        "base-uri": ["'none'"],
        "form-action": ["'self'"],
    }
    if ancestors is not None:
        directives["frame-ancestors"] = list(ancestors) or ["'none'"]
    return "; ".join(f"{name} {' '.join(sources)}" for name, sources in directives.items())


def _hash(script: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode('utf-8')).digest()).decode()}'"


class SafeHeaders:
    """ASGI middleware: :data:`EVERYWHERE` on every answer over HTTP, where it does not say otherwise itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sent(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message["headers"]))
                for name, value in EVERYWHERE.items():
                    headers.setdefault(name, value)
                message = {**message, "headers": headers.raw}
            await send(message)

        await self._app(scope, receive, sent if scope["type"] == "http" else send)


def embed_ancestors(query: Iterable[tuple[str, str]], allowed: Sequence[str] | None) -> Sequence[str] | None:
    """Who may show a page in a frame: the origins ``allowed`` where its address is that of the code that embeds it (viz/kit/sharing.py), else this server's own pages."""
    return allowed if ("embed", "true") in query else ("'self'",)
