"""Limits that a process sets on itself, tried in a process of its own."""

from __future__ import annotations

import subprocess
import sys
import time

import psutil
import pytest

from blocks.workers.limits import die_with_parent, limit_memory
from blocks.workers.process import PACKAGE_ROOT

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="Linux frees and limits memory so")

MEMORY = f"""
import sys
sys.path.insert(0, {str(PACKAGE_ROOT)!r})
from {limit_memory.__module__} import limit_memory
limit_memory(64 * 2**20)
try:
    bytearray(256 * 2**20)
except MemoryError:
    print("refused")
limit_memory(None)
print(len(bytearray(256 * 2**20)))
"""

PARENT = f"""
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", '''
import sys, time
sys.path.insert(0, {str(PACKAGE_ROOT)!r})
from {die_with_parent.__module__} import die_with_parent
die_with_parent()
print("ready", flush=True)
time.sleep(600)
'''], stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(600)
"""


@LINUX
def test_memory_beyond_the_limit_is_refused_until_it_is_lifted() -> None:
    said = subprocess.run([sys.executable, "-c", MEMORY], capture_output=True, text=True, check=True, timeout=600).stdout.split()
    assert said == ["refused", str(256 * 2**20)]


@LINUX
def test_a_process_dies_with_its_parent() -> None:
    parent = subprocess.Popen([sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    child = psutil.Process(int(parent.stdout.readline()))
    parent.kill()
    parent.wait()
    end = time.monotonic() + 60
    while child.is_running() and child.status() != psutil.STATUS_ZOMBIE and time.monotonic() < end:
        time.sleep(0.02)
    assert not child.is_running() or child.status() == psutil.STATUS_ZOMBIE
