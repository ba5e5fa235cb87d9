"""Networks from outside: packages by name, files of the command line alone, exported programs read as data."""

from __future__ import annotations

import functools
import json
import sys
import types
import zipfile
from pathlib import Path
from typing import Any

import pytest
import torch
from streamlit.testing.v1 import AppTest
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from blocks import analyse, catalog
from blocks.__main__ import main
from blocks.catalog import opened
from blocks.catalog.exported_program import read_program
from blocks.knobs import KnobError
from blocks.latency.measure.devices import open_device
from blocks.latency.measure.experiment import Experiment
from blocks.latency.measure.memory import check_memory
from blocks.latency.measure.workload import Workload
from blocks.trace.errors import TraceError

PAGE = Path(__file__).resolve().parents[2] / "pages" / "explore.py"
SOURCE = '''
import torch
from torch import nn


class Net(nn.Module):
    """A net that needs the values of its rates."""

    input_shape = (1, 3, 32, 40)

    def __init__(self, width=8):
        super().__init__()
        self.rates = [rate.item() for rate in torch.linspace(0, 0.1, 3)]
        self.body = nn.Sequential(nn.Conv2d(3, width, 3, padding=1), nn.BatchNorm2d(width), nn.ReLU(), nn.MaxPool2d(2))
        self.head = nn.Linear(width, 5)

    def forward(self, x):
        return self.head(self.body(x).mean((2, 3)))


class HalfWay(Net):
    def forward(self, x):
        return self.head(self.body(x))


class Needs(nn.Module):
    def __init__(self, width):
        super().__init__()


class Raises(nn.Module):
    def __init__(self):
        raise ValueError("no such luck")
'''


@pytest.fixture(autouse=True)
def nothing_announced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_OPENED", "{}")


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(SOURCE)
    return path


class Exportable(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 4, 3, stride=2)
        self.stage = nn.Sequential(nn.BatchNorm2d(4), nn.ReLU(), nn.Conv2d(4, 6, 1, groups=2))
        self.register_buffer("scale", torch.ones(6, 1, 1))
        self.attention = nn.MultiheadAttention(6, 2, batch_first=True)
        self.head = nn.Linear(6, 5)

    def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x = self.stage(self.stem(x)) * self.scale
        tokens = x.flatten(2).transpose(1, 2)
        tokens = tokens + self.attention(tokens, tokens, tokens, need_weights=False)[0]
        return self.head(tokens.mean(1)) + torch.arange(5), torch.cat(tokens.chunk(2, 2)[::-1], 2)


