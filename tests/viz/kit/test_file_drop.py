"""What an uploaded file leaves in the session."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
import torch
from streamlit.testing.v1 import AppTest

from blocks.catalog import dropped


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(dropped.platformdirs, "user_cache_path", lambda *_, **__: tmp_path)
    return tmp_path / "dropped"


@pytest.fixture(scope="module")
def program() -> bytes:
    file = io.BytesIO()
    torch.export.save(torch.export.export(torch.nn.Conv2d(3, 5, 1).eval(), (torch.zeros(1, 3, 4, 6),)), file)
    return file.getvalue()


def page() -> None:
    import streamlit as st

    from viz.kit.file_drop import close_dropped, dropped_networks, file_drop

    file_drop(lambda address: st.session_state.update(shown=address))
    for address in dropped_networks():
        st.button(address, on_click=close_dropped, args=(address,))


def listed(app: AppTest) -> list[str]:
    return [button.label for button in app.button]


def test_files_are_listed_until_they_are_closed_the_last_one_first(program: bytes) -> None:
    app = AppTest.from_function(page).run()
    app.file_uploader[0].set_value([("one.pt2", program, "application/octet-stream"), ("two.pt2", program, "application/octet-stream")]).run()
    assert not app.exception
    assert [address.rsplit("-", 1)[0] for address in listed(app)] == ["dropped:two", "dropped:one"]
    assert app.session_state["shown"] == listed(app)[0]
    assert not app.file_uploader[0].value
    app.button[0].click().run()
    assert [address.rsplit("-", 1)[0] for address in listed(app)] == ["dropped:one"]


def test_a_file_that_is_gone_is_not_listed(program: bytes, folder: Path) -> None:
    app = AppTest.from_function(page).run()
    app.file_uploader[0].set_value([("one.pt2", program, "application/octet-stream")]).run()
    for kept in folder.iterdir():
        kept.unlink()
    assert listed(app.run()) == []


def test_what_cannot_be_opened_is_said_once_and_the_others_open(program: bytes) -> None:
    app = AppTest.from_function(page).run()
    app.file_uploader[0].set_value([("bad.pt2", b"no archive", "application/octet-stream"), ("good.pt2", program, "application/octet-stream")]).run()
    assert [error.value for error in app.error] == [app.error[0].value]
    assert "bad.pt2" in app.error[0].value
    assert [address.rsplit("-", 1)[0] for address in listed(app)] == ["dropped:good"]
    assert not app.run().error
