"""An audit fails for a known vulnerability, and for a list that does not answer."""

from __future__ import annotations

from scripts.audit import audited

CLEAN = {"name": "a", "version": "1", "vulns": []}
BAD = {"name": "b", "version": "2", "vulns": [{"id": "X-1", "fix_versions": ["3"]}, {"id": "X-2", "fix_versions": []}]}
SKIPPED = {"name": "c", "skip_reason": "not found"}


def test_a_clean_list_passes() -> None:
    assert audited({"dependencies": [CLEAN] * 9 + [SKIPPED]}) == (["9 of 10 packages looked up, 0 known vulnerabilities."], True)


def test_each_vulnerability_is_named() -> None:
    lines, well = audited({"dependencies": [CLEAN, BAD]})
    assert not well
    assert lines[:2] == ["b 2: X-1, mended in 3", "b 2: X-2, mended in no version yet"]


def test_a_list_that_does_not_answer_is_not_a_clean_one() -> None:
    lines, well = audited({"dependencies": [CLEAN, SKIPPED]})
    assert not well
    assert lines[-1].startswith("Too few")
