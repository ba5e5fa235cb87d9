"""The head of the app's HTML document."""

from __future__ import annotations

import asyncio
import gzip
from concurrent.futures import ThreadPoolExecutor

import pytest
from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.types import Message, Receive, Scope, Send
from streamlit.runtime.pages_manager import PagesManager

from viz.server.first_paint import first_paint, with_head

DOCUMENT = f"<html><head><title>Streamlit</title><script src=x></script></head><body>{'ü' * 2000}</body></html>"
STYLE = ".of-a-page { gap: 0 }"
BROWSER = {"accept": "text/html,*/*;q=0.8", "accept-encoding": "gzip", "if-none-match": '"old"'}


async def streamlit(scope: Scope, receive: Receive, send: Send) -> None:
    """A server of one document, and of a plain answer to everything else."""
    plain = scope["path"] != "/explore"
    assert plain or "if-none-match" not in Headers(scope=scope)  # else the answer may be that nothing is new
    if scope["path"] == "/media/report.html":
        answer: PlainTextResponse | HTMLResponse = HTMLResponse(DOCUMENT, headers={"Content-Disposition": 'attachment; filename="report.html"'})
    elif plain:
        answer = PlainTextResponse("<title>ok</title>" * 100)
    else:
        answer = HTMLResponse("" if scope["method"] == "HEAD" else DOCUMENT, headers={"ETag": '"new"'})
    await answer(scope, receive, send)


def asked(path: str, method: str = "GET") -> tuple[Headers, bytes]:
    """Headers and body of an answer through the app's middleware around a compressing one."""
    ours = first_paint(STYLE)
    app = ours.cls(GZipMiddleware(streamlit), *ours.args, **ours.kwargs)
    sent: list[Message] = []

    async def receive() -> Message:
        return {"type": "http.request"}

    async def send(message: Message) -> None:
        sent.append(message)

    where, _, query = path.partition("?")
    scope = {"type": "http", "path": where, "query_string": query.encode(), "method": method, "headers": [(k.encode(), v.encode()) for k, v in BROWSER.items()]}
    # In a thread of its own: a browser test before this one leaves this thread's event loop running.
    with ThreadPoolExecutor(max_workers=1) as threads:
        threads.submit(asyncio.run, app(scope, receive, send)).result()
    return Headers(raw=sent[0]["headers"]), b"".join(message["body"] for message in sent[1:])


def test_the_documents_head_has_the_style_and_says_where_the_server_is() -> None:
    headers, body = asked("/explore")
    head, _, rest = body.decode().partition("<script src=x>")
    assert STYLE in head
    assert "BACKEND_BASE_URL" in head
    assert "plotly_afterplot" in head  # names in charts are placed from a chart's first drawing on
    assert "<title>Architecture explorer</title>" in head
    assert rest.endswith(f"{'ü' * 2000}</body></html>")
    assert int(headers["content-length"]) == len(body)
    assert "etag" not in headers  # a copy with another version's style must not be taken for this one


def test_the_document_says_what_may_run_in_it_and_who_may_embed_it() -> None:
    assert "frame-ancestors 'self'" in asked("/explore")[0]["content-security-policy"]
    embedded = asked("/explore?net=resnet18&embed=true")[0]["content-security-policy"]
    assert "frame-ancestors" not in embedded
    assert embedded.count("'sha256-") == 2


def test_a_file_to_save_is_no_document_of_the_app() -> None:
    headers, body = asked("/media/report.html")
    assert body.decode() == DOCUMENT
    assert "content-security-policy" not in headers


def test_what_is_no_document_passes_as_it_is() -> None:
    headers, body = asked("/_stcore/health")
    assert "content-encoding" not in headers  # asked for like a document, so sent uncompressed
    assert body.decode() == "<title>ok</title>" * 100


def test_what_no_document_is_wanted_for_is_compressed_as_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(BROWSER, "accept", "*/*")
    headers, body = asked("/_stcore/health")
    assert headers["content-encoding"] == "gzip"
    assert gzip.decompress(body).decode() == "<title>ok</title>" * 100


def test_the_answer_to_head_has_no_body() -> None:
    assert asked("/explore", "HEAD")[1] == b""


def test_no_menu_of_files_before_the_first_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(PagesManager, "uses_pages_directory", True)
    first_paint()
    assert PagesManager.uses_pages_directory is False


def test_a_document_keeps_everything_else() -> None:
    assert with_head("<title>a</title><p>b\\1</p>", "<style>\\1</style>") == "<title>Architecture explorer</title><style>\\1</style><p>b\\1</p>"
