"""What the browser has to know before Streamlit's first message: the style of the pages, where the server is, and how names in charts are placed.

Streamlit loads the script that inserts a page's ``st.html`` after the page's first elements, so that on a slow line a page was painted without its
style. And opened at a page's own address, its front end looked for the server below that address first, which left two 404s in the console. Both go
into the head of the one HTML document, which also says what may run in it (viz/server/policy.py).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import parse_qsl

from starlette.datastructures import Headers, MutableHeaders
from starlette.middleware import Middleware
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime.pages_manager import PagesManager

from viz.kit.scripts import joined_script
from viz.server.policy import document_policy, embed_ancestors

# Every page starts right below the navigation, the components of address bar and theme take no room, and a figure or a link wraps where Streamlit would cut
# it off with three dots. Streamlit's own style of one class comes later, so that these need two. A table's own
# download, named by the minute alone, gives way to the one below it (viz/kit/saving.py). A row of
# select boxes wraps where one would cut its text. On a tablet the links of nine pages stand closer: Streamlit would put the last behind
# "1 more", and cut that. On a phone a row of choices wraps where its last ones would stand outside.
_STYLE = """
.stApp .stMainBlockContainer { padding-top: 4.2rem; padding-bottom: 3rem; }
.stApp :is(.st-key-address-bar, .st-key-theme-place, [class*="st-key-aloud-of-"]) { position: absolute; width: 0; height: 0; overflow: hidden; }
.stApp [data-testid="stLayoutWrapper"]:has(> :is(.st-key-theme-place, [class*="st-key-aloud-of-"])) { position: absolute; }
.stApp :is([data-testid="stMetricValue"], [data-testid="stMetricDelta"], [data-testid="stMetricLabel"]),
.stApp :is([data-testid="stMetricValue"], [data-testid="stMetricDelta"], [data-testid="stMetricLabel"]) * { white-space: normal; overflow: visible; text-overflow: clip; overflow-wrap: break-word; }
.stApp [data-testid="stPageLink-NavLink"] :is(span, p) { white-space: normal; overflow: visible; }
.stApp [data-testid="stMetricDelta"] { height: auto; max-width: 100%; }
.stApp .stMainBlockContainer [data-testid="stHorizontalBlock"]:has(> [data-testid="stColumn"] > [data-testid="stVerticalBlock"] > .stElementContainer > .stSelectbox) { flex-wrap: wrap; }
.stApp .stMainBlockContainer [data-testid="stColumn"]:has(> [data-testid="stVerticalBlock"] > .stElementContainer > .stSelectbox) { min-width: min(100%, var(--least-box, 10rem)); }
@media (max-width: 600px) { .stApp [data-testid="stButtonGroup"] :is([role="radiogroup"], [role="group"]) { flex-wrap: wrap; } }
@media (max-width: 900px) { .stApp [data-testid="stTopNavLink"] { padding-left: 5px; padding-right: 5px; } }
.stApp .st-key-conditions { --least-box: 11.5rem; }
.stApp .st-key-devices-known { --least-box: 14rem; }
.stApp .st-key-devices-known [data-testid="stColumn"]:nth-child(2) { --least-box: 25rem; }
.stApp [data-testid="stElementToolbar"] :is(button, [data-testid="stElementToolbarButton"]):is([aria-label="Download as CSV"], :has([aria-label="Download as CSV"])) { display: none; }
"""
# The server is where the document's own scripts come from, below a proxy's prefix too.
_SERVER = 'window.__streamlit = { BACKEND_BASE_URL: new URL(".", document.baseURI).href };'
_LABELS = Path(__file__).parents[1] / "kit" / "assets" / "labels.js"
_TITLE = "<title>Architecture explorer</title>"


def first_paint(*styles: str, embed: Sequence[str] | None = None) -> Middleware:
    """The server's middleware that puts the pages' style, ``styles`` included, and scripts into the head of every HTML document.

    ``embed`` are the origins whose pages may show an embedded page, None for all.
    Until the first call of st.navigation, Streamlit takes a folder called pages for navigation of its older kind, and shows its files as a menu.
    """
    PagesManager.uses_pages_directory = False
    scripts = f'<script>{_SERVER}</script><script type="module">{joined_script(_LABELS)}</script>'
    return Middleware(_FirstPaint, head=f"{scripts}<style>{_STYLE}{''.join(styles)}</style>", embed=embed)


class _FirstPaint:
    """ASGI middleware. Documents are sent whole and uncompressed (2 KB); everything else passes as it is."""

    def __init__(self, app: ASGIApp, head: str, embed: Sequence[str] | None) -> None:
        self._app, self._head, self._embed = app, head, embed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or "text/html" not in Headers(scope=scope).get("accept", ""):
            await self._app(scope, receive, send)
            return
        # A stored copy may carry the style of another version, and a compressed one cannot be added to.
        left_out = (b"accept-encoding", b"if-none-match", b"if-modified-since", b"range")
        scope = {**scope, "headers": [pair for pair in scope["headers"] if pair[0].lower() not in left_out]}
        ancestors = embed_ancestors(parse_qsl(scope.get("query_string", b"").decode("latin-1")), self._embed)
        await self._app(scope, receive, _Document(send, self._head, ancestors).send)


class _Document:
    """Collects an answer's parts and sends them with ``head`` and a policy in place, if it is an HTML document to look at and not a file to save."""

    def __init__(self, send: Send, head: str, ancestors: Sequence[str] | None) -> None:
        self._send, self._head, self._ancestors = send, head, ancestors
        self._start: Message | None = None
        self._body = b""

    async def send(self, message: Message) -> None:
        """Pass one part of the answer on, or keep it until the document is whole."""
        if message["type"] == "http.response.start" and _is_document(Headers(raw=message["headers"])):
            self._start = message
        elif self._start is None:
            await self._send(message)
        else:
            self._body += message.get("body", b"")
            if not message.get("more_body"):
                await self._whole(self._start)

    async def _whole(self, start: Message) -> None:
        document = with_head(self._body.decode("utf-8"), self._head)
        text = document.encode("utf-8")
        headers = MutableHeaders(raw=[pair for pair in start["headers"] if pair[0].lower() not in (b"etag", b"last-modified")])
        headers["content-security-policy"] = document_policy(document, self._ancestors)
        if self._body:  # the answer to HEAD has none
            headers["content-length"] = str(len(text))
        await self._send({**start, "headers": headers.raw})
        await self._send({"type": "http.response.body", "body": text if self._body else b""})


def _is_document(headers: Headers) -> bool:
    return headers.get("content-type", "").startswith("text/html") and "content-disposition" not in headers


def with_head(document: str, head: str) -> str:
    """An HTML document with the app's title, and ``head`` before its own scripts and style."""
    return re.sub("<title>.*?</title>", lambda _: _TITLE + head, document, count=1)
