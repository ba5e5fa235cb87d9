"""Events as JSON lines, without what anybody typed."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest

from blocks.workers.job import Job
from blocks.workers.pool import Pool
from viz.server.log import JsonLine, log_page_error, start_log

SECRET = "correct horse"


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    ours = logging.getLogger("explorer")
    before = (ours.handlers[:], ours.level, ours.propagate)
    yield
    ours.handlers, ours.level, ours.propagate = before


def lines(text: str) -> list[dict[str, object]]:
    return [json.loads(line) for line in text.splitlines()]


def test_an_event_is_one_line_with_its_fields(capsys: pytest.CaptureFixture[str]) -> None:
    start_log(as_json=True)
    logging.getLogger("explorer.server").info("start", extra={"fields": {"version": "1", "note": "two\nlines, 网"}})
    [line] = lines(capsys.readouterr().err)
    assert line.pop("time")
    assert line == {"level": "info", "event": "start", "version": "1", "note": "two\nlines, 网"}


def test_a_page_error_says_where_and_not_what(capsys: pytest.CaptureFixture[str]) -> None:
    start_log(as_json=True)
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        log_page_error(error)
    said = capsys.readouterr().err
    [line] = lines(said)
    assert (line["event"], line["error"]) == ("page_error", "ValueError")
    assert str(line["where"]).startswith("['test_log.py:")
    assert SECRET not in said


def test_a_traceback_of_others_is_one_line_without_its_words() -> None:
    try:
        raise ValueError(SECRET)
    except ValueError as error:
        record = logging.LogRecord("streamlit", logging.ERROR, __file__, 1, "Uncaught", (), (ValueError, error, error.__traceback__))
    said = JsonLine().format(record)
    assert json.loads(said)["event"] == "log"
    assert SECRET not in said


def test_a_failed_job_and_a_crash_are_events(capsys: pytest.CaptureFixture[str]) -> None:
    start_log(as_json=True)
    pool = Pool("tests.workers.echo:Echo", title="echoing process")
    job = Job("log 1", "die", {"code": 3}, "a tab")
    pool.submit(job)
    try:
        assert job.finished.wait(120)
    finally:
        pool.stop()
    found = lines(capsys.readouterr().err)
    assert [line["event"] for line in found] == ["worker_crash", "job_failed"]
    assert all((line["job"], line["kind"]) == ("log 1", "die") for line in found)


def test_as_text_only_warnings_are_said(capsys: pytest.CaptureFixture[str]) -> None:
    start_log(as_json=True)
    start_log(as_json=False)
    log = logging.getLogger("explorer.server")
    log.info("start", extra={"fields": {}})
    log.warning("refused_sign_in", extra={"fields": {"client": "192.0.2.1"}})
    [line] = capsys.readouterr().err.splitlines()
    assert line.endswith("refused sign in: client 192.0.2.1")
