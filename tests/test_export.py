"""Export: the file runs and gives the network's outputs; what cannot be exported is a sentence, never an exception."""

from __future__ import annotations

import importlib.util
import io

import pytest
import torch
from torch import Tensor, nn

from blocks import catalog
from blocks import export as exporting
from blocks.export import export
from blocks.knobs import KnobError

SHAPE = (2, 6, 9, 7)


def block() -> nn.Module:
    torch.manual_seed(0)
    return catalog.build("basic_block", c_in=6, c_mid=4, c_out=6, se_ratio=2)


def test_a_program_that_gives_the_networks_outputs() -> None:
    net = block().train()
    made = export(net, SHAPE, "torch.export")
    assert (made.problem, made.suffix) == ("", ".pt2")
    assert made.difference == 0.0
    x = torch.rand(SHAPE)
    found = torch.export.load(io.BytesIO(made.data)).module()(x)
    assert all(m.training for m in net.modules())
    torch.testing.assert_close(found, net.eval()(x))


def test_onnx_that_gives_the_networks_outputs() -> None:
    onnx = pytest.importorskip("onnx")
    made = export(block(), SHAPE, "ONNX")
    assert (made.problem, made.suffix) == ("", ".onnx")
    assert made.difference is None or made.difference < 1e-5
    graph = onnx.load_from_string(made.data).graph
    assert [d.dim_value for d in graph.input[0].type.tensor_type.shape.dim] == list(SHAPE)
    assert [n.op_type for n in graph.node].count("Conv") == 4  # two of the block, two of its gate


class LooksAtValues(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x * 2 if x.sum() > 0 else x


@pytest.mark.parametrize("kind", exporting.NETWORK_FORMATS)
def test_a_network_that_looks_at_values_is_a_sentence(kind: str) -> None:
    made = export(LooksAtValues(), (1, 3), kind)
    assert made.data == b""
    assert made.problem.startswith(f"{kind} cannot write this network: ")
    assert made.problem.endswith(".")
    assert "\n" not in made.problem


def test_an_input_that_does_not_fit_is_a_sentence() -> None:
    assert "cannot write this network" in export(block(), (1, 5, 9, 7), "torch.export").problem


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    known = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == "onnxscript" else known(name))
    assert export(block(), SHAPE, "ONNX").problem == "ONNX needs onnxscript, not installed here: pip install onnxscript."
    assert export(block(), SHAPE, "torch.export").data


def test_a_network_that_is_too_large_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "MOST_BYTES", 400)
    assert "MiB" in export(block(), SHAPE, "torch.export").problem


def test_an_unknown_kind() -> None:
    with pytest.raises(KnobError, match=r"torch\.export"):
        export(block(), SHAPE, "tflite")
