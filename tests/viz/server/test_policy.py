"""The headers of all answers, and a document's own policy."""

from __future__ import annotations

import base64
import hashlib

import pytest
from starlette.responses import HTMLResponse
from starlette.types import Receive, Scope, Send

from tests.asgi import ask, pages
from viz.server.policy import EVERYWHERE, SafeHeaders, document_policy, embed_ancestors

DOCUMENT = (
    '<script>let a = 1;</script><script type="module">\nlet b;\n</script><script src="x.js"></script><script type="module" crossorigin src="y.js"></script>'
)


def directives(policy: str) -> dict[str, list[str]]:
    return {name: sources for name, *sources in (part.split() for part in policy.split("; "))}


def test_a_documents_own_scripts_run_by_their_hash_and_no_others() -> None:
    found = directives(document_policy(DOCUMENT, None))
    hashes = [f"'sha256-{base64.b64encode(hashlib.sha256(s).digest()).decode()}'" for s in (b"let a = 1;", b"\nlet b;\n")]
    assert found["script-src"] == ["'self'", "blob:", "'unsafe-eval'", *hashes]
    assert found["default-src"] == ["'none'"]
    assert found["connect-src"] == ["'self'"]
    assert not [source for sources in found.values() for source in sources if "*" in source or "http" in source]
    assert "'unsafe-inline'" not in found["script-src"]
    assert "frame-ancestors" not in found


@pytest.mark.parametrize(("allowed", "said"), [((), ["'none'"]), (("'self'",), ["'self'"]), (("https://a.example",), ["https://a.example"])])
def test_who_may_show_it_in_a_frame(allowed: tuple[str, ...], said: list[str]) -> None:
    assert directives(document_policy("", allowed))["frame-ancestors"] == said


def test_only_the_address_that_embeds_may_be_in_other_sites_frames() -> None:
    assert embed_ancestors([("net", "resnet18")], None) == ("'self'",)
    assert embed_ancestors([("net", "resnet18"), ("embed", "true")], None) is None
    assert embed_ancestors([("embed", "true")], ("https://a.example",)) == ("https://a.example",)


def test_every_answer_has_the_headers() -> None:
    headers = ask(SafeHeaders(pages), "/media/report.html").headers
    assert {name: headers[name] for name in EVERYWHERE} == EVERYWHERE
    assert "script-src" not in headers["content-security-policy"]
    assert "default-src 'none'" in headers["content-security-policy"]


def test_an_answers_own_policy_stays() -> None:
    async def document(scope: Scope, receive: Receive, send: Send) -> None:
        await HTMLResponse("", headers={"Content-Security-Policy": "default-src 'self'"})(scope, receive, send)

    assert ask(SafeHeaders(document), "/").headers.getlist("content-security-policy") == ["default-src 'self'"]
