"""Whatever an address says, a page's reader answers with a state and sentences, and the page draws itself without an exception."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from blocks import catalog
from blocks.knobs import Knob
from blocks.latency.roofline.known_machines import all_machines
from blocks.space.axes import axes
from tests.pages.test_pages_run import ROOT, SECONDS, complaints
from viz.atlas.address import ATLAS
from viz.devices.address import DEVICES
from viz.explore.address import SETTINGS
from viz.explore.session import EXPLORE
from viz.inside.address import INSIDE
from viz.kit.address import Address, Query
from viz.kit.board_session import COMPARE
from viz.kit.choice import read_choice
from viz.kit.links import Variant, compare_link
from viz.latency.address import LATENCY
from viz.lectures.address import LECTURES
from viz.scaling.address import SCALING
from viz.space.address import DESIGN

READERS: dict[str, Address[Any]] = {
    "atlas": ATLAS, "explore": EXPLORE, "compare": COMPARE, "inside": INSIDE, "scaling": SCALING, "space": DESIGN, "latency": LATENCY, "devices": DEVICES, "lectures": LECTURES,
}  # fmt: skip
#: Texts that some way of reading numbers or names trips over.
ODD = (
    "", " ", "²", "x²", "٣", "½", "-5", "-0", "0", "00", "1_0", "+1", "1e400", "-1e400", "1e-400", "1e30", "nan", "inf", "-inf", "1.5", "1,", ",1", ",,", "1:2", "2:1",
    "-5:1e30", "nan:inf", ":", "9" * 5000, "1." + "3" * 5000, "1e" + "9" * 50, "x" * 5000, "()", "(3,4,6,3)", "3 4 6 3", "64 128 256 512", "true", "None", "\x00", "\n", "%", "%zz",
    "../../etc/passwd", "<b>", "`", "$x$", "{}", "'", "resnet50", "patch_embedding", "CSPBlock", "timm:", "file:x", "é", "🙂", "1" * 400, "0x10", "1/2", "1 2", "−5",
)  # fmt: skip
OWN = {
    "atlas": ("family", "find"),
    "explore": tuple(f"_{name}" for name in (*SETTINGS, "open")),
    "compare": ("v",),
    "inside": ("weights", "picture", "at", "ch", "px", "by", "why", "off"),
    "scaling": ("view", "x", "y", "of", "from", "to", "on", "log", "abc"),
    "space": ("move", "how", "n", "seed", "x", "y", "on", "max.macs", "max.latency", "max.x", "range.side", "range.width_mult", "range.", "max."),
    "latency": ("v", "section", "device", "threads", "processes", "seconds", "quantity", "cache", "clock", "compile", "channels_last", "dtype", "mode"),
    "devices": ("view", "find", "on", "run", "int8", "table", "set", "times"),
    "lectures": ("lecture", "step", "lang", "present", "notes", "handout"),
}
#: What the pages are drawn with: small, and of each kind a page treats in its own way.
FEW = ("resnet18", "mobilenet_v2", "patch_embedding", "csp_dense_block")
USUAL: dict[str, tuple[str, ...]] = {
    "family": tuple(f.name for f in catalog.families()), "lecture": ("resnet", "octave"), "lang": ("zh", "en"), "step": ("1", "2", "3"),
    "section": ("versus", "profile", "roofline", "predict", "sweep", "ledger"), "view": ("knobs", "compound", "published", "own", "flops", "known"), "of": ("params", "latency"),
    "how": ("grid", "random"), "range.width_mult": ("0.5:2", "0.5:1.0"), "range.side": ("96:224", "32:512"), "max.macs": ("3e8",), "n": ("20", "50"), "present": ("1",), "handout": ("1",),
    "weights": ("lite0", "random"), "picture": ("coffee", "dot", "own"), "at": ("0", "4", "17"), "ch": ("3", "99"), "px": ("0.0", "5.7"), "by": ("zeros",), "why": ("gradient",),
    "off": ("4.1_4.2",), "on": ("samsung-galaxy-s25", "cortex a76", "t4"), "find": ("pi", "galaxy"), "run": ("threads=4,gpu=no", "runtime=onnx,precision=float,unit=NPU"),
    "set": ("threads=2,gpu=yes", "precision=w8a8"), "table": ("qualcomm", "ncnn"), "int8": ("1", "0"), "times": ("mobilenet_v2 12.3;resnet50 80", "resnet18 0.02", "mobilenet_v2=-3"),
}  # fmt: skip
INPUT = ("side", "batch", "dtype", "mode")


def valid(chance: random.Random, knob: Knob) -> str:
    """A value that the knob takes by itself; a network may still refuse it."""
    if knob.kind in ("bool", "choice"):
        return str(chance.choice(knob.values or ("true", "false")))
    if knob.kind == "ints":
        return ",".join(str(chance.choice([1, 2, 16, v])) for v in knob.default)
    low, high = knob.low or 0, min(knob.high or 8, 2 * (knob.default or 4))
    return f"{chance.uniform(low, max(high, low)):.3g}" if knob.kind == "float" else str(chance.randint(int(low), int(max(high, low))))


def network(chance: random.Random, names: tuple[str, ...]) -> list[tuple[str, str]]:
    """A network, some of its knobs and its input, each as it may be or odd."""
    name = chance.choice(names)
    found = [("net", name if chance.random() < 0.9 else chance.choice(ODD))] if chance.random() < 0.9 else []
    turned = chance.sample(catalog.knobs(name), min(2, len(catalog.knobs(name))))
    found += [(knob.name, valid(chance, knob) if chance.random() < 0.6 else chance.choice(ODD)) for knob in turned]
    if chance.random() < 0.5:
        found.append((chance.choice(INPUT), chance.choice(["32", "64", "2", "bfloat16", "training", *ODD])))
    return found


def usual(chance: random.Random, name: str, names: tuple[str, ...]) -> str:
    """What a page's own parameter usually is, if not always for this network."""
    if name == "v":
        choice, _ = read_choice(dict(network(chance, names)))
        return compare_link([Variant(choice, chance.choice(["", "mine", "x" * 5000]))]).query[0][1]
    if name in ("move", "x", "y"):
        moves = [axis.name for axis in axes(chance.choice(names))] or ["side"]
        return ",".join(moves[:2]) if name == "move" else chance.choice([*moves, "macs"])
    return chance.choice(USUAL.get(name, ODD))


