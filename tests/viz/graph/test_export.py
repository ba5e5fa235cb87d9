"""Downloads of the graph: every format can be read again, and no name of a module becomes markup or syntax."""

from __future__ import annotations

import base64
import json
import re
import xml.etree.ElementTree as ET
import zlib

import pytest
from torch import Tensor, nn

from blocks import analyse
from blocks.analysis import Analysis
from viz.graph.export import download, mermaid
from viz.graph.figure import figure_svg
from viz.graph.fold import Fold
from viz.graph.layout import lay_out
from viz.graph.readings import Readings
from viz.graph.view_state import DOWNLOAD_FORMATS, ViewState
from viz.kit.choice import Choice, analysed
from viz.kit.naming import today

HOSTILE = [
    '<script>alert("1")</script>',
    'a"]; x -> y; //',
    "]]><img src=x onerror=1>",
    "</script><b>",
    "\\N\\G\\L",
    "\x00\x1b\ud800",
    "%%{init: 1}%%",
    "end\nsubgraph x",
]


class Hostile(nn.Module):
    """A module whose children have names that are markup, DOT, Mermaid or no text at all."""

    def __init__(self) -> None:
        super().__init__()
        for name in HOSTILE:
            body = nn.Sequential(nn.Conv2d(3, 3, 3, padding=1), nn.Sigmoid(), nn.Conv2d(3, 3, 1))
            self._modules[name] = type("B<i>&'\"", (nn.Sequential,), {})(*body.children())

    def forward(self, x: Tensor) -> Tensor:
        for child in self.children():
            x = x + child(x)
        return x


def opened(analysis: Analysis) -> tuple[Fold, Readings]:
    return Fold(analysis.graph), Readings(analysis)


def exported(analysis: Analysis, format: str, level: str = "block", overlay: str = "", dark: bool = False) -> dict:
    fold, readings = opened(analysis)
    return download(analysis, fold, readings, ViewState(analysis.name or "net", level, export={"format": format, "n": 3, "overlay": overlay, "dark": dark}))


@pytest.fixture(scope="module")
def hostile() -> Analysis:
    return analyse(Hostile(), (1, 3, 7, 9))


