"""Trained weights find their places in our networks, and the networks then compute what the originals do."""

from __future__ import annotations

import json
import pickle
from collections import OrderedDict
from pathlib import Path

import pytest
import torch
from efficientnet_pytorch import EfficientNet
from safetensors.torch import save_file
from torch import nn
from transformers import ResNetConfig, ResNetForImageClassification

from blocks import analyse, catalog
from blocks.__main__ import main
from blocks.knobs import KnobError
from blocks.weights import load_weights
from blocks.weights.__main__ import fit_as_json
from blocks.weights.bundled import weights_path
from blocks.weights.fit import fit_by_order, fit_by_trace, fit_turned
from blocks.weights.load import fitted_network, misfits_sentence
from blocks.weights.original import compare_networks, randomise_norms
from blocks.weights.read import read_weights

LITE0 = weights_path("lite0")


def test_the_bundled_weights_go_in_whole() -> None:
    net, fit = load_weights("efficientnet_lite0", LITE0)
    assert fit.whole
    assert len(fit.names) == 296 == len(net.state_dict())
    assert fit.names["stages.1.0.body.expand.conv.weight"] == "_blocks.1._expand_conv.weight"
    assert fit.names["classifier.bias"] == "_fc.bias"
    theirs = torch.load(LITE0, weights_only=True)
    assert all(torch.equal(net.state_dict()[mine], theirs[other]) for mine, other in fit.names.items())


def test_lite0_computes_what_its_authors_layers_do() -> None:
    """The first layers by hand: "SAME" padding puts the odd zero below and to the right, and norms add 0.001 to the variance."""
    net, _ = load_weights("efficientnet_lite0", LITE0)
    held = torch.load(LITE0, weights_only=True)
    x = torch.rand(2, 3, 224, 224)
    padded = torch.zeros(2, 3, 225, 225)
    padded[..., :224, :224] = x
    y = torch.conv2d(padded, held["_conv_stem.weight"], stride=2)
    mean, var, weight, bias = (held[f"_bn0.{n}"].view(1, -1, 1, 1) for n in ("running_mean", "running_var", "weight", "bias"))
    y = ((y - mean) / (var + 0.001).sqrt() * weight + bias).clamp(0, 6)
    with torch.inference_mode():
        assert (net.stem(x) - y).abs().max() < 1e-5  # type: ignore[operator, union-attr]


@pytest.mark.parametrize(
    ("ours", "theirs", "side"),
    [
        ("resnet50", lambda: ResNetForImageClassification(ResNetConfig(num_labels=1000)), 64),
        (
            "resnet18",
            lambda: ResNetForImageClassification(ResNetConfig(num_labels=1000, depths=[2, 2, 2, 2], hidden_sizes=[64, 128, 256, 512], layer_type="basic")),
            64,
        ),
    ],
)
def test_walking_two_traces_matches_them(ours: str, theirs: object, side: int) -> None:
    fit, difference = compare_networks(catalog.build(ours), theirs(), (2, 3, side, side))  # type: ignore[operator]
    assert fit.whole, (fit.missing[:3], fit.unused[:3])
    assert difference is not None
    assert difference < 1e-5


def test_equal_branches_are_matched_in_order_and_a_wrong_order_of_declaration_does_not_matter() -> None:
    class Declared(nn.Module):
        def __init__(self, backwards: bool) -> None:
            super().__init__()
            names = ["a", "b", "c"]
            for name in reversed(names) if backwards else names:
                setattr(self, name, nn.Conv2d(3 if name == "a" else 5, 5, 1 if name == "c" else 3, padding=0 if name == "c" else 1))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            y = self.a(x)
            return y + self.c(self.b(y))

    one, two = Declared(False), Declared(True)
    fit = fit_by_trace(analyse(one, (1, 3, 8, 8)), analyse(two, (1, 3, 8, 8)))
    assert dict(fit.names) == {n: n for n in one.state_dict()}


def test_names_that_are_the_same_need_no_order() -> None:
    net = catalog.build("mobilenet_v2")
    turned = OrderedDict(reversed(net.state_dict().items()))
    fit = fit_by_order(net, turned)
    assert fit.way == "names"
    assert fit.whole


def test_the_shortcut_of_a_block_is_not_taken_for_its_last_layer() -> None:
    """ResNet-50's first block has two 1x1 convolutions from 64 to 256; implementations declare them in either order."""
    theirs = ResNetForImageClassification(ResNetConfig(num_labels=1000))  # declares the shortcut first
    randomise_norms(theirs)
    ours = catalog.build("resnet50")
    by_order = fit_by_order(ours, theirs.state_dict())
    by_trace = fit_by_trace(analyse(ours, (1, 3, 64, 64)), analyse(theirs, (1, 3, 64, 64)))
    assert dict(by_order.names) == dict(by_trace.names)


