"""A .pt2 file dropped onto the page opens as a network, for the session that dropped it."""

from __future__ import annotations

import base64
import io
import zipfile
from pathlib import Path

import pytest
import torch
from playwright.sync_api import Browser, FilePayload, Page, expect
from torch import nn

from tests.browser.harness import App, Complaints, exceptions, open_page, settled
from viz.kit.upload_limit import MOST_FILES

PATIENCE = 60_000
DROP = """([name, text]) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)), data = new DataTransfer();
  data.items.add(new File([bytes], name));
  for (const kind of ["dragover", "drop"]) document.querySelector("[data-testid=stMain]").dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
}"""


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exported") / "mine.pt2"
    torch.export.save(
        torch.export.export(nn.Sequential(nn.Conv2d(3, 8, 5), nn.ReLU(), nn.Flatten(), nn.Linear(504, 4)).eval(), (torch.zeros(1, 3, 11, 13),)), path
    )
    return path


def test_a_dropped_file_opens_and_is_the_sessions_own(app: App, browser: Browser, page: Page, complaints: Complaints, program: Path) -> None:
    open_page(page, f"{app.url}/explore?net=resnet18")
    expect(page.locator(".st-key-drop input[type=file]")).to_be_attached(timeout=PATIENCE)
    page.evaluate(DROP, [program.name, base64.b64encode(program.read_bytes()).decode()])
    page.wait_for_url("**net=dropped%3Amine-**", timeout=PATIENCE)
    headline = page.locator(".st-key-headline")
    expect(headline).to_contain_text("2.628 k", timeout=PATIENCE)
    expect(page.locator(".viewer .node").first).to_be_visible(timeout=PATIENCE)
    # A bad one leaves the last good picture, with a sentence.
    page.locator(".st-key-drop input[type=file]").set_input_files({"name": "bad.pt2", "mimeType": "application/octet-stream", "buffer": b"no archive"})
    expect(page.get_by_text("bad.pt2").first).to_be_visible(timeout=PATIENCE)
    expect(headline).to_contain_text("2.628 k")
    # Others do not see it in their lists.
    stranger = browser.new_context().new_page()
    open_page(stranger, f"{app.url}/explore?net=resnet18")
    stranger.get_by_role("combobox", name="Network or block").click()
    expect(stranger.get_by_role("option").first).to_be_visible(timeout=PATIENCE)
    assert not [text for text in stranger.get_by_role("option").all_text_contents() if "dropped" in text]
    stranger.context.close()
    settled(page)
    page.get_by_role("button", name="Close this file").click()
    page.wait_for_url("**net=resnet50**", timeout=PATIENCE)
    assert exceptions(page) == []
    assert complaints.found == []


def test_a_zip_bomb_and_a_file_too_many_are_sentences(app: App, page: Page, complaints: Complaints) -> None:
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("bomb/models/model.json", b"0" * 2**30)
    open_page(page, f"{app.url}/explore?net=resnet18")
    files = page.locator(".st-key-drop input[type=file]")
    files.set_input_files({"name": "bomb.pt2", "mimeType": "application/octet-stream", "buffer": bomb.getvalue()})
    expect(page.get_by_text("its graph takes 1024 MiB; at most 64 are read")).to_be_visible(timeout=PATIENCE)
    expect(files).to_have_count(1, timeout=PATIENCE)  # the run that says so also moves the field
    files.set_input_files([FilePayload(name=f"{i}.pt2", mimeType="application/octet-stream", buffer=b"no archive") for i in range(MOST_FILES)])
    expect(page.get_by_text(f"At most {MOST_FILES} files are opened in 10 minutes.")).to_be_visible(timeout=PATIENCE)
    expect(page.locator(".st-key-headline")).to_contain_text("11.69 M")
    assert exceptions(page) == []
    assert complaints.found == []