def texts(svg: str) -> list[str]:
    return ["".join(e.itertext()) for e in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


@pytest.mark.parametrize("format", DOWNLOAD_FORMATS)
def test_every_format_has_a_name_and_a_type(format: str) -> None:
    found = exported(analyse("resnet18"), format)
    assert found["name"].startswith(f"resnet18-{today()}.")
    assert found["n"] == 3
    assert "/" in found["mime"]
    assert found.get("text") or found.get("base64")


def test_an_overlay_colours_the_file() -> None:
    plain, coloured = (exported(analyse("resnet18"), "svg", "stage", overlay)["text"] for overlay in ("", "macs"))
    fills = [set(re.findall(r'class="body"[^>]* fill="(#\w+)"', svg)) for svg in (plain, coloured)]
    assert len(fills[1]) > len(fills[0])


def test_a_png_is_the_svg_at_twice_its_size() -> None:
    found = exported(analyse("resnet18"), "png", "stage")
    width = float(ET.fromstring(found["text"]).attrib["width"])
    assert found["raster"] == {"width": round(width), "height": pytest.approx(found["raster"]["height"]), "scale": 2}


def test_a_pdf_is_one_page_of_paths_and_text() -> None:
    data = base64.b64decode(exported(analyse("bottleneck"), "pdf")["base64"])
    assert data.startswith(b"%PDF-1.4")
    assert data.rstrip().endswith(b"%%EOF")
    start = int(re.search(rb"startxref\n(\d+)", data)[1])  # type: ignore[index]
    assert data[start : start + 4] == b"xref"
    for number, place in enumerate(map(int, re.findall(rb"(\d{10}) 00000 n", data)), 1):
        assert data[place:].startswith(f"{number} 0 obj".encode())
    content = zlib.decompress(re.search(rb"stream\n(.*?)\nendstream", data, re.DOTALL)[1]).decode("latin-1")  # type: ignore[index]
    shown = bytes.fromhex("".join(re.findall(r"<([0-9A-F]+)> Tj", content))).decode("cp1252")
    assert "Conv 3×3" in shown
    assert "256×56×56" in shown
    assert content.count("BT") == content.count("ET") > 10


def test_dot_can_be_laid_out_again_and_carries_shapes() -> None:
    source = exported(analyse("bottleneck"), "dot")["text"]
    assert "256×56×56" in source
    fold = Fold(analyse("bottleneck").graph)
    assert len(lay_out(source).nodes) == len(fold.visible(fold.preset("block"))[0])


def test_mermaid_has_a_line_for_each_box_and_edge() -> None:
    analysis = analyse("bottleneck")
    fold = Fold(analysis.graph)
    folded = fold.folded(fold.preset("block"))
    lines = exported(analysis, "mermaid")["text"].splitlines()
    assert lines[0] == "flowchart TB"
    assert sum("-->" in line or "-.->" in line for line in lines) == len(folded.edges)
    assert sum(bool(re.match(r'\s+n\d+\["', line)) for line in lines) == len(folded.nodes)


def test_mermaid_says_what_its_own_limit_needs() -> None:
    analysis = analyse("densenet121")
    fold = Fold(analysis.graph)
    text = mermaid(fold.folded(fold.preset("operation")), fold)
    edges = len(fold.folded(fold.preset("operation")).edges)
    assert edges >= 500
    assert text.splitlines()[1].endswith(f"mermaid.initialize({{ maxEdges: {edges + 1} }})")
    assert "maxEdges" not in mermaid(fold.folded(fold.preset("block")), fold)


def test_the_json_is_the_traced_graph() -> None:
    analysis = analyse("resnet18")
    read = json.loads(exported(analysis, "json")["text"])
    assert read["totals"] == {"params": analysis.params, "macs": analysis.macs, "flops": analysis.flops, "bytes": analysis.bytes_moved}
    assert sum(node["macs"] for node in read["nodes"]) == analysis.macs
    assert [node["op"] for node in read["nodes"]] == [n.op for n in analysis.graph.nodes]
    assert all(
        tuple(ref) == given
        for node, ours in zip(read["nodes"], analysis.graph.nodes, strict=True)
        for ref, given in zip(node["inputs"], ours.inputs, strict=True)
    )


# --- One HTML file ---------------------------------------------------------------------------------


# --- Hostile names --------------------------------------------------------------------------------------


@pytest.mark.parametrize("level", ["stage", "operation"])
def test_hostile_names_stay_text_in_svg(hostile: Analysis, level: str) -> None:
    svg = figure_svg(hostile, level)
    root = ET.fromstring(svg)
    assert {e.tag.rsplit("}")[-1] for e in root.iter()} <= {"svg", "g", "path", "text", "rect"}
    assert not [name for e in root.iter() for name in e.attrib if name.startswith("on")]
    assert any("<script>" in said or "B<i>" in said for said in texts(svg))


def test_hostile_names_stay_text_in_dot_and_mermaid(hostile: Analysis) -> None:
    fold = Fold(hostile.graph)
    boxes = len(fold.visible(fold.preset("operation"))[0])
    assert len(lay_out(exported(hostile, "dot", "operation")["text"]).nodes) == boxes
    lines = exported(hostile, "mermaid", "operation")["text"].splitlines()
    assert all(
        re.fullmatch(
            r'(flowchart TB|%% network · [\d-]+|%% net · [\d-]+|\s+n\d+\["[^"\]]*"\]|\s+subgraph f\d+\["[^"]*"\]|\s+end|\s+n\d+ -\.?->\|"[^"]*"\| n\d+)', line
        )
        for line in lines
    )


def test_hostile_names_stay_text_in_html_and_json(hostile: Analysis) -> None:
    text = exported(hostile, "html")["text"]
    inside = re.search(r'id="graph-data">(.*?)</script>', text, re.DOTALL)[1]  # type: ignore[index]
    assert "<" not in inside
    assert any("<script>" in item["path"] for item in json.loads(inside)["items"].values())
    assert text.count("<script") == 2
    assert json.loads(exported(hostile, "json")["text"])["nodes"]


def test_hostile_names_stay_text_in_pdf(hostile: Analysis) -> None:
    assert base64.b64decode(exported(hostile, "pdf", "operation")["base64"]).startswith(b"%PDF")


@pytest.mark.parametrize("format", DOWNLOAD_FORMATS)
def test_every_file_says_its_network_with_its_knobs_and_the_day(format: str) -> None:
    choice = Choice("resnet18", {"se_ratio": 16})
    fold, readings = opened(analysed(choice))
    found = download(analysed(choice), fold, readings, ViewState("resnet18", "stage", export={"format": format}), choice)
    assert found["name"].startswith(f"resnet18_SE_ratio_16-{today()}.")
    data = base64.b64decode(found["base64"]) if "base64" in found else found["text"].encode()
    if format == "pdf":
        content = zlib.decompress(re.search(rb"stream\n(.*?)\nendstream", data, re.DOTALL)[1]).decode("latin-1")  # type: ignore[index]
        data = b"\n".join(bytes.fromhex(text) for text in re.findall(r"<([0-9A-F]+)> Tj", content))
    assert b"resnet18, SE ratio 16" in data
    assert today().encode() in data


def test_the_line_below_a_narrow_picture_is_whole() -> None:
    fold, readings = opened(analyse("basic_block"))
    name = "a network with " + ", ".join(f"knob {i}" for i in range(30))
    text = download(analyse("basic_block"), fold, readings, ViewState("b", "stage", export={"format": "svg"}), name)["text"]
    said = next(e for e in ET.fromstring(text).iter("{http://www.w3.org/2000/svg}text") if name in str(e.text))
    root = ET.fromstring(text)
    assert float(said.attrib["x"]) + float(said.attrib["textLength"]) < float(root.attrib["width"])
    assert float(said.attrib["y"]) < float(root.attrib["height"])
