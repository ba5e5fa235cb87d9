"""A full search for garbage waits for a quiet moment, but not for ever."""

from __future__ import annotations

import subprocess
import sys

import pytest

from viz.kit.garbage import DUE, LONGEST, QUIET_FOR, is_due


@pytest.mark.parametrize(("searches", "quiet", "waited", "due"), [
    (DUE, QUIET_FOR + 1, 0.0, True),
    (DUE, QUIET_FOR - 1, LONGEST - 1, False),
    (DUE, QUIET_FOR - 1, LONGEST + 1, True),
    (DUE - 1, QUIET_FOR + 1, LONGEST + 1, False),
])  # fmt: skip
def test_when_it_is_due(searches: int, quiet: float, waited: float, due: bool) -> None:
    assert is_due(searches, quiet, waited) is due


def test_python_searches_nothing_whole_by_itself() -> None:
    """In a process of its own: the setting is the whole process's."""
    code = """
import gc
from viz.kit import garbage
garbage.DUE = 10**9  # for this process no moment is quiet enough
garbage.search_when_idle()
full = gc.get_stats()[2]["collections"]
kept = [[[]] for _ in range(3_000_000)]
assert gc.get_stats()[1]["collections"] > 0
assert gc.get_stats()[2]["collections"] == full, gc.get_stats()
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=120)
