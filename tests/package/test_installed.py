"""The wheel, installed into an environment of its own, works from any folder: command, library and app."""

from __future__ import annotations

import os
import site
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.xdist_group("installed")


def run(*words: str | Path, cwd: Path) -> str:
    """What a command prints; it must succeed."""
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    done = subprocess.run([str(w) for w in words], cwd=cwd, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of a fresh environment that has the wheel; everything that it depends on is borrowed from this one."""
    folder = tmp_path_factory.mktemp("installed")
    run(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "-w", folder, ROOT, cwd=folder)
    run(sys.executable, "-m", "venv", "--without-pip", folder / "venv", cwd=folder)
    python = next(p for p in (folder / "venv" / "bin" / "python", folder / "venv" / "Scripts" / "python.exe") if p.exists())
    packages = Path(run(python, "-c", "import site; print(site.getsitepackages()[-1])", cwd=folder).strip())
    (packages / "borrowed.pth").write_text("\n".join(site.getsitepackages()))
    [wheel] = folder.glob("*.whl")
    run(sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", "--force-reinstall", wheel, cwd=folder)
    return python.parent


def test_the_command_counts(environment: Path, tmp_path: Path) -> None:
    assert "28,088,024" in run(environment / "architecture-explorer", "count", "resnet50", "--se-ratio", "16", cwd=tmp_path)


def test_everything_that_is_no_code_is_in_the_wheel(environment: Path, tmp_path: Path) -> None:
    script = "import pathlib, blocks; print(*(p.as_posix() for p in pathlib.Path(blocks.__file__).parents[1].rglob('*') if p.is_file()), sep='\\n')"
    inside = run(environment / "python", "-c", script, cwd=tmp_path).splitlines()
    tracked = run("git", "ls-files", "blocks", "viz", "pages", "app.py", ".streamlit", cwd=ROOT).splitlines()
    moved = ("pages/", "app.py", ".streamlit/")
    wanted = {f"/architecture_explorer/{f}" if f.startswith(moved) else f"/{f}" for f in tracked if (ROOT / f).exists()}
    assert {w for w in wanted if not any(p.endswith(w) for p in inside)} == set()


@pytest.fixture
def app(environment: Path, tmp_path: Path) -> Iterator[str]:
    """The address of the app, started by the command from an empty folder."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    log = (tmp_path / "log").open("w")
    words = [environment / "architecture-explorer", "--server.port", str(port), "--server.headless", "true", "--server.address", "127.0.0.1"]
    process = subprocess.Popen(words, cwd=tmp_path, stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(30)
        log.close()


def test_the_app_answers(app: str) -> None:
    deadline = time.monotonic() + 240
    while True:
        try:
            with urllib.request.urlopen(f"{app}/explore", timeout=5) as answer:
                assert b"<title>" in answer.read()
                return
        except OSError:  # refused, reset, or no answer in five seconds
            assert time.monotonic() < deadline, "the app does not answer"
            time.sleep(0.3)


def test_library_and_pages_are_the_installed_ones(environment: Path, tmp_path: Path) -> None:
    script = """
import blocks
from streamlit.testing.v1 import AppTest
from viz.kit.home import APP_FOLDER
for page in ("explore", "lectures"):
    at = AppTest.from_file(str(APP_FOLDER / "pages" / f"{page}.py"), default_timeout=240).run()
    assert not at.exception, at.exception
    assert not at.error, at.error
print(blocks.__file__, APP_FOLDER)
"""
    library, pages = run(environment / "python", "-c", script, cwd=tmp_path).split()
    assert Path(library).is_relative_to(environment.parent)
    assert Path(pages) == Path(library).parents[1] / "architecture_explorer"