@pytest.fixture(scope="module")
def program(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("exported") / "net.pt2"
    exported = torch.export.export(Exportable().eval(), (torch.zeros(2, 3, 9, 11),), dynamic_shapes=({0: torch.export.Dim("batch", min=2)},))
    torch.export.save(exported, path)
    return path


def test_a_class_of_a_file(source: Path) -> None:
    assert opened.announce([f"{source}:Net"]) == ["file:Net"]
    analysis = analyse("file:Net")
    assert analysis.input_shape == (1, 3, 32, 40)
    assert (analysis.params, analysis.macs) == (224 + 16 + 45, 216 * 32 * 40 + 40)
    assert [(k.name, k.default) for k in catalog.knobs("file:Net")] == [("width", 8)]
    assert analyse("file:Net", width=11).params == 11 * 28 + 22 + 60
    assert catalog.build("file:Net").rates[2] == pytest.approx(0.1)
    assert opened.announce([f"{source}:Net@2,3,8,8"]) == ["file:Net"]
    assert analyse("file:Net").input_shape == (2, 3, 8, 8)


ARGUMENTS = """
from torch import nn
from blocks.knobs import KernelSize


class Turned(nn.Module):
    def __init__(self, depth=3, rate: float = 0.5, deep=False, widths=[4, 6], kernel: KernelSize = 3, *, batch=2, name="x", none=None, _own=1):
        super().__init__()
        widths = [w * (2 if deep else 1) for w in widths]
        self.body = nn.Sequential(*(nn.Conv2d(3 if i == 0 else widths[0], widths[0], kernel, padding=kernel // 2) for i in range(depth)))

    def forward(self, x):
        return self.body(x)
"""


def test_arguments_with_defaults_are_knobs(tmp_path: Path) -> None:
    path = tmp_path / "turned.py"
    path.write_text(ARGUMENTS)
    opened.announce([f"{path}:Turned@1,3,20,24"])
    knobs = {k.name: k for k in catalog.knobs("file:Turned")}
    assert {name: (k.kind, k.default) for name, k in knobs.items()} == {
        "depth": ("int", 3), "rate": ("float", 0.5), "deep": ("bool", False), "widths": ("ints", (4, 6)), "kernel": ("int", 3)
    }  # fmt: skip
    assert knobs["kernel"].symbol == "k"
    assert knobs["depth"].parse("5") == 5
    with pytest.raises(KnobError, match="must lie between 0 and 16"):
        knobs["depth"].parse("17")
    expected = 3 * 10 * 25 + 10 + 10 * 10 * 25 + 10
    assert analyse("file:Turned", depth=2, widths=(5, 6), deep=True, kernel=5).params == expected
    with pytest.raises(KnobError, match="has no such knob"):
        analyse("file:Turned", none=3)
    at = AppTest.from_file(str(PAGE), default_timeout=240)
    at.query_params["net"], at.query_params["depth"], at.query_params["kernel"] = "file:Turned", "2", "4"
    at.run()
    assert not at.exception
    assert [e.value for e in at.error] == ["kernel = 4: must be odd, so that padding (k-1)/2 keeps the size. Nearest: 3 or 5."]
    assert {m.label: m.value for m in at.metric}["Parameters"] == str(112 + 148)


def test_a_network_from_outside_has_formulas_in_its_inputs_sizes(source: Path, program: Path) -> None:
    (address,) = opened.announce([f"{source}:Net"])
    formula = analyse(address, width=7).by_sizes.formula("macs")  # its argument "width" is not the picture's
    assert formula.evaluate(height=36, input_width=50, batch=3) == analyse(address, (3, 3, 36, 50), width=7).macs
    (exported,) = opened.announce([str(program)])
    formula = analyse(exported).by_sizes.formula("flops")
    assert formula.evaluate(batch=5) == analyse(exported, (5, 3, 9, 11)).flops
    with pytest.raises(ValueError, match="holds only while"):  # the export has its picture's size in it
        formula.evaluate(height=13)
    assert analyse(exported, symbolic=True).symbols is None  # its constructor's arguments are numbers: no formula follows them


def test_a_constructor_that_needs_values_can_be_measured(source: Path) -> None:
    (address,) = opened.announce([f"{source}:Net"])
    experiment = Experiment(address, (("width", 5),), (2, 3, 16, 20))
    weights = 4 * ((5 * 3 * 9 + 5) + 2 * 5 + (5 * 5 + 5))
    statistics = 4 * 2 * 5 + 8  # mean and variance; the counter is an int64
    activations = 4 * 2 * 16 * 20 * (3 + 5 + 5)  # the input, what an operation reads and what it writes
    assert check_memory(experiment, open_device("cpu")) == weights + statistics + activations
    subject = Workload(experiment, open_device("cpu"))
    assert subject.work().shape == (2, 5)


@pytest.mark.parametrize(("what", "sentence"), [
    ("{0}:Nope", "has no such class. Nearest: mine.py:Net"),
    ("{0}:Needs", "cannot be built without arguments"),
    ("{0}:Raises", "cannot be built .ValueError: no such luck"),
    ("{0}", "must be net.py:ClassName or net.pt2"),
    ("/nowhere/net.py:Net", "there is no file net.py here"),
])  # fmt: skip
def test_a_file_that_cannot_be_opened_is_answered(source: Path, what: str, sentence: str) -> None:
    with pytest.raises(KnobError, match=sentence):
        analyse(opened.announce([what.format(source)])[0])


def test_a_forward_that_fails_half_way_gives_the_part_before(source: Path) -> None:
    (address,) = opened.announce([f"{source}:HalfWay"])
    with pytest.raises(TraceError, match="head: the linear layer expects 8 features") as caught:
        analyse(address)
    assert [n.op for n in caught.value.graph.nodes] == ["input", "conv2d", "batch_norm", "relu", "max_pool2d", "linear"]
    assert caught.value.graph.nodes[-1].failed


@pytest.mark.parametrize("address", ["file:Net", "file:../../etc/passwd", "file:", "http://x/y.py:Net", "timm:hf-hub:somebody/something"])
def test_what_was_not_announced_is_never_opened(address: str) -> None:
    with pytest.raises(KnobError):
        catalog.entry(address)
    at = AppTest.from_file(str(PAGE), default_timeout=240)
    at.query_params["net"] = address
    at.run()
    assert not at.exception
    assert any("Showing resnet50" in e.value for e in at.error)


def test_packages_that_are_not_installed_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for package, module in (("timm", "timm"), ("torchvision", "torchvision.models")):
        monkeypatch.setitem(sys.modules, module, None)
        opened._from_package.cache_clear()
        with pytest.raises(KnobError, match=f"pip install {package}"):
            catalog.entry(f"{package}:resnet18")


def test_a_package_gives_its_networks_by_name_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    timm: Any = types.ModuleType("timm")
    timm.list_models = lambda: ["tiny", "other"]
    timm.create_model = lambda name, pretrained: nn.Linear(7, 3) if name == "tiny" and not pretrained else pytest.fail(name)
    timm.get_pretrained_cfg = lambda _name: types.SimpleNamespace(input_size=(5, 7))
    monkeypatch.setitem(sys.modules, "timm", timm)
    opened._from_package.cache_clear()
    assert analyse("timm:tiny").macs == 5 * 21
    with pytest.raises(KnobError, match="Nearest: timm:tiny"):
        catalog.entry("timm:tiniy")
    opened._from_package.cache_clear()


def test_torchvisions_inputs_are_those_of_its_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    class VideoClassification:
        pass

    class ImageClassification:
        pass

    def weights(preset: type, *crops: Any, **meta: Any) -> list[Any]:
        return [types.SimpleNamespace(transforms=functools.partial(preset, crop_size=crop), meta=meta) for crop in crops]

    tables = {"picture": weights(ImageClassification, 518, 240), "video": weights(VideoClassification, (112, 112)), "none": []}
    models: Any = types.ModuleType("torchvision.models")
    models.list_models = lambda: list(tables)
    models.get_model_weights = tables.__getitem__
    monkeypatch.setitem(sys.modules, "torchvision", types.ModuleType("torchvision"))
    monkeypatch.setitem(sys.modules, "torchvision.models", models)
    opened._from_package.cache_clear()
    assert [opened.opened_entry(f"torchvision:{name}").input for name in tables] == [(1, 3, 240, 240), (1, 3, 16, 112, 112), (1, 3, 224, 224)]
    opened._from_package.cache_clear()


def test_an_exported_program_counts_as_its_source(program: Path) -> None:
    (address,) = opened.announce([str(program)])
    analysis = analyse(address)
    net = Exportable().train()  # without the fused kernels that the counter does not see
    with sdpa_kernel(SDPBackend.MATH), FlopCounterMode(display=False) as counter, torch.no_grad():
        outputs = net(torch.zeros(2, 3, 9, 11))
    assert 2 * analysis.macs == counter.get_total_flops()
    assert analysis.params == sum(p.numel() for p in net.parameters())
    assert [n.shape for n in analysis.graph.nodes if n.kind == "output"] == [tuple(o.shape) for o in outputs]
    assert analysis.not_counted == []
    calls = {c.path: c.cls for c in analysis.graph.calls}
    assert {"stem": "Conv2d", "stage": "Sequential", "stage.2": "Conv2d", "attention": "MultiheadAttention"}.items() <= calls.items()


def test_an_exported_program_runs_for_timing(program: Path) -> None:
    (address,) = opened.announce([str(program)])
    first, second = catalog.build(address).eval()(torch.zeros(2, 3, 9, 11))
    assert first.shape == (2, 5)
    assert second.shape == (2, 20, 6)


def changed(program: Path, to: Path, change: Any) -> Path:
    """A copy of an archive with its graph changed."""
    with zipfile.ZipFile(program) as old, zipfile.ZipFile(to, "w") as new:
        for item in old.infolist():
            data = old.read(item)
            if item.filename.endswith("models/model.json"):
                graph = json.loads(data)
                change(graph["graph_module"]["graph"]["nodes"])
                data = json.dumps(graph).encode()
            new.writestr(item, data)
    return to


def test_a_hostile_program_runs_nothing(program: Path, tmp_path: Path) -> None:
    mark = tmp_path / "ran"
    for target in (
        "os.system",
        "torch.ops.aten.relu.default.__class__",
        "builtins.eval",
        "torch.load",
        "torch.ops.higher_order.cond",
        "torch.ops.aten.from_file.default",
    ):
        path = changed(program, tmp_path / "bad.pt2", lambda nodes, t=target: nodes[0].update(target=t))
        with pytest.raises(KnobError, match="not an operation of torch's own"):
            read_program(path)
    path = changed(program, tmp_path / "more.pt2", lambda nodes: nodes.extend(nodes * (21_000 // len(nodes))))
    with pytest.raises(KnobError, match=r"at most (20000|64) are read"):
        read_program(path)
    with zipfile.ZipFile(path, "a") as archive:  # a pickle that would write a file: nobody opens it
        archive.writestr("net/data/constants/opaque_0", b"cos\nsystem\n(S'touch " + str(mark).encode() + b"'\ntR.")
    assert not mark.exists()
    (tmp_path / "text.pt2").write_text("not an archive")
    with pytest.raises(KnobError, match="cannot be opened"):
        read_program(tmp_path / "text.pt2")
    torch.save({"weights": nn.Linear(3, 2)}, tmp_path / "pickle.pt2")  # an archive too, with a pickle in it
    with pytest.raises(KnobError, match="has 0 models inside"):
        read_program(tmp_path / "pickle.pt2")


def test_the_page_shows_an_opened_network(source: Path, program: Path) -> None:
    for address in opened.announce([f"{source}:Net", str(program)]):
        at = AppTest.from_file(str(PAGE), default_timeout=240)
        at.query_params["net"] = address
        for view in ("layers", "code", "published"):
            at.session_state["view"] = view
            at.run()
            assert not at.exception
            assert not at.error
        assert {m.label: m.value for m in at.metric}["Parameters"] == str(analyse(address).params)


def test_the_command_line_opens_files(source: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([f"{source}:Net", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["params"] == 285


def test_an_empty_variable_announces_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EXPLORER_OPENED", "")
    assert opened.addresses() == []
