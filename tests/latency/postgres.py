"""A PostgreSQL server for a test session: its own folder, a free port, gone afterwards."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

NO_SERVER = "no PostgreSQL server on this machine (scripts/postgres.sh installs one)"
USER = "postgres"  # a server refuses to run as root


def binaries() -> Path | None:
    """The folder of initdb and pg_ctl; None where there is no server."""
    found = [Path(p) for p in [shutil.which("initdb")] if p] or sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return found[-1].resolve().parent if found else None


def _as_user(command: list[str]) -> list[str]:
    return ["runuser", "-u", USER, "--", *command] if os.geteuid() == 0 else command


def _run(command: list[str]) -> None:
    done = subprocess.run(_as_user(command), capture_output=True, text=True, cwd="/", timeout=600, check=False)
    if done.returncode:
        raise RuntimeError(f"{command[0]}: {done.stdout}{done.stderr}")


@contextmanager
def server() -> Iterator[str]:
    """The URL of a running, empty database."""
    folder = binaries()
    if folder is None:
        raise FileNotFoundError(NO_SERVER)
    home = Path(tempfile.mkdtemp(prefix="ledger-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(home, USER)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    data = str(home / "data")
    try:
        _run([str(folder / "initdb"), "-D", data, "-A", "trust", "-U", "explorer", "-E", "UTF8", "--no-sync"])
        options = f"-p {port} -k {home} -c listen_addresses=127.0.0.1 -c fsync=off -c shared_buffers=16MB"
        _run([str(folder / "pg_ctl"), "-D", data, "-o", options, "-l", str(home / "log"), "-w", "start"])
        try:
            yield f"postgresql+psycopg://explorer@127.0.0.1:{port}/postgres"
        finally:
            _run([str(folder / "pg_ctl"), "-D", data, "-m", "immediate", "stop"])
    finally:
        shutil.rmtree(home, ignore_errors=True)
