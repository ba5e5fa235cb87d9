"""Published figures, with their sources. They are shown beside measured ones and never mixed with them."""

from __future__ import annotations

import functools
from pathlib import Path

import pandas as pd

_HERE = Path(__file__).parent


@functools.cache
def _read(name: str) -> pd.DataFrame:
    return pd.read_csv(_HERE / f"{name}.csv")


def accuracy(preset: str) -> pd.DataFrame:
    """Published accuracies of a preset: weights, dataset, metric, value in percent, source. Empty where none is known."""
    found = _read("accuracy")
    return found[found["preset"] == preset].drop(columns="preset").reset_index(drop=True)


def throughput(preset: str) -> pd.DataFrame:
    """timm's published inference throughput of a preset: setup, image size, batch size, images a second."""
    found = _read("gpu_throughput")
    return found[found["preset"] == preset].drop(columns="preset").reset_index(drop=True)


def all_accuracy() -> pd.DataFrame:
    """Every published accuracy."""
    return _read("accuracy")


def all_throughput() -> pd.DataFrame:
    """Every published throughput."""
    return _read("gpu_throughput")


def machines() -> pd.DataFrame:
    """Peak arithmetic (TFLOPS by dtype) and bandwidth (GB/s) of machines, with the vendor's document as source."""
    return _read("machines")


def efficiency() -> pd.DataFrame:
    """Share of its roof that each group of operations reaches on each machine; ``scripts/fit_efficiency.py`` writes it."""
    return _read("efficiency")


def quantised_accuracy(preset: str) -> pd.DataFrame:
    """Published ImageNet top-1 of a preset's quantised versions beside float's, as both were evaluated there: precision, float_top1, top1, source.

    From numerics.yaml of github.com/quic/ai-hub-models (BSD-3-Clause, read 2026-02-12), for the precisions of the "qualcomm" table.
    """
    found = _read("quantised_accuracy")
    return found[found["preset"] == preset].drop(columns="preset").reset_index(drop=True)


def device_networks() -> pd.DataFrame:
    """Which preset a row of a table of devices is, at which picture side, and why; ``preset`` is empty where the catalog has none."""
    return _read("device_networks")


def device_latency(table: str) -> pd.DataFrame:
    """Published milliseconds of one picture on many devices, a row per run and a column per network.

    "ncnn": benchmark/README.md of github.com/Tencent/ncnn (BSD-3-Clause, read 2026-07-22), the means of its runs.
    "qualcomm": perf.yaml of github.com/quic/ai-hub-models (BSD-3-Clause, read 2026-02-12).
    """
    return _read(f"{table}_latency")


def device_model() -> pd.DataFrame:
    """What the model of devices was fitted to, with its errors on what was left out; ``scripts/fit_latency.py`` writes it."""
    return _read("device_model")
