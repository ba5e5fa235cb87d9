"""Networks that the command line names: looked at, turned, measured; hostile ones harm nobody."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from playwright.sync_api import BrowserContext, Dialog, Page, expect
from torch import nn

from tests.browser.harness import PATIENCE, ROOT, App, Complaints, exceptions, open_page, serve, settled
from tests.browser.test_graph import answered, node, opened, saved

OWN = '''
import torch
from torch import nn


class Own(nn.Module):
    """A network of one's own, whose constructor needs the values of a tensor."""

    input_shape = (1, 3, 32, 40)

    def __init__(self, width=8, depth=3):
        super().__init__()
        self.rates = [rate.item() for rate in torch.linspace(0, 1, depth)]
        self.stem = nn.Conv2d(3, width, 3, padding=1)
        self.body = nn.Sequential(*(nn.Sequential(nn.Conv2d(width, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU()) for _ in range(depth)))
        self.head = nn.Linear(width, 5)

    def forward(self, x):
        return self.head(self.body(self.stem(x)).mean((2, 3)))


EVIL = '</script><img src=x onerror="alert(1)">"];%%{init}%% ```\\\\N{'


def hostile(base):
    return type(EVIL, (base,), {"forward": base.forward})


class Hostile(nn.Module):
    def __init__(self):
        super().__init__()
        self.add_module(EVIL, hostile(nn.Sequential)(hostile(nn.Conv2d)(3, 7, 3), hostile(nn.BatchNorm2d)(7), hostile(nn.ReLU)()))
        self.add_module('"]; evil [label=<<b>x</b>>]; "', nn.Conv2d(7, 2, 1))

    def forward(self, x):
        for part in self.children():
            x = part(x)
        return x


class HalfWay(Own):
    def forward(self, x):
        return self.head(self.body(self.stem(x)))
'''


class Exported(nn.Module):
    """What is exported."""

    def __init__(self) -> None:
        super().__init__()
        self.stem, self.head = nn.Conv2d(3, 6, 3, 2), nn.Linear(6, 4)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """One pass."""
        return self.head(self.stem(x).relu().mean((2, 3)))


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[App]:
    """The explorer, started with files of one's own."""
    folder = tmp_path_factory.mktemp("own")
    (folder / "own.py").write_text(OWN)
    torch.export.save(torch.export.export(Exported().eval(), (torch.zeros(1, 3, 20, 24),)), folder / "exported.pt2")
    names = [f"{folder / 'own.py'}:{name}" for name in ("Own", "Hostile", "HalfWay")]
    with serve(folder / "home", ROOT / "app.py", *names, str(folder / "exported.pt2")) as running:
        yield running


def measured(page: Page) -> None:
    page.locator(".st-key-measure label").first.click()
    expect(page.locator(".st-key-latency-time")).to_contain_text(re.compile(r"n = \d+"))


def test_a_class_is_turned_and_measured_and_its_measured_times_colour_it(own: App, page: Page, complaints: Complaints) -> None:
    open_page(page, f"{own.url}/explore?net=file:Own&depth=2")  # the very first address that this server is asked for
    viewer = page.locator(".viewer").first
    expect(viewer).to_have_attribute("data-ready", re.compile(r"\d+"), timeout=PATIENCE)
    expect(page.locator(".st-key-headline")).to_contain_text("1.469 k")  # 224 + 2·(584 + 16) + 45
    expect(page.locator(".st-key-formulas")).to_contain_text("as a function of its input")
    measured(page)
    viewer.locator("select.overlay").select_option("time")
    expect(viewer.locator(".legend")).to_contain_text("Time, estimated")
    fill = "n => getComputedStyle(n.querySelector('.body')).fill"
    before = [n.evaluate(fill) for n in viewer.locator(".node").all()]
    scale = viewer.locator(".legend").inner_text()
    page.locator(".st-key-graph_times").click()
    page.get_by_role("option", name="this device, measured").click()
    settled(page)
    page.locator(".st-key-graph_times_start button").click()
    expect(viewer.locator(".legend")).to_contain_text("Time, measured")
    settled(page)
    assert viewer.locator(".legend").inner_text() != scale
    assert [n.evaluate(fill) for n in viewer.locator(".node").all()] != before
    answered(viewer, lambda: node(viewer, "stem").locator(".body").click(position={"x": 8, "y": 8}))
    expect(viewer.locator(".card")).to_contain_text("Time, measured")
    assert exceptions(page) == []
    assert complaints.found == []


def test_an_exported_program_is_measured(own: App, page: Page, complaints: Complaints) -> None:
    viewer = opened(page, own, "net=file:exported")
    assert "Conv 3×3 /2" in viewer.locator(".node .title").all_text_contents()
    measured(page)
    assert exceptions(page) == []
    assert complaints.found == []


def test_hostile_names_are_text_everywhere(own: App, page: Page, context: BrowserContext, tmp_path: Path, complaints: Complaints) -> None:
    said: list[str] = []

    def heard(dialog: Dialog) -> None:
        said.append(dialog.message)
        dialog.dismiss()

    page.on("dialog", heard)
    viewer = opened(page, own, "net=file:Hostile")
    answered(viewer, viewer.locator("[data-level=operation]").click)
    assert viewer.locator("img, script, b:not(.legend b, .field b, .found b)").count() == 0
    answered(viewer, lambda: viewer.locator(".node .body").nth(1).click(position={"x": 8, "y": 8}))
    expect(viewer.locator(".card .path")).to_contain_text("<img src=x")
    files = {format: saved(page, viewer, format, tmp_path) for format in ("svg", "html", "json", "mermaid", "dot", "pdf")}
    svg = ET.parse(files["svg"]).getroot()
    assert {e.tag.rpartition("}")[2] for e in svg.iter()} <= {"svg", "g", "path", "text", "rect", "style", "title", "metadata", "desc"}
    assert json.loads(files["json"].read_text())["calls"]
    alone = complaints.watch(context.new_page())
    alone.on("dialog", heard)
    alone.goto(files["html"].as_uri())
    expect(alone.locator(".node").first).to_be_attached()
    assert alone.locator("img").count() == 0
    for view in ("Layers", "Stages", "Memory", "Code", "Export"):
        page.locator(".st-key-view").get_by_text(view, exact=True).click()
        settled(page)
        assert exceptions(page) == []
    assert said == []
    assert complaints.found == []


def test_a_forward_that_fails_half_way_is_shown_as_far_as_it_came(own: App, page: Page) -> None:
    open_page(page, f"{own.url}/explore?net=file:HalfWay")
    expect(page.locator("[data-testid=stAlert]").first).to_contain_text("head: the linear layer expects 8 features")
    page.get_by_text("How far the trace got").click()
    viewer = page.locator(".viewer").first
    expect(viewer.locator(".node.failed")).to_have_count(1, timeout=PATIENCE)
    expect(viewer.locator(".legend")).to_contain_text("fails here")
    assert exceptions(page) == []