def address(chance: random.Random, page: str, names: tuple[str, ...]) -> Query:
    """A random address of ``page``."""
    query = network(chance, names) if page in ("explore", "inside", "scaling", "space", "devices") or chance.random() < 0.05 else []
    for name in chance.choices(OWN[page], k=chance.randint(0, 4)):
        query.append((name, usual(chance, name, names) if chance.random() < 0.5 else chance.choice(ODD)))
    if chance.random() < 0.1:
        query.append((chance.choice(ODD), chance.choice(ODD)))
    chance.shuffle(query)
    return tuple(query)


def addresses(seed: int, count: int, names: tuple[str, ...]) -> Iterator[tuple[str, Query]]:
    """``count`` random addresses, of each page as many."""
    chance, pages = random.Random(seed), list(READERS)
    for i in range(count):
        page = pages[i % len(pages)]
        yield page, address(chance, page, names)


def test_any_address_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    known = all_machines()
    for module in ("viz.scaling.address", "viz.space.address"):  # asked once: the list is read from the ledger
        monkeypatch.setattr(f"{module}.all_machines", lambda: known)
    for page, query in addresses(15, 20_000, tuple(catalog.names())):
        reader = READERS[page]
        try:
            state, problems = reader.read(query)
            written = reader.write(state)
        except Exception as error:
            raise AssertionError(f"{page} {query!r}") from error
        assert all(len(sentence) < 2500 for sentence in problems), (page, query)
        again, none = reader.read(written) if written else (state, [])  # without parameters a page opens as it likes
        assert (none, reader.write(again)) == ([], written), (page, query)


@pytest.mark.parametrize("page", list(READERS))
def test_any_address_is_shown(page: str) -> None:
    at = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=SECONDS)
    for _, query in (found for found in addresses(16, 43 * len(READERS), FEW) if found[0] == page):
        at.query_params.clear()
        for name in dict(query):
            at.query_params[name] = [value for key, value in query if key == name]
        assert complaints(at.run()) == [], query
