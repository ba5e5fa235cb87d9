"""Events as JSON lines on standard error, where ``EXPLORER_LOG=json`` asks for them: what happened, when, and nothing that a user typed.

An event is a message of a logger below ``explorer`` with ``extra={"fields": {...}}``: start, page_error, refused_sign_in, refused_upload, job_failed,
worker_crash. What Streamlit and its server say becomes lines of the same form.
"""

from __future__ import annotations

import json
import logging
import sys
import traceback
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

_OTHERS = ("streamlit", "uvicorn", "websockets")
_log = logging.getLogger("explorer.server")


class JsonLine(logging.Formatter):
    """A record as one line: time, level, event and its fields; of an exception its kind and where it was raised, not what it says."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {"time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"), "level": record.levelname.lower()}
        fields = getattr(record, "fields", None)
        if fields is not None:
            line |= {"event": record.getMessage(), **fields}
        else:
            line |= {"event": "log", "logger": record.name, "message": record.getMessage()}
        if record.exc_info and record.exc_info[1] is not None:
            line |= raised(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False, default=str)


def raised(error: BaseException) -> dict[str, object]:
    """The kind of an exception and the places that it came through, of our own files the innermost last."""
    frames = traceback.extract_tb(error.__traceback__)[-8:]
    return {"error": type(error).__name__, "where": [f"{Path(frame.filename).name}:{frame.lineno}" for frame in frames]}


def start_log(as_json: bool) -> None:
    """Let events go to standard error: all of them as JSON lines, or of the server's own the warnings, as text."""
    ours = logging.getLogger("explorer")
    for old in [handler for handler in ours.handlers if getattr(handler, "of_explorer", False)]:
        ours.removeHandler(old)
    handler = logging.StreamHandler(sys.stderr)
    handler.of_explorer = True  # type: ignore[attr-defined]
    handler.setFormatter(JsonLine() if as_json else _TextLine())
    ours.addHandler(handler)
    ours.setLevel(logging.INFO if as_json else logging.WARNING)
    ours.propagate = False
    if as_json:
        for name, logger in logging.root.manager.loggerDict.items():
            if isinstance(logger, logging.Logger) and name.split(".")[0] in _OTHERS:
                for known in logger.handlers:
                    known.setFormatter(JsonLine())


class _TextLine(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        said = ", ".join(f"{name} {value}" for name, value in getattr(record, "fields", {}).items())
        return f"{datetime.fromtimestamp(record.created):%Y-%m-%d %H:%M:%S} {record.getMessage().replace('_', ' ')}: {said}"


def log_page_error(error: Exception) -> None:
    """For Streamlit, which calls it when a page raises; the page shows its sentence all the same."""
    log_event("page_error", raised(error))


def log_event(name: str, fields: Mapping[str, object], warns: bool = False) -> None:
    """Note an event of the server."""
    _log.log(logging.WARNING if warns else logging.INFO, name, extra={"fields": fields})
