"""The form that asks for the password."""

from __future__ import annotations

import math
from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse

from blocks.language import LANGUAGES, language, speaking, tr
from blocks.language.speaking import known_language
from viz.server.policy import document_policy

# A link on another site leads here without the cookie; asked for by this page itself, the same address comes with it.
_AGAIN = 'fetch(location.href, { method: "HEAD", headers: { Accept: "text/html" } }).then((answer) => { if (answer.ok) location.replace(location.href); });'
_PAGE = """<!DOCTYPE html>
<html lang="{language}">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>{title}</title><link rel="icon" href="data:,">
<style>
:root {{ color-scheme: light dark; font: 16px/1.5 system-ui, sans-serif; }}
body {{ display: grid; place-items: center; min-height: 90vh; margin: 0; background: light-dark(#FCFCFA, #14171C); color: light-dark(#1B1E23, #ECEEF1); }}
form {{ width: min(22rem, 90vw); }}
h1 {{ font-size: 1.2rem; }}
input, button {{ box-sizing: border-box; width: 100%; padding: .6rem .8rem; border: 1px solid light-dark(#8A8F98, #5B626D); border-radius: .4rem; font: inherit; }}
button {{ margin-top: .8rem; border-color: transparent; background: #1B58B3; color: #FFFFFF; cursor: pointer; }}
:is(input, button):focus-visible {{ outline: 2px solid light-dark(#1B58B3, #5B9BFF); outline-offset: 2px; }}
[role=alert] {{ color: light-dark(#B03A0C, #FF9966); }}
</style></head>
<body><form method="post"><h1>{title}</h1><label for="password">{label}</label>
<input id="password" name="password" type="password" autocomplete="current-password" required autofocus{described}>
{problem}<button>{button}</button></form>{script}</body>
</html>"""


def sign_in_page(request: Request, status: int, wait: float = 0.0) -> HTMLResponse:
    """The form, at any address. ``status`` 403 says that the password was wrong, 429 that it may be tried again in ``wait`` seconds."""
    with speaking(_language_of(request)):
        problem = ""
        if status == 403:
            problem = tr("That is not the password.")
        elif status == 429:
            problem = tr("Too many wrong passwords from your network. Try again in {seconds} s.", seconds=math.ceil(wait))
        page = _PAGE.format(
            language=language(),
            title=escape(tr("Architecture explorer")),
            label=escape(tr("Password")),
            button=escape(tr("Sign in")),
            described=' aria-describedby="problem" aria-invalid="true"' if problem else "",
            problem=f'<p id="problem" role="alert">{escape(problem)}</p>' if problem else "",
            script="" if problem else f"<script>{_AGAIN}</script>",
        )
    headers = {"Content-Security-Policy": document_policy(page, ()), "Cache-Control": "no-store"}
    if wait:
        headers["Retry-After"] = str(math.ceil(wait))
    return HTMLResponse(page, status, headers)


def _language_of(request: Request) -> str:
    """The language of the address, or the browser's first that the program speaks."""
    asked = request.query_params.get("lang")
    if asked in LANGUAGES:
        return str(asked)
    wanted = [part.split(";")[0].strip() for part in request.headers.get("accept-language", "").split(",")]
    return next((known for tag in wanted if (known := known_language(tag))), next(iter(LANGUAGES)))
