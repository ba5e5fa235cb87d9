"""The disk of the ledger is full, or may only be read: a measurement is shown with a sentence, and written when there is room again.

Done for real: a small tmpfs of the test's own, in a mount namespace that ends with it.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from blocks.workers.process import PACKAGE_ROOT

BEGIN = """
import os, subprocess, sys
sys.path[:0] = [{root!r}]
from blocks.latency.store.ledger import LedgerError, ledger, record_result
from tests.latency.conftest import reported
folder = {folder!r}
mount = lambda *words: subprocess.run(["mount", *words], check=True)
mount("-t", "tmpfs", "-o", "size=1m", "tmpfs", folder)
"""
FULL = """
assert record_result("measure", "before", reported(), "") == ""
with open(folder + "/other", "wb", buffering=0) as other:
    try:
        while True:
            other.write(bytes(4096))
    except OSError:
        pass
big = reported() | {"samples": [0.1] * 40_000}
print(record_result("measure", "meanwhile", big, ""))
try:
    ledger().rows()
except LedgerError as error:
    print(error)
os.unlink(folder + "/other")
mount("-o", "remount,size=64m", folder)
print(record_result("measure", "after", reported(), "") or "written")
print(sorted(ledger().rows()["id"]))
"""
READ_ONLY = """
assert record_result("measure", "before", reported(), "") == ""
ledger().rows()
mount("-o", "remount,ro", folder)
print(record_result("measure", "meanwhile", reported(), ""))
mount("-o", "remount,rw", folder)
print(record_result("measure", "after", reported(), "") or "written")
print(sorted(ledger().rows()["id"]))
"""
READ_ONLY_FROM_THE_START = """
mount("-o", "remount,ro", folder)
print(record_result("measure", "meanwhile", reported(), ""))
mount("-o", "remount,rw", folder)
print(record_result("measure", "after", reported(), "") or "written")
print(sorted(ledger().rows()["id"]))
"""
# What a page says where the ledger stands.
PAGE = """
mount("-o", "remount,ro", folder)
os.chdir({root!r})
from streamlit.testing.v1 import AppTest
at = AppTest.from_file("pages/latency.py", default_timeout=240)
at.query_params["section"] = "ledger"
at.run()
print([e.value for e in at.error] + [e.message for e in at.exception])
"""


def said(folder: Path, script: str) -> list[str]:
    """What a script prints that has a file system of 1 MiB at ``folder``, with the ledger in it."""
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("only root may mount a file system of its own")
    whole = BEGIN.format(root=str(PACKAGE_ROOT), folder=str(folder)) + script
    done = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", sys.executable, "-c", whole],
        env=os.environ | {"EXPLORER_LEDGER_URL": f"sqlite:///{folder}/data/ledger.sqlite"}, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    if "permission denied" in done.stderr and not done.stdout:
        pytest.skip(f"no right to mount here: {done.stderr.splitlines()[0]}")
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_full_disk_is_said_and_what_was_measured_is_written_when_there_is_room(tmp_path: Path) -> None:
    sentence, reading, later, whole = said(tmp_path, FULL)
    assert reading == f"The ledger ({tmp_path}/data/ledger.sqlite) cannot grow: the disk is full."
    assert sentence == f"Measured, but not yet in the ledger. {reading}"
    assert (later, whole) == ("written", "['after', 'before', 'meanwhile']")


@pytest.mark.parametrize(("script", "wanted"), [(READ_ONLY, "['after', 'before', 'meanwhile']"), (READ_ONLY_FROM_THE_START, "['after', 'meanwhile']")])
def test_a_read_only_folder_is_said_and_what_was_measured_is_written_later(tmp_path: Path, script: str, wanted: str) -> None:
    sentence, later, whole = said(tmp_path, script)
    assert sentence == f"Measured, but not yet in the ledger. The ledger ({tmp_path}/data/ledger.sqlite) may only be read here."
    assert (later, whole) == ("written", wanted)


def test_the_page_says_that_its_ledger_cannot_be_made(tmp_path: Path) -> None:
    assert said(tmp_path, PAGE.format(root=str(PACKAGE_ROOT)))[-1] == f"['The ledger ({tmp_path}/data/ledger.sqlite) may only be read here.']"
