"""The server's own settings, all of them environment variables; without any the app is closed to other machines and asks for no password.

========================== =======================================================================================================
``EXPLORER_PASSWORD``      asks everybody for this password; ``EXPLORER_PASSWORD_FILE`` names a file that holds it
``EXPLORER_EMBED``         origins whose pages may show an embedded page, separated by spaces; ``none`` for nobody, else anybody
``EXPLORER_METRICS``       ``open``: whoever reaches the server may read ``/metrics``; else only this machine
``EXPLORER_LOG``           ``json``: events go to standard error, one JSON line each
========================== =======================================================================================================
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from blocks.knobs import KnobError

LEAST_PASSWORD = 8  # characters
_ORIGIN = re.compile(r"https?://(\*\.)?[\w.-]+(:\d+)?")


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """``password`` is "" where none is asked for, ``embed`` None where every page may embed."""

    password: str = field(default="", repr=False)
    embed: tuple[str, ...] | None = None
    metrics_open: bool = False
    json_log: bool = False


def server_settings(environment: Mapping[str, str] = os.environ) -> ServerSettings:
    """The settings of ``environment``; :class:`KnobError` where one is not understood, since a misspelt one must not leave a door open."""
    return ServerSettings(
        _password(environment),
        _embed(environment.get("EXPLORER_EMBED", "")),
        _one_of(environment, "EXPLORER_METRICS", "open"),
        _one_of(environment, "EXPLORER_LOG", "json"),
    )


def _password(environment: Mapping[str, str]) -> str:
    said, file = environment.get("EXPLORER_PASSWORD"), environment.get("EXPLORER_PASSWORD_FILE")
    if said is None and file is None:
        return ""
    if said is not None and file is not None:
        raise KnobError("EXPLORER_PASSWORD_FILE", file, "is set together with EXPLORER_PASSWORD; one of them says the password")
    if file is not None:
        try:
            said = Path(file).read_text("utf-8").rstrip("\r\n")
        except (OSError, UnicodeDecodeError) as error:
            raise KnobError("EXPLORER_PASSWORD_FILE", file, f"cannot be read ({type(error).__name__})") from None
    if len(said or "") < LEAST_PASSWORD:  # without the password itself: this is written to a terminal
        raise KnobError("EXPLORER_PASSWORD", "...", f"has {len(said or '')} characters; at least {LEAST_PASSWORD} are needed")
    return said or ""


def _embed(said: str) -> tuple[str, ...] | None:
    if said in ("", "none"):
        return () if said else None
    for origin in said.split():
        if not _ORIGIN.fullmatch(origin):
            raise KnobError("EXPLORER_EMBED", origin, "must be an origin, or none", ["https://moodle.example.org"])
    return tuple(said.split())


def _one_of(environment: Mapping[str, str], name: str, word: str) -> bool:
    said = environment.get(name, "")
    if said not in ("", word):
        raise KnobError(name, said, f"must be {word}, or not be set", [word])
    return said == word
