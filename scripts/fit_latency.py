"""``python -m scripts.fit_latency``: fit blocks/reference/device_model.csv anew on the published latencies of devices, and print its errors beside a plain regression's and the roofline's."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from blocks.latency.devices.left_out import PROBES, fitted_model, noise_bound, off, repeated_runs
from blocks.latency.devices.tables import DEVICE_TABLES, failed_runs, population
from blocks.latency.roofline.data_sheet import left_out_gpus, sheet_errors, write_sheet_model

MODEL_FILE = Path(__file__).resolve().parents[1] / "blocks" / "reference" / "device_model.csv"


def main() -> None:
    """Fit, print, write."""
    table = fitted_model()
    print(table.to_string(index=False, na_rep="-"))
    for name in DEVICE_TABLES:
        fleet = population(name)
        print(
            f"\n{name}: {len(np.unique(fleet.devices))} devices, {len(fleet.times)} runs, {int(failed_runs(name).sum())} left out as failed; probes {', '.join(PROBES[name])}"
        )
        if len(repeats := repeated_runs(fleet)):
            print("Runs of one device with equal settings, beyond their common factor:")
            print(repeats.round(3).to_string(index=False))
        if len(bound := noise_bound(fleet)):
            errors = off(bound, "estimated")
            print(
                f"With every other network of the run as a probe: median {np.median(errors):.1%}, {np.mean(errors < 0.1):.0%} within 10 %, of {len(errors)} estimates"
            )
    table.to_csv(MODEL_FILE, index=False)
    _unseen_gpus()


def _unseen_gpus() -> None:
    """A GPU by its data sheet alone."""
    errors = sheet_errors(left_out_gpus())
    print(
        "\nPublished throughputs of GPUs, each left out in turn and known by its data sheet alone (new: the network left out as well; pooled: mean factors of the others):"
    )
    print(errors.to_string(index=False))
    write_sheet_model(errors)


if __name__ == "__main__":
    main()
