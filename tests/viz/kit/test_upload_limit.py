"""How many files a session may hand over."""

from __future__ import annotations

import pytest
import streamlit as st

from viz.kit.upload_limit import MINUTES, MOST_FILES, upload_refused


def test_a_file_too_many_is_a_sentence_until_time_has_passed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(st, "session_state", {})
    assert {upload_refused(lambda: 0.0) for _ in range(MOST_FILES)} == {""}
    assert upload_refused(lambda: 60.0) == f"At most {MOST_FILES} files are opened in {MINUTES} minutes. Try again later."
    assert upload_refused(lambda: 60.0 * MINUTES) == ""
