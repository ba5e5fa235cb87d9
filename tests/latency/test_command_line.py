"""The laboratory from a terminal: what it prints, what it keeps, and the sentence for whatever cannot be asked."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest

from blocks import analyse
from blocks.knobs import KnobError
from blocks.latency import lab, terminal
from blocks.latency.__main__ import main
from blocks.latency.measure.experiment import Experiment
from blocks.latency.roofline.estimate import estimate
from blocks.latency.roofline.known_machines import machine
from blocks.latency.store import ledger
from tests.latency.conftest import reported

ROOT = Path(__file__).resolve().parents[2]
QUICK = ["--threads", "1", "--seconds", "1", "--target", "20"]


@pytest.fixture(autouse=True)
def own_ledger(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> ledger.Ledger:
    monkeypatch.setenv(ledger.LEDGER_URL_VARIABLE, f"sqlite:///{tmp_path / 'ledger.sqlite'}")
    return ledger.ledger()


@pytest.fixture
def network(tmp_path: Path) -> str:
    """A file with a network of two layers."""
    file = tmp_path / "mine.py"
    file.write_text(
        "from torch import nn\n\nclass Mine(nn.Sequential):\n    def __init__(self, width=7):\n        super().__init__(nn.Conv2d(3, width, 3), nn.ReLU())\n"
    )
    return f"{file}:Mine"


def said(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert main(words) == code
    captured = capsys.readouterr()
    return captured.err if code else captured.out


# --- Words -----------------------------------------------------------------------------------------


def test_knobs_follow_the_name_and_lists_keep_their_commas() -> None:
    assert terminal.network_of("resnet50,se_ratio=16,width_mult=0.5") == ("resnet50", {"se_ratio": 16, "width_mult": 0.5})
    name, knobs = terminal.network_of("resnet50,depths=3,4,6,3")
    assert list(knobs["depths"]) == [3, 4, 6, 3]
    assert name == "resnet50"


@pytest.mark.parametrize(("words", "sentence"), [
    ("resnet5O", "is not in the catalog"),
    ("resnet50,16", "knob=value"),
    ("resnet50,se_ration=4", "se_ratio"),
    ("resnet50,se_ratio=many", "must be a whole number"),
])  # fmt: skip
def test_wrong_words_are_answered(words: str, sentence: str) -> None:
    with pytest.raises(KnobError, match=sentence):
        terminal.network_of(words)


def test_a_batch_changes_the_first_size_only() -> None:
    assert terminal.network_input_shape("inception_v3", {}, None, 5) == (5, 3, 299, 299)
    assert terminal.network_input_shape("inception_v3", {}, (2, 3, 96, 80), 5) == (5, 3, 96, 80)
    assert terminal.network_input_shape("inception_v3", {}, None, None) is None


def test_a_grid_has_the_values_of_its_words() -> None:
    grid = terminal.grid_of(["resnet50"], ["se-ratio=0,4", "width_mult=0.5,1"], "1,8", "float32,bfloat16", Experiment("resnet50"))
    assert grid.axes == {"network": ("resnet50",), "se_ratio": (0, 4), "width_mult": (0.5, 1.0), "batch": (1, 8), "dtype": ("float32", "bfloat16")}
    with pytest.raises(KnobError, match="knob=value"):
        terminal.grid_of(["resnet50"], ["se_ratio"], "1", "float32", Experiment("resnet50"))


# --- Measuring -------------------------------------------------------------------------------------


def test_a_measurement_is_printed_and_kept(capsys: pytest.CaptureFixture[str], own_ledger: ledger.Ledger) -> None:
    text = said(capsys, "measure", "squeezenet1_1", "--input", "1,3,64,64", "--batch", "2", *QUICK)
    assert text.startswith("squeezenet1_1: median ")
    assert "isolated, hot cache, host clock, forward, float32, eager, 1 thread" in text
    kept = own_ledger.frame(kind="measure")
    assert kept["batch"].tolist() == [2]
    assert f"median {kept['median'][0] * 1e3:.4g} ms" in text


def test_json_has_everything(capsys: pytest.CaptureFixture[str], network: str) -> None:
    found = json.loads(said(capsys, "measure", f"{network},width=5", "--input", "3,3,9,8", "--json", *QUICK))
    assert found["experiment"]["knobs"] == [["width", 5]]
    assert found["images"] == 3
    assert len(found["samples"]) == found["n"]


def test_two_networks_get_a_verdict(capsys: pytest.CaptureFixture[str], network: str) -> None:
    text = said(capsys, "compare", f"{network},width=200", f"{network},width=3", "--input", "1,3,64,64", *QUICK)
    assert any(word in text for word in ("faster than", "No difference larger", "Not yet decided"))
    assert "1. " in text


def test_a_file_is_profiled(capsys: pytest.CaptureFixture[str], network: str) -> None:
    text = said(capsys, "profile", network, "--input", "1,3,64,64", *QUICK)
    assert "conv2d" in text
    assert "relu" in text
    assert "The operations take" in text


def test_an_exported_program_is_measured(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    import torch
    from torch import nn

    file = tmp_path / "small.pt2"
    torch.export.save(torch.export.export(nn.Linear(5, 3).eval(), (torch.zeros(2, 5),)), file)
    assert "median" in said(capsys, "measure", str(file), "--input", "2,5", *QUICK)
    assert "exported program" in said(capsys, "profile", str(file), "--input", "2,5", *QUICK, code=2)


# --- Estimates -------------------------------------------------------------------------------------


def test_a_roofline_prints_the_estimate(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "roofline", "resnet50,se_ratio=16", "--machine", "a100", "--batch", "4", "--dtype", "float16", "--rows", "2")
    wanted = estimate(analyse("resnet50", (4, 3, 224, 224), se_ratio=16), machine("a100"), "float16").seconds
    assert f"estimated {wanted * 1e3:.4g} ms" in text
    assert text.count("conv2d") <= 2
    assert "NVIDIA T4" in text


def test_the_table_of_machines_has_sources(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "machines")
    assert "rtx5090" in text
    assert "NVIDIA V100 data sheet" in text


def test_a_sweep_is_measured_and_listed(capsys: pytest.CaptureFixture[str]) -> None:
    text = said(capsys, "sweep", "squeezenet1_1", "--batches", "1,2", *QUICK)
    assert "done, 2 of 2 done" in text
    assert "squeezenet1_1: batch, 2 cells" in said(capsys, "sweep", "--list")


# --- Ledger ----------------------------------------------------------------------------------------


@pytest.fixture
def filled(own_ledger: ledger.Ledger) -> ledger.Ledger:
    for i, network in enumerate(["resnet18", "vgg11", "resnet34"]):
        own_ledger.add("measure", f"r{i}", reported(0.01 * (i + 1), time.time() - 100 + i, network))
    return own_ledger


@pytest.mark.usefixtures("filled")
def test_the_ledger_is_listed_and_filtered(capsys: pytest.CaptureFixture[str]) -> None:
    lines = said(capsys, "ledger", "list").splitlines()
    assert [line.split()[0] for line in lines[1:]] == ["r2", "r1", "r0"]
    assert "vgg11" not in said(capsys, "ledger", "list", "--text", "RESNET")
    assert said(capsys, "ledger", "list", "--kind", "compare") == "No result fits.\n"


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(("file", "read"), [("a.csv", pd.read_csv), ("a.parquet", pd.read_parquet)])
def test_the_ledger_is_exported(capsys: pytest.CaptureFixture[str], tmp_path: Path, file: str, read: object) -> None:
    assert said(capsys, "ledger", "export", str(tmp_path / file), "--text", "resnet").startswith("2 results")
    assert read(tmp_path / file)["median"].tolist() == pytest.approx([0.03, 0.01])  # type: ignore[operator]


@pytest.mark.usefixtures("filled")
def test_results_are_shown_and_deleted(capsys: pytest.CaptureFixture[str]) -> None:
    assert json.loads(said(capsys, "ledger", "show", "r1"))["median"] == 0.02
    assert "add --yes" in said(capsys, "ledger", "delete", "r1", code=2)
    assert said(capsys, "ledger", "delete", "r1", "r9", "--yes") == "1 deleted\n"
    assert "is not in the ledger" in said(capsys, "ledger", "show", "r1", code=2)


@pytest.mark.parametrize(("words", "sentence"), [
    (["measure", "resnet5O"], "Nearest: resnet50"),
    (["measure", "nowhere.py:Net", "--input", "1,3,8,8"], "is not a file"),
    (["measure", f"{__file__}:Net"], "needs --input"),
    (["measure", "resnet18", "--input", "1,3,big,64"], "must be whole numbers"),
    (["measure", "resnet18", "--batch", "0"], "must be whole numbers of at least 1"),
    (["measure", "resnet18", "--device", "cuda:9"], "is not here"),
    (["measure", "resnet18", "--seconds", "0"], "must be a number above 0"),
    (["compare", "resnet18"], "needs two or more"),
    (["roofline", "resnet18", "--machine", "rtx409"], "rtx4090"),
    (["roofline", "resnet18", "--machine", "t4", "--dtype", "tf32"], "no figure for NVIDIA T4"),
    (["sweep"], "say what to measure"),
    (["sweep", "--resume", "nothing"], "is not in the ledger"),
    (["ledger", "export", "table.xlsx"], "must end in .csv or .parquet"),
    (["ledger", "export", "/nowhere/at/all.csv"], "cannot be written"),
])  # fmt: skip
def test_what_cannot_be_asked_costs_a_sentence(capsys: pytest.CaptureFixture[str], words: list[str], sentence: str) -> None:
    assert sentence in said(capsys, *words, code=2)


def test_a_job_that_fails_says_why(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "broken.py"
    file.write_text("from torch import nn\n\nclass Broken(nn.Module):\n    def forward(self, x):\n        raise RuntimeError('on purpose')\n")
    assert "on purpose" in said(capsys, "measure", f"{file}:Broken", "--input", "1,3", *QUICK, code=1)


def test_it_is_a_module_with_help() -> None:
    done = subprocess.run([sys.executable, "-m", "blocks.latency", "measure", "--help"], cwd=ROOT, capture_output=True, text=True, timeout=600, check=True)
    assert "--channels-last" in done.stdout
    assert lab.devices()[0].device in done.stdout


# --- Devices that are not here ---------------------------------------------------------------------


def test_a_device_known_by_its_probes(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", "efficientnet_b0", "--probe", "mobilenet_v2=12.3", "--probe", "resnet50=80", "--setting", "threads=2"]) == 0
    said = capsys.readouterr().out
    assert "efficientnet_b0: estimated" in said
    assert "threads=2" in said
    assert "next probe" in said
    assert "published" not in said


def test_a_gpu_by_its_data_sheet(capsys: pytest.CaptureFixture[str]) -> None:
    sheet = ["--sheet", "float16=165.2,float32=82.6,bandwidth=1008"]
    assert main(["predict", "resnet50,se_ratio=16", *sheet]) == 0
    said = capsys.readouterr().out
    assert "resnet50,se_ratio=16: estimated" in said
    assert "known by its data sheet: float16 165.2, float32 82.6, bandwidth 1008" in said
    assert main(["predict", "resnet50", *sheet, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["kind"], found["unit"]) == ("estimated", "pictures/s")
    assert found["low"] < found["images_per_second"] < found["high"]


def test_a_published_device_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", "resnet50", "--device", "galaxy s25", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["kind"] == "estimated"
    assert found["low"] < found["ms"] < found["high"]
    assert main(["devices", "galaxy", "s25", "--json"]) == 0
    assert {row["device"] for row in json.loads(capsys.readouterr().out)} == {found["device"]}


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["resnet50"], "a known device or the times of probes"),
        (["resnet50", "--sheet", "float16=1"], "lacks float32"),
        (["resnet50", "--sheet", "float16=165,float32=82,bandwidth=1008", "--device", "galaxy"], "stands alone"),
        (["resnet50", "--device", "galaxy", "--probe", "resnet50=3"], "one of the two"),
        (["resnet50", "--probe", "resnet50"], "must be name=value"),
        (["resnet50", "--probe", "resnet50=-1"], "above 0"),
        (["resnet50", "--probes", "no_such_file.csv"], "cannot be read as a table"),
        (["resnet50", "--device", "galaxy", "--setting", "cores=3"], "knows runtime, precision, unit"),
    ],
)
def test_what_cannot_be_predicted_is_said(words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["predict", *words]) == 2
    assert sentence in capsys.readouterr().err
