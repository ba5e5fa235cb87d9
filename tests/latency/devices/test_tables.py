"""The published tables as populations, and what is refused: units mixed up, negative times, absurd rows, files that are no tables."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from blocks import analyse, catalog, reference
from blocks.knobs import KnobError
from blocks.latency.devices.tables import DEVICE_TABLES, checked_probes, checked_settings, checked_table, context_of, failed_runs, population, read_probes


@pytest.mark.parametrize("table", DEVICE_TABLES)
def test_every_row_used_is_a_preset_with_a_reason(table: str) -> None:
    networks = reference.device_networks()
    networks = networks[networks["table"] == table]
    assert networks["reason"].str.len().gt(5).all()
    assert networks["row"].is_unique
    for column in population(table).columns:
        assert catalog.entry(column.preset).kind == "model"
    assert set(reference.device_latency(table)) >= {c.row for c in population(table).columns}


def test_names_that_mean_another_width_are_the_width_of_the_table() -> None:
    # Weights that the tables' own files say: 2.28 M (last convolution 464 x 1024) under ncnn, 1.37 M and 88.7 M at Qualcomm's.
    assert {c.preset for c in population("ncnn").columns} >= {"shufflenet_v2_x1_0", "mobilenet_v3_large", "alexnet_2012", "googlenet"}
    for preset, millions in (("shufflenet_v2_x0_5", 1.37), ("resnext101_32x8d", 88.8), ("googlenet_torchvision", 6.62)):
        assert preset in {c.preset for c in population("qualcomm").columns}
        assert analyse(preset).params / 1e6 == pytest.approx(millions, abs=0.01 * millions)


@pytest.mark.parametrize("table", DEVICE_TABLES)
def test_times_are_what_is_published(table: str) -> None:
    fleet, frame = population(table), reference.device_latency(table)
    kept = frame[~failed_runs(table)]
    row = kept[kept["device"] == fleet.devices[0]].iloc[0]
    published = row[fleet.columns[0].row]
    assert np.exp(fleet.times[0, 0]) == pytest.approx(published, nan_ok=True)


def test_a_run_that_failed_is_left_out() -> None:
    frame = reference.device_latency("ncnn")[failed_runs("ncnn")]
    assert (frame["vgg16"] < frame["squeezenet"] / 10).all()  # 40 times the work
    assert len(frame) == 1


def test_8_bit_rows_of_a_gpu_are_the_processors() -> None:
    fleet = population("ncnn")
    places = [i for i, c in enumerate(fleet.columns) if c.precision == "int8"]
    assert np.isnan(fleet.times[(fleet.settings["gpu"] == "yes").to_numpy()][:, places]).all()


def _table(**changes: object) -> pd.DataFrame:
    frame = reference.device_latency("ncnn")[~failed_runs("ncnn")].head(30).reset_index(drop=True)
    for name, value in changes.items():
        frame[name] = frame[name].astype(object)
        frame.loc[3, name] = value
    return frame


@pytest.mark.parametrize(
    ("value", "words"),
    [(-4.0, "above 0"), (0, "above 0"), ("=1+1", "such as 12.3"), (float("inf"), "above 0"), (1e9, "between"), (0.02, "another unit")],
)
def test_an_impossible_time_names_its_row(value: object, words: str) -> None:
    with pytest.raises(KnobError, match=f"line 5, vgg16.*{words}"):
        checked_table("ncnn", _table(vgg16=value))


def test_a_table_without_its_columns() -> None:
    with pytest.raises(KnobError, match="lacks the columns gpu, resnet50"):
        checked_table("ncnn", _table().drop(columns=["gpu", "resnet50"]))
    assert len(checked_table("ncnn", _table())) == 30


def test_seconds_in_place_of_milliseconds_are_said() -> None:
    fleet = population("ncnn")
    typical = np.exp(np.nanmedian(fleet.times, axis=0))
    good = {c.name: float(typical[i]) for i, c in enumerate(fleet.columns) if c.name in ("mobilenet_v2", "resnet50", "vgg16")}
    assert len(checked_probes(fleet, good)) == 3
    with pytest.raises(KnobError, match="may be seconds, not milliseconds"):
        checked_probes(fleet, {name: ms / 5e4 for name, ms in good.items() if ms / 5e4 > 1e-3})
    with pytest.raises(KnobError, match=r"resnet50.*other probes suggest"):
        checked_probes(fleet, good | {"resnet50": good["resnet50"] / 1000})
    with pytest.raises(KnobError, match="do not fit together"):
        checked_probes(fleet, {"mobilenet_v2": good["mobilenet_v2"], "resnet50": good["resnet50"] / 1000})


@pytest.mark.parametrize(
    ("probes", "words"),
    [
        ({}, "at least one"),
        ({"resnet51": 3}, "is no network of the ncnn table.*resnet50"),
        ({"resnet50": -3}, "above 0"),
        ({"resnet50": "fast"}, "such as 12.3"),
    ],
)
def test_bad_probes(probes: dict[str, object], words: str) -> None:
    with pytest.raises(KnobError, match=words):
        checked_probes(population("ncnn"), probes)


@pytest.mark.parametrize(
    ("settings", "words"), [({"cores": "4"}, "knows threads, gpu"), ({"threads": "many"}, "whole number"), ({"gpu": "maybe"}, "must be one of no, yes")]
)
def test_bad_settings(settings: dict[str, str], words: str) -> None:
    with pytest.raises(KnobError, match=words):
        checked_settings("ncnn", settings)


def test_settings_and_their_numbers() -> None:
    assert checked_settings("qualcomm", {"runtime": "onnx"}) == {"runtime": "onnx", "precision": "float", "unit": "NPU"}
    assert context_of("ncnn", {"threads": "1", "gpu": "yes"}).tolist() == [1.0, 0.0]
    with pytest.raises(KnobError, match="must be one of ncnn, qualcomm"):
        population("coreml")


def test_probes_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "probes.csv"
    path.write_text("network, ms\nresnet50, 80\nmobilenet_v2, 12.3\n")
    assert read_probes(path) == {"resnet50": "80", "mobilenet_v2": "12.3"}
    for content, words in (
        (b"\x00\xff\xfe", "cannot be read"),
        (b"a,b\n1,2", "needs the columns"),
        (b"", "cannot be read"),
        (b"network,ms\na,1\na,2", "has a twice"),
    ):
        path.write_bytes(content)
        with pytest.raises(KnobError, match=words):
            read_probes(path)
    path.write_bytes(b"x" * 2_000_000)
    with pytest.raises(KnobError, match="too long"):
        read_probes(path)
    with pytest.raises(KnobError, match="cannot be read"):
        read_probes(tmp_path / "none.csv")
