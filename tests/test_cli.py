"""The command line prints what ``analyse`` says, and answers bad input with a sentence and status 2."""

from __future__ import annotations

import json

import pytest

from blocks import analyse
from blocks.__main__ import main


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["resnet50", "--se-ratio", "16", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert (said["params"], said["macs"]) == (28088024, 4091699200)
    assert sum(row["macs"] for row in said["table"]) == said["macs"]


def test_text_and_formulas(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inverted_residual", "--expansion=4", "--formulas", "--batch", "2"]) == 0
    out = capsys.readouterr().out
    assert "5,904" in out
    assert "C_mid = C_in*t" in out


@pytest.mark.parametrize(("arguments", "sentence"), [
    (["resnt50"], "Nearest: resnet50"),
    (["resnet50", "--se-ration", "4"], "Nearest: se_ratio"),
    (["resnet50", "--se-ratio", "many"], "must be a whole number"),
    (["resnet50", "--se-ratio"], "needs a value"),
    (["resnet50", "--input", "1,3,a"], "must be whole numbers"),
    (["inverted_residual", "--kernel-size", "4"], "must be odd"),
    (["resnet18", "--memory", "much"], "must be an amount of memory"),
    (["resnet18", "--training", "--optimizer", "lion"], "must be one of sgd, momentum"),
    (["alexnet", "--input", "1,3,20,20"], "larger than the input"),
    ([], "say which network"),
])  # fmt: skip
def test_bad_input(arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert sentence in capsys.readouterr().err


def test_the_blocks_to_recompute_for_a_memory(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["resnet18", "--training", "--optimizer", "sgd", "--batch", "16", "--recompute"]
    plan = analyse("resnet18", (16, 3, 224, 224), training=True).recompute_plan(370 * 2**20, "sgd")
    assert main([*arguments, "--memory", "370MiB"]) == 0
    text = capsys.readouterr().out
    assert f"recompute {len(plan.blocks)} blocks: a step then needs {plan.peak:,} bytes and saves {plan.saved:,}, for {plan.extra_flops:,} more FLOPs:" in text
    assert all(f"    {path}\n" in text for path in plan.blocks)
    assert main([*arguments, "--memory", "370MiB", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["recompute_plan"] == {
        "blocks": list(plan.blocks), "saved": plan.saved, "peak": plan.peak, "extra_flops": plan.extra_flops,
    }  # fmt: skip
    assert main([*arguments, "--memory", "16GiB"]) == 0
    assert "recompute: nothing; a step of" in capsys.readouterr().out
    assert main([*arguments, "--memory", "1MiB"]) == 2
    assert "is too little: recomputing blocks, a training step still needs" in capsys.readouterr().err
    assert main(["resnet18", "--recompute"]) == 2
    assert "a plan needs --training, and --memory" in capsys.readouterr().err


def test_memory_of_a_training_step_and_the_largest_batch(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["resnet18", "--training", "--optimizer", "momentum", "--memory", "2GiB"]
    assert main([*arguments, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    analysis = analyse("resnet18", training=True)
    step, found = analysis.training_memory("momentum"), analysis.largest_batch(2**31, optimizer="momentum")
    assert (said["saved_memory"], said["training_memory"]["peak"], said["training_memory"]["where"]) == (analysis.saved_memory, step.peak, step.where)
    assert said["largest_batch"] == found._asdict()
    assert main(arguments) == 0
    text = capsys.readouterr().out
    assert f"{step.peak:,}" in text
    assert f"largest batch that fits: {found.batch}, {found.needed:,} bytes; one more needs {found.next_needed:,}" in text
    assert main(["resnet18", "--memory", "1KiB"]) == 0
    assert "none; the smallest needs" in capsys.readouterr().out
