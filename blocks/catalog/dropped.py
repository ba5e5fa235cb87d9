"""Exported programs that users drop onto a page, under addresses such as ``dropped:resnet18-1f3a9c0d5e``.

The address ends with a digest of the file: nobody can guess the address of another user's file, and the same file has the same address again, also
in another app. Only the graph is kept (JSON, a few MiB at most), in the user's cache folder, where measuring processes find it too; weights are neither read nor
kept. Of more than :data:`KEPT` files the ones that were opened longest ago go.
"""

from __future__ import annotations

import hashlib
import io
import re
import tempfile
import zipfile
from pathlib import Path

import platformdirs

from blocks.catalog.exported_program import graph_member, read_graph, read_program
from blocks.knobs import KnobError

#: Bytes of a file, weights included, and how many files are kept.
MOST_BYTES, KEPT = 200 * 2**20, 200
MOST_MEMBERS = 20_000  # of an archive: a file a weight
_ADDRESS = re.compile(r"dropped:([\w-]{1,40}-[0-9a-f]{10})")


def drop(name: str, content: bytes) -> str:
    """Keep the graph of the exported program ``content``; returns its address. ``name`` is the file's name.

    Raises :class:`KnobError` with the reason where it is no exported program, too large, or uses what is not torch's own.
    """
    name = re.sub(r"[^\w .()+-]+", "_", Path(name).name)[-60:].lstrip(".") or "network.pt2"
    if len(content) > MOST_BYTES:
        raise KnobError("file", name, f"has {len(content) / 2**20:.0f} MiB; at most {MOST_BYTES // 2**20} are taken")
    if (members := content.count(b"PK\x01\x02")) > MOST_MEMBERS:
        raise KnobError("file", name, f"has {members} files inside; at most {MOST_MEMBERS} are looked at")
    stem = re.sub(r"[^\w-]+", "_", Path(name).stem)[:40] or "network"
    key = f"{stem}-{hashlib.sha256(content).hexdigest()[:10]}"
    with tempfile.TemporaryDirectory() as folder:
        whole = Path(folder) / name
        whole.write_bytes(content)
        read_program(whole)
    kept = _folder() / f"{key}.pt2"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_bytes(_graph_alone(content))
    for old in sorted(kept.parent.glob("*.pt2"), key=lambda path: path.stat().st_mtime, reverse=True)[KEPT:]:
        old.unlink(missing_ok=True)
    return f"dropped:{key}"


def is_kept(address: str) -> bool:
    """Whether there is a file of this address."""
    return _path(address).is_file()


def dropped_path(address: str) -> Path:
    """Where the file of an address is kept. Raises :class:`KnobError` where there is none: it was dropped onto another app, or long ago."""
    path = _path(address)
    if not path.is_file():
        raise KnobError("name", address, "is a file that was dropped onto another app, or long ago: drop it onto this page to open it")
    path.touch()
    return path


def _path(address: str) -> Path:
    known = _ADDRESS.fullmatch(address)
    return _folder() / (f"{known[1]}.pt2" if known else "unknown")


def _folder() -> Path:
    return platformdirs.user_cache_path("architecture-explorer", appauthor=False) / "dropped"


def _graph_alone(content: bytes) -> bytes:
    """The archive without everything that is not read."""
    slim = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as archive, zipfile.ZipFile(slim, "w", zipfile.ZIP_DEFLATED) as made:
        member = graph_member(archive, Path("file.pt2"))
        made.writestr(member.filename, read_graph(archive, Path("file.pt2")))
    return slim.getvalue()
