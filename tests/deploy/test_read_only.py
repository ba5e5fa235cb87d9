"""The app in the image's conditions: every file read-only but for a volume and a temporary folder, both empty."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.deploy.deployed import ROOT, image_environment

MEASURE = "-m blocks.latency measure squeezenet1_1 --input 1,3,33,33 --threads 1 --seconds 1"
# In a mount namespace of its own: what it remounts is so for its processes alone.
INSIDE = """
set -eu
mount -t tmpfs -o size=64m tmpfs {volume}
mount -t tmpfs -o size=64m tmpfs {scratch}
mount -o remount,bind,ro /
if touch {root}/written 2>{volume}/refused; then exit 90; fi
cd {root}
{python} {command}
{python} -c "from streamlit.testing.v1 import AppTest; at = AppTest.from_file('pages/explore.py', default_timeout=240).run(); assert not at.exception, at.exception"
find {volume} -type f
"""


def test_it_measures_and_shows_a_page_where_only_its_volume_can_be_written(tmp_path: Path) -> None:
    if os.geteuid() != 0 or shutil.which("unshare") is None:
        pytest.skip("only root may remount its file system read-only")
    volume, scratch = tmp_path / "volume", tmp_path / "scratch"
    for folder in (volume, scratch):
        folder.mkdir()
    variables = {name: value.replace("/data", str(volume)) for name, value in image_environment().items() if name != "PATH"}
    variables["TMPDIR"] = str(scratch)
    script = INSIDE.format(volume=volume, scratch=scratch, root=ROOT, python=sys.executable, command=MEASURE)
    done = subprocess.run(
        ["unshare", "--mount", "--propagation", "private", "sh", "-c", script],
        env={k: v for k, v in os.environ.items() if k != "EXPLORER_LEDGER_URL"} | variables, capture_output=True, text=True, timeout=600, check=False,
    )  # fmt: skip
    if "permission denied" in done.stderr and not done.stdout:
        pytest.skip(f"no right to remount here: {done.stderr.splitlines()[0]}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "ms" in done.stdout
    written = {Path(line).relative_to(volume).as_posix() for line in done.stdout.splitlines() if line.startswith(str(volume))}
    assert "share/architecture-explorer/ledger.sqlite" in written
    assert any(path.startswith("locks/") for path in written)
