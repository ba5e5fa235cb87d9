"""One measurement per device on the whole machine, held against another process."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock, Timeout

from blocks.latency.measure.device_lock import LOCK_FOLDER_VARIABLE, hold_device, lock_path
from blocks.workers.control import Cancelled, JobControl
from blocks.workers.process import PACKAGE_ROOT

DEVICE = "cpu:of-this-test"
HOLDER = f"""
import sys
sys.path.insert(0, {str(PACKAGE_ROOT)!r})
from blocks.latency.measure.device_lock import hold_device
from blocks.workers.control import JobControl
with hold_device({DEVICE!r}, JobControl(lambda _: None, lambda: False)):
    print("held", flush=True)
    sys.stdin.readline()
"""


def test_a_held_device_is_waited_for_and_freed_by_a_death() -> None:
    holder = subprocess.Popen([sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout is not None
    assert holder.stdout.readline() == b"held\n"
    seen: list[dict[str, Any]] = []
    with pytest.raises(Cancelled), hold_device(DEVICE, JobControl(seen.append, lambda: bool(seen))):
        pytest.fail("two programs held one device")
    assert (seen[0]["phase"], seen[0]["message"]) == ("waiting", f"Another program of this kind measures on {DEVICE}; waiting until it is free.")
    holder.kill()
    holder.wait()
    with hold_device(DEVICE, JobControl(seen.append, lambda: False)):
        assert lock_path(DEVICE).exists()
    assert len(seen) == 1


def test_devices_have_locks_of_their_own() -> None:
    assert lock_path("cuda:0") != lock_path("cuda:1")
    assert ":" not in lock_path("cuda:0").name


def test_containers_share_the_folder_that_they_are_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv(LOCK_FOLDER_VARIABLE, str(tmp_path / "locks"))
    with hold_device(DEVICE, JobControl(lambda _: None, lambda: False)):
        assert lock_path(DEVICE).parent == tmp_path / "locks"
        with pytest.raises(Timeout):
            FileLock(lock_path(DEVICE)).acquire(blocking=False)


def test_messages_call_a_device_what_this_process_calls_it() -> None:
    seen: list[dict[str, Any]] = []
    control = JobControl(seen.append, lambda: bool(seen))
    with FileLock(lock_path("cuda-of-this-test")), pytest.raises(Cancelled), hold_device("cuda-of-this-test", control, "cuda:1"):
        pytest.fail("the device was held")
    assert "measures on cuda:1;" in seen[0]["message"]
