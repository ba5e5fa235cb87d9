"""Exported programs that users hand over: kept as data, found by their address alone."""

from __future__ import annotations

import io
import os
import zipfile
from pathlib import Path

import pytest
import torch
from torch import nn

from blocks import analyse, catalog
from blocks.catalog import dropped
from blocks.catalog.dropped import drop, dropped_path, is_kept
from blocks.knobs import KnobError


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(dropped.platformdirs, "user_cache_path", lambda *_, **__: tmp_path)
    return tmp_path / "dropped"


def exported(net: nn.Module, *shape: int) -> bytes:
    file = io.BytesIO()
    torch.export.save(torch.export.export(net.eval(), (torch.zeros(shape),)), file)
    return file.getvalue()


@pytest.fixture(scope="module")
def program() -> bytes:
    return exported(nn.Sequential(nn.Conv2d(3, 8, 5), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 7 * 9, 4)), 2, 3, 11, 13)


def test_what_was_dropped_is_a_network_like_any_other(program: bytes) -> None:
    address = drop("my net.pt2", program)
    assert address.startswith("dropped:my_net-")
    analysis = analyse(address)
    assert analysis.input_shape == (2, 3, 11, 13)
    assert analysis.macs == 2 * (3 * 25 * 8 * 63 + 8 * 63 * 4)
    assert not catalog.knobs(address)


def test_the_graph_alone_is_kept(program: bytes, folder: Path) -> None:
    kept = dropped_path(drop("net.pt2", program))
    assert kept.parent == folder
    with zipfile.ZipFile(kept) as archive:
        assert [Path(name).suffix for name in archive.namelist()] == [".json"]


def test_the_address_is_the_contents(program: bytes) -> None:
    other = exported(nn.Conv2d(3, 5, 1), 1, 3, 4, 6)
    assert drop("net.pt2", program) == drop("net.pt2", program) != drop("net.pt2", other)


def test_an_unknown_address_says_what_to_do() -> None:
    assert not is_kept("dropped:net-0123456789")
    for address in ("dropped:net-0123456789", "dropped:../../etc/passwd", "dropped:"):
        with pytest.raises(KnobError, match="drop it onto this page"):
            catalog.entry(address)


def test_a_name_leads_nowhere_else(program: bytes, folder: Path) -> None:
    assert dropped_path(drop("../../../evil.pt2", program)).parent == folder
    assert dropped_path(drop("网络 .pt2", program)).parent == folder


def test_what_is_no_program_is_refused_and_not_kept(program: bytes, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    two = io.BytesIO()
    with zipfile.ZipFile(two, "w") as archive:
        archive.writestr("a/models/a.json", "{}")
        archive.writestr("a/models/b.json", "{}")
    strange = io.BytesIO()
    with zipfile.ZipFile(strange, "w") as archive:
        archive.writestr("a/models/a.json", '{"graph_module": []}')
    for content, said in (
        (b"no archive", "cannot be opened"),
        (program[:-200], "0 models|cannot be opened"),
        (two.getvalue(), "2 models"),
        (strange.getvalue(), "laid out"),
    ):
        with pytest.raises(KnobError, match=said):
            drop("bad.pt2", content)
    monkeypatch.setattr(dropped, "MOST_BYTES", len(program) - 1)
    with pytest.raises(KnobError, match="at most"):
        drop("large.pt2", program)
    assert not list(folder.glob("*"))


def test_the_ones_opened_longest_ago_go(program: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dropped, "KEPT", 2)
    first, second = drop("first.pt2", program), drop("second.pt2", program)
    os.utime(dropped_path(first), (300, 300))
    os.utime(dropped_path(second), (200, 200))
    third = drop("third.pt2", program)
    assert [is_kept(address) for address in (first, second, third)] == [True, False, True]


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd.pt2", "a\x00b.pt2", "x" * 5000 + ".pt2", "<script>alert(1)</script>.pt2", "网络.pt2", "", ".", "..", "con\n.pt2"]
)
def test_any_name_is_a_plain_one(program: bytes, name: str, folder: Path) -> None:
    address = drop(name, program)
    assert dropped_path(address).parent == folder
    assert not set(address) & set("<>/\\\n\x00")
    with pytest.raises(KnobError) as refused:
        drop(name, b"no archive")
    assert not set(str(refused.value)) & set("<>/\n\x00")


def test_an_archive_of_too_many_files_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for i in range(12):
            archive.writestr(str(i), b"")
    monkeypatch.setattr(dropped, "MOST_MEMBERS", 10)
    with pytest.raises(KnobError, match="has 12 files inside; at most 10 are looked at"):
        drop("many.pt2", file.getvalue())