def test_what_a_knob_changed_is_seeded_and_the_rest_stays_trained() -> None:
    said = r"holds nothing that fits 7 of 296 tensors .* stages\.0\.0\.body\.depthwise\.conv\.weight 32x1x5x5 \(_blocks\.0\._depthwise_conv\.weight 32x1x3x3\)"
    with pytest.raises(KnobError, match=said):
        load_weights("efficientnet_lite0", LITE0, kernel_size=5)
    one, fit = load_weights("efficientnet_lite0", LITE0, partly=True, kernel_size=5)
    two, _ = load_weights("efficientnet_lite0", LITE0, partly=True, kernel_size=5)
    assert all(torch.equal(a, b) for a, b in zip(one.state_dict().values(), two.state_dict().values(), strict=True))
    assert {m.shape[2:] for m in fit.missing} == {(5, 5)}
    held = torch.load(LITE0, weights_only=True)
    assert torch.equal(one.state_dict()["head.conv.weight"], held["_conv_head.weight"])


def test_another_number_of_classes_loses_the_classifier_alone() -> None:
    held = read_weights(LITE0)
    net, fit = fitted_network("efficientnet_lite0", held, {"num_classes": 7})
    assert [m.name for m in fit.missing] == ["classifier.weight", "classifier.bias"]
    assert fit_as_json(fit, None)["whole"] is False
    assert list(fit.unused) == ["_fc.weight", "_fc.bias"]
    assert fit_turned(net, fit, held).missing == fit.missing


def test_safetensors_and_wrapped_dictionaries_are_read(tmp_path: Path) -> None:
    net = catalog.build("squeezenet1_1")
    state = {f"module.{k}": v.contiguous() for k, v in net.state_dict().items()}
    save_file(state, tmp_path / "a.safetensors")
    torch.save({"epoch": 3, "state_dict": state}, tmp_path / "a.pth")
    for name in ("a.safetensors", "a.pth"):
        assert load_weights("squeezenet1_1", tmp_path / name)[1].whole


class _Runs:
    ran = False

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return (setattr, (_Runs, "ran", True))


def test_a_pickle_that_wants_to_run_code_is_refused(tmp_path: Path) -> None:
    torch.save({"weight": torch.ones(3), "x": _Runs()}, tmp_path / "bad.pth")
    (tmp_path / "plain.pt").write_bytes(pickle.dumps({"x": _Runs()}))
    for name in ("bad.pth", "plain.pt"):
        with pytest.raises(KnobError, match="names code to be run"):
            read_weights(tmp_path / name)
    assert not _Runs.ran


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("a.exe", b"", "must end in"),
        ("gone.pth", None, "there is no such file"),
        ("a.pth", b"not a file of torch", "names code to be run|cannot be read"),
        ("a.pt", b"PK\x03\x04 half an archive", "cannot be read|damaged"),
        ("a.safetensors", b"\x10\x00\x00\x00\x00\x00\x00\x00{", "no whole safetensors"),
    ],
)
def test_a_file_that_is_none_is_a_sentence(tmp_path: Path, name: str, content: bytes | None, said: str) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(KnobError, match=said):
        read_weights(tmp_path / name)


def test_weights_of_another_network_say_which_tensors() -> None:
    with pytest.raises(KnobError, match=r"nothing that fits 267 of 267 tensors of resnet50 .* stem\.0\.conv\.weight 64x3x7x7 \(_conv_stem\.weight 32x3x3x3\)"):
        load_weights("resnet50", LITE0)
    fit = fit_by_order(catalog.build("resnet50"), read_weights(LITE0))
    assert misfits_sentence(fit, "resnet50", most=2).endswith("stem.0.norm.weight 64 (_bn0.weight 32) …")


def test_from_a_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["weights", "efficientnet_lite0", "--check", "lite0"]) == 0
    assert "296 of 296 tensors of efficientnet_lite0 fit" in capsys.readouterr().out
    assert main(["weights", "efficientnet_lite0", "--check", "lite0", "--num-classes", "7", "--json"]) == 1
    said = json.loads(capsys.readouterr().out)
    assert [m["name"] for m in said["missing"]] == ["classifier.weight", "classifier.bias"]
    assert main(["weights", "no_such", "--check", "lite0"]) == 2
    assert "no_such" in capsys.readouterr().err


def test_efficientnets_of_another_package_match_by_trace() -> None:
    theirs = EfficientNet.from_name("efficientnet-b0")
    fit = fit_by_trace(analyse(catalog.build("efficientnet_b0"), (1, 3, 64, 64)), analyse(theirs, (1, 3, 64, 64)))
    assert fit.whole, (fit.missing[:3], fit.unused[:3])
