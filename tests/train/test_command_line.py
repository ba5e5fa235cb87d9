"""``python -m blocks train``: passes as lines, JSON, weights that the other commands read, a checkpoint, and sentences."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from PIL import Image
from safetensors import safe_open

from blocks.__main__ import main
from blocks.knobs import KnobError
from blocks.train import Recipe, TrainingRun, load_samples
from blocks.train.__main__ import main as train_command
from blocks.train.saving import read_checkpoint, save_checkpoint, save_weights
from blocks.weights.load import load_weights

QUICK = ["train", "resnet18", "--width-mult", "0.125", "--data", "shapes", "--side", "16", "--epochs", "2", "--batch", "128"]


def test_a_pass_is_a_line_and_the_weights_are_read_by_the_others(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "shapes.safetensors"
    assert main([*QUICK, "--save", str(file)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 2
    assert lines[1].startswith("seed 0, pass 2 of 2: loss ")
    with safe_open(file, "pt") as held:
        assert json.loads(held.metadata()["classes"]) == ["circle", "square", "triangle", "cross"]
    network, fit = load_weights("resnet18", file, width_mult=0.125, num_classes=4)
    assert fit.whole
    again = TrainingRun("resnet18", {"width_mult": 0.125}, load_samples("shapes"), Recipe(side=16, epochs=2, batch=128))
    again.finish()
    assert torch.equal(network(again.test[:3]), again.network.eval()(again.test[:3]))
    Image.new("RGB", (40, 40), "grey").save(tmp_path / "grey.png")
    assert main(["look", "resnet18", "--width-mult", "0.125", "--num-classes", "4", "--picture", str(tmp_path / "grey.png"), "--weights", str(file)]) == 0
    assert sorted(line.split()[-1] for line in capsys.readouterr().out.splitlines()) == ["circle", "cross", "square", "triangle"]
    assert main(["weights", "resnet18", "--width-mult", "0.125", "--num-classes", "4", "--check", str(file)]) == 0


def test_several_seeds_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*QUICK, "--seeds", "2", "--epochs", "1", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [one["seed"] for one in found] == [0, 1]
    assert found[0]["passes"][0]["layers"][0]["path"] == "stem.0.conv"
    assert found[0]["passes"][0]["train_loss"] != found[1]["passes"][0]["train_loss"]


def test_a_checkpoint_is_gone_on_from(tmp_path: Path) -> None:
    made = [TrainingRun("resnet18", {"width_mult": 0.125}, load_samples("shapes"), Recipe(side=16, epochs=2, batch=128)) for _ in range(3)]
    whole, first, second = made
    whole.finish()
    steps = iter(first)
    for _ in range(7):  # five steps, a pass, and the next one's first step
        next(steps)
    read_checkpoint(second, save_checkpoint(first, tmp_path / "half.pt"))
    assert second.step == 6
    second.finish()
    assert second.results == whole.results
    other = TrainingRun("resnet18", {"width_mult": 0.125}, load_samples("shapes"), Recipe(side=16, epochs=3, batch=128))
    with pytest.raises(KnobError, match="another network, data or recipe"):
        read_checkpoint(other, tmp_path / "half.pt")
    (tmp_path / "bad.pt").write_bytes(b"none")
    with pytest.raises(KnobError, match="is no checkpoint"):
        read_checkpoint(other, tmp_path / "bad.pt")
    with pytest.raises(KnobError, match=r"must end in \.safetensors"):
        save_weights(whole, tmp_path / "weights.pt")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["train", "no_such_net"], "no_such_net"),
        ([*QUICK, "--seeds", "0"], "from 1 to 20"),
        ([*QUICK, "--seeds", "2", "--save", "a.safetensors"], "of one run only"),
        ([*QUICK, "--save", "a.pth", "--epochs", "1"], "must end in .safetensors"),
        ([*QUICK, "--lr", "-1"], "from 0 to 10"),
        ([*QUICK, "--se-ratio", "-4"], "se_ratio"),
    ],
)
def test_what_does_not_do_is_a_sentence(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(words) == 2
    assert said in capsys.readouterr().err


def test_a_run_that_is_stopped_says_so_and_keeps_its_passes(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    steps = TrainingRun._one_step

    def stopped(run: TrainingRun) -> object:
        if run.step == 7:
            raise KeyboardInterrupt
        return steps(run)

    file = tmp_path / "kept.pt"
    monkeypatch.setattr(TrainingRun, "_one_step", stopped)
    assert train_command([*QUICK[1:], "--checkpoint", str(file)]) == 130
    assert "Stopped." in capsys.readouterr().err
    monkeypatch.undo()
    assert train_command([*QUICK[1:], "--checkpoint", str(file)]) == 0
    assert [line.split(":")[0] for line in capsys.readouterr().out.splitlines()] == ["seed 0, pass 2 of 2"]
