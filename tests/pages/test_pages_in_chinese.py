"""Pages with ``lang=zh`` leave no sentence in English: texts, widgets, tables, charts and the boxes of graphs."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from blocks import analyse
from blocks.language import speaking
from blocks.latency.roofline.known_machines import all_machines
from blocks.look.samples import PHOTOGRAPHS
from viz.graph.fold import Fold
from viz.graph.labels import box_label, full_title

PAGES = Path(__file__).resolve().parents[2] / "pages"
#: Code, formulas, links, styles and names of icons are the same in every language.
SAME = re.compile(r"<style.*?</style>|`[^`]*`|\$[^$]*\$|\]\([^)]*\)|:material/\w+:|https?://\S+|\w+[_.]\S+", re.DOTALL)
MARKUP = re.compile(r"<[^>]*>")
#: Three English words in a row are a sentence; names of networks and blocks have figures, underscores and capitals.
SENTENCE = re.compile(r"(?<![\w./-])[A-Za-z]+[a-z]*(?:[ ,;:'’-]+[a-z]{2,}){2,}(?![\w/])")
CHINESE = re.compile(r"[\u4e00-\u9fff]")
#: Heads of columns that are code or names: arguments, short units, variants, types.
CODE = re.compile(r"[a-z]\w*|×N|[\d@ .%σ()/±a-zA-Z]{1,9}|[A-F] · .*|TFLOPS \w+")
#: Names that have three words, and what figures of machines are taken from, as it is cited.
NAMES = re.compile(r"torch\.compile|CUDA graph|torchvision weight records|(?:timm|amp|nchw|nhwc)[\w-]*", re.IGNORECASE)
CITED = {SAME.sub(" ", machine.source) for machine in all_machines()}
AUTHORS = re.compile("|".join(sorted({re.escape(photo.author) for photo in PHOTOGRAPHS.values()})))
#: What a chart shows, by the keys of its figure.
SHOWN = ("text", "title", "name", "ticktext", "hovertemplate", "label", "labels")


def elements(node: Any) -> Iterator[Any]:
    yield node
    for child in getattr(node, "children", {}).values():
        yield from elements(child)


def in_figure(part: Any, key: str = "") -> Iterator[str]:
    """The words of a plotly figure."""
    if isinstance(part, dict):
        yield from (text for name, inner in part.items() if name not in ("template", "customdata") for text in in_figure(inner, name))
    elif isinstance(part, list):
        yield from (text for inner in part for text in in_figure(inner, key))
    elif isinstance(part, str) and key in SHOWN:
        yield part


def texts(app: AppTest) -> Iterator[str]:
    """All that a page says: texts, labels, helps, options, charts, tables' heads. Networks and blocks keep their own titles."""
    for element in elements(app._tree):
        proto = getattr(element, "proto", None)
        if element.type == "html":
            yield from (html.unescape(text) for text in MARKUP.split(SAME.sub(" ", proto.body)))
        elif element.type == "plotly_chart":
            yield from in_figure(json.loads(proto.spec))
        elif element.type == "dataframe":
            yield from heads(element)
        elif element.type != "code":
            yield from (str(getattr(part, field, "") or "") for part in (element, proto) for field in ("label", "help", "placeholder", "body", "delta"))
            if isinstance(value := getattr(element, "value", None), str) and hasattr(proto, "body"):
                yield value
            yield from (str(getattr(option, "content", option)) for option in getattr(proto, "options", ()))


def heads(table: Any) -> Iterator[str]:
    settings = json.loads(table.proto.columns or "{}")
    yield from (str((settings.get(name) or {}).get("label") or name) for name in map(str, table.value.columns))


def english(app: AppTest) -> list[str]:
    """The texts of a page in which English is left."""
    return sorted({text for text in texts(app) if text not in CITED and SENTENCE.search(NAMES.sub("", AUTHORS.sub("", MARKUP.sub(" ", SAME.sub(" ", text)))))})


def english_heads(app: AppTest) -> list[str]:
    """Heads of tables that are English words."""
    found = [head for element in elements(app._tree) if element.type == "dataframe" for head in heads(element)]
    return sorted({head for head in found if not CHINESE.search(head) and not CODE.fullmatch(head)})


@pytest.mark.parametrize(
    ("page", "query"),
    [
        ("atlas", {}),
        ("atlas", {"find": "attention"}),
        ("explore", {}),
        ("explore", {"net": "bottleneck", "groups": "3"}),
        ("compare", {"v": ["net=resnet18", "net=resnet50&groups=2"]}),
        ("inside", {"net": "efficientnet_lite0", "at": "4", "px": "4.5", "off": "4.1"}),
        ("inside", {"net": "encoder_block"}),
        ("scaling", {"net": "alexnet"}),
        ("scaling", {"net": "mobilenet_v2", "view": "compound"}),
        ("scaling", {"net": "mobilenet_v2", "view": "published"}),
        ("space", {"net": "alexnet", "n": "3"}),
        ("space", {"net": "mobilenet_v2", "n": "3", "max.macs": "300000000"}),
        *(("latency", {"net": "alexnet", "section": name}) for name in ("measure", "versus", "profile", "roofline", "predict", "sweep", "ledger")),
        ("latency", {"net": "resnet18", "mode": "training", "batch": "2"}),
        ("devices", {"net": "mobilenet_v2", "width_mult": "0.5"}),
        ("devices", {"net": "resnet50", "on": "samsung-galaxy-s25"}),
        ("devices", {"view": "own", "times": "resnet50 80;vgg16 300;vgg11 3;mobilenet_v2 -1"}),
        ("devices", {"view": "flops"}),
        ("lectures", {}),
        ("lectures", {"lecture": "resnet", "step": "2"}),
        ("lectures", {"lecture": "hourglass", "step": "2", "handout": "1"}),
    ],
)
def test_nothing_is_left_in_english(page: str, query: dict[str, Any]) -> None:
    at = AppTest.from_file(str(PAGES / f"{page}.py"), default_timeout=240)
    for name, value in {"lang": "zh", **query}.items():
        at.query_params[name] = value
    at.run()
    assert not at.exception
    assert english(at) == []
    assert english_heads(at) == []


@pytest.mark.parametrize("name", ["resnext50_32x4d", "shufflenet_v2_x1_0", "vit_b_16", "siamese", "hourglass", "googlenet", "oct_resnet50"])
def test_operations_of_a_graph_are_called_in_chinese(name: str) -> None:
    graph = analyse(name).graph
    items = [item for item in Fold(graph).root.walk() if item.role in ("op", "fused")]
    with speaking("zh"):
        said = {(box_label(item, graph).kind, full_title(item, graph)) for item in items}
    assert len(said) > 3
    assert [
        (kind, title) for kind, title in sorted(said) if not CHINESE.search(title) and kind not in ("activation", "dropout")
    ] == []  # these have no other name
