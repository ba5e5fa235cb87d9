"""The server's middleware, outermost first, from its settings."""

from __future__ import annotations

import sys

from starlette.middleware import Middleware
from streamlit import config

from blocks import __version__
from blocks.knobs import KnobError
from viz.server.first_paint import first_paint
from viz.server.log import log_event, start_log
from viz.server.metrics import Metrics
from viz.server.policy import SafeHeaders
from viz.server.settings import ServerSettings, server_settings
from viz.server.sign_in import SignIn
from viz.server.turns import CountTurns, TurnCounts
from viz.server.uploads import BoundUploads


def server_middleware(*styles: str) -> list[Middleware]:
    """What every request passes; ``styles`` go into the pages' head. A setting that is not understood ends the program with its sentence."""
    try:
        settings = server_settings()
    except KnobError as error:
        sys.exit(str(error))
    start_log(settings.json_log)
    log_event("start", _started(settings))
    return layers(settings, *styles)


def layers(settings: ServerSettings, *styles: str) -> list[Middleware]:
    """The middleware of ``settings``."""
    turns = TurnCounts()
    sign_in = [Middleware(SignIn, password=settings.password)] if settings.password else []
    return [
        Middleware(SafeHeaders),
        *sign_in,
        Middleware(Metrics, turns=turns, is_open=settings.metrics_open),
        Middleware(BoundUploads),
        Middleware(CountTurns, turns=turns),
        first_paint(*styles, embed=settings.embed),
    ]


def _started(settings: ServerSettings) -> dict[str, object]:
    return {
        "version": __version__,
        "address": config.get_option("server.address"),
        "port": config.get_option("server.port"),
        "password": bool(settings.password),
        "metrics": "open" if settings.metrics_open else "this machine",
    }
