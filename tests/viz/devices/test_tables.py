"""The tables: published, typed and estimated times stand in columns of their own."""

from __future__ import annotations

import pandas as pd
import pytest

from blocks import reference
from blocks.latency.devices.device_error import left_out_on
from blocks.latency.devices.prediction import known_device
from tests.viz.devices.test_figures import FRAME
from viz.devices.tables import error_table, number_columns, presets_there, published_there


def test_no_column_mixes_what_is_published_and_what_is_estimated() -> None:
    known, typed = presets_there(FRAME, given=False), presets_there(FRAME, given=True)
    assert known["published (ms)"].tolist()[0] == 2.0
    assert known["published (ms)"].notna().tolist() == [True, False, False, False, False]
    assert known["estimated (ms)"].notna().tolist() == [False, True, True, False, True]
    assert typed["timed by you (ms)"].notna().tolist() == [False, False, False, True, False]
    assert not (typed["timed by you (ms)"].notna() & typed["estimated (ms)"].notna()).any()
    assert known["90 % from (ms)"].notna().tolist() == known["estimated (ms)"].notna().tolist()


def test_published_rows_have_the_tables_names_and_the_error_without_each() -> None:
    device = known_device("BCM2712, Cortex-A76")
    found = published_there(device, left_out_on(device)).set_index("In the table")
    assert found.loc["resnet50", "published (ms)"] == pytest.approx(46.21)
    assert found.loc["squeezenet", ["Network", "px"]].tolist() == ["squeezenet1_1", 227]
    assert (found.loc["resnet50_int8", "Precision"], pd.isna(found.loc["resnet50_int8", "off (%)"])) == ("8 bits", True)
    off = 100 * abs(found["≈ without it (ms)"] / found["published (ms)"] - 1)
    assert off.dropna().round(6).equals(found["off (%)"].dropna().round(6))


def test_errors_are_those_of_the_fit() -> None:
    model = reference.device_model()
    probed, known = error_table(model, "ncnn", "device"), error_table(model, "qualcomm", "network")
    assert (probed["probes"].tolist(), probed["median error (%)"].round(1).tolist()[2]) == ([1, 2, 3, 4, 5], 7.4)
    assert known["Left out"].tolist() == ["network", "family"]
    assert "probes" not in known
    assert "regression (%)" not in known


def test_times_and_shares_are_written_short() -> None:
    found = number_columns(presets_there(FRAME, given=False))
    assert {"published (ms)", "estimated (ms)", "top-1 (%)"} <= set(found)
    assert "Network" not in found
