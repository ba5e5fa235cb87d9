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

import psutil

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


class PostgresServer:
    """A server that can be killed and started again."""

    def __init__(self, folder: Path, home: Path) -> None:
        self._control = str(folder / "pg_ctl")
        self.home, self.data = home, home / "data"
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.url = f"postgresql+psycopg://explorer@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = f"-p {self.port} -k {self.home} -c listen_addresses=127.0.0.1 -c fsync=off -c shared_buffers=16MB"
        _run([self._control, "-D", str(self.data), "-o", options, "-l", str(self.home / "log"), "-w", "start"])

    def stop(self) -> None:
        """End it at once, and wait until it has."""
        _run([self._control, "-D", str(self.data), "-m", "immediate", "stop"])

    def kill(self) -> None:
        """``kill -9`` of the server's first process; the others notice, and end. Its lock goes as with a machine that restarts."""
        file = self.data / "postmaster.pid"
        first = psutil.Process(int(file.read_text().splitlines()[0]))
        others = first.children()
        first.kill()
        psutil.wait_procs(others, 60)
        file.unlink()


@contextmanager
def killable() -> Iterator[PostgresServer]:
    """A running server with an empty database."""
    folder = binaries()
    if folder is None:
        raise FileNotFoundError(NO_SERVER)
    home = Path(tempfile.mkdtemp(prefix="ledger-postgres-"))
    if os.geteuid() == 0:
        shutil.chown(home, USER)
    made = PostgresServer(folder, home)
    try:
        _run([str(folder / "initdb"), "-D", str(made.data), "-A", "trust", "-U", "explorer", "-E", "UTF8", "--no-sync"])
        made.start()
        try:
            yield made
        finally:
            if (made.data / "postmaster.pid").exists():
                made.stop()
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def server() -> Iterator[str]:
    """The URL of a running, empty database."""
    with killable() as running:
        yield running.url
