"""Two replicas of the app on loopback addresses, and a real Caddy in front of them with the file that deploy/ ships.

As under Compose, the proxy finds the replicas by asking for the addresses of one name; here a name server of a few lines answers.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import shutil
import socket
import subprocess
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.browser.harness import ROOT, STARTS_WITHIN, App, end, free_port, serve

NO_PROXY = "no Caddy on this machine (scripts/proxy.sh fetches one)"
HOSTS = ("127.0.0.2", "127.0.0.3")
SECRET = "of this test"
COOKIE = "explorer_replica"


def caddy() -> str | None:
    """The proxy's program: the system's, or what scripts/proxy.sh fetched; None where there is none."""
    return shutil.which("caddy") or shutil.which(ROOT / "build" / "caddy" / "usr" / "bin" / "caddy")


@dataclass(frozen=True)
class Replicas:
    """The proxy's address, and the apps behind it by the value of the cookie that leads to each."""

    url: str
    apps: dict[str, App]


@contextmanager
def replicated(home: Path) -> Iterator[Replicas]:
    """Two replicas with one user's folder, as on a shared volume, behind the proxy; all are ended by their ids on leaving."""
    port = free_port()
    with ExitStack() as stack:
        apps = {_cookie_of(f"{host}:{port}"): stack.enter_context(serve(home, host=host, port=port)) for host in HOSTS}
        resolver = stack.enter_context(name_server(HOSTS))
        yield Replicas(stack.enter_context(_proxy(home, port, resolver)), apps)


def _cookie_of(address: str) -> str:
    """What Caddy calls a replica in its cookie."""
    return hmac.new(SECRET.encode(), address.encode(), hashlib.sha256).hexdigest()


@contextmanager
def _proxy(home: Path, replica_port: int, resolver: str) -> Iterator[str]:
    program = caddy()
    if program is None:
        raise FileNotFoundError(NO_PROXY)
    url = f"http://127.0.0.1:{(port := free_port())}"
    settings = {
        "EXPLORER_SITE": f":{port}", "EXPLORER_BIND": "127.0.0.1", "EXPLORER_REPLICAS": "app.", "EXPLORER_REPLICA_PORT": str(replica_port),
        "EXPLORER_RESOLVERS": f"resolvers udp/{resolver}", "EXPLORER_COOKIE_SECRET": f'"{SECRET}"', "XDG_DATA_HOME": str(home), "XDG_CONFIG_HOME": str(home),
    }  # fmt: skip
    log = home / "proxy.log"
    with log.open("wb") as out:
        command = [program, "run", "--adapter", "caddyfile", "--config", str(ROOT / "deploy" / "Caddyfile")]
        process = subprocess.Popen(command, env=os.environ | settings, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        _answers(f"{url}/_stcore/health", process, log)
        yield url
    finally:
        end(process)


def _answers(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + STARTS_WITHIN
    while process.poll() is None and time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=15):
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    raise RuntimeError(f"the proxy does not answer:\n{log.read_text(errors='replace')[-2000:]}")


@contextmanager
def name_server(addresses: tuple[str, ...]) -> Iterator[str]:
    """A name server on a free loopback port, which has these addresses for every name."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as line:
        line.bind(("127.0.0.1", 0))
        line.settimeout(0.2)
        over = threading.Event()
        thread = threading.Thread(target=_answer_names, args=(line, addresses, over))
        thread.start()
        try:
            yield "{}:{}".format(*line.getsockname())
        finally:
            over.set()
            thread.join()


def _answer_names(line: socket.socket, addresses: tuple[str, ...], over: threading.Event) -> None:
    while not over.is_set():
        try:
            query, asker = line.recvfrom(4096)
        except TimeoutError:
            continue
        line.sendto(dns_reply(query, addresses), asker)


def dns_reply(query: bytes, addresses: tuple[str, ...]) -> bytes:
    """The answer to a DNS query (RFC 1035): these IPv4 addresses, or nothing where another kind of record was asked for."""
    question = query[12 : query.index(b"\0", 12) + 5]
    wanted = addresses if question[-4:-2] == b"\0\1" else ()
    records = b"".join(b"\xc0\x0c\0\1\0\1\0\0\0\1\0\4" + socket.inet_aton(address) for address in wanted)
    return query[:2] + b"\x81\x80\0\1" + len(wanted).to_bytes(2, "big") + b"\0\0\0\0" + question + records
