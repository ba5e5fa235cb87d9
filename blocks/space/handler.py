"""What a counting process does: count the variants of one piece of work, and estimate their latency where a machine or a device is named."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from blocks import catalog
from blocks.knobs import KnobError
from blocks.space.count import Counts, NetworkVariant, Setup, count_variants
from blocks.space.device_time import DeviceTimer
from blocks.space.scaling import estimated
from blocks.workers.control import JobControl


def pack(variant: NetworkVariant) -> list[object]:
    """A variant as JSON carries it."""
    return [dict(variant.knobs), variant.side]


def unpack(raw: list[Any]) -> NetworkVariant:
    """The variant that :func:`pack` wrote: lists become tuples again."""
    return NetworkVariant({k: tuple(v) if isinstance(v, list) else v for k, v in raw[0].items()}, raw[1])


class CountingHandler:
    """The handler of counting processes (:class:`blocks.workers.serve.Handler`): one thread each, below the pages in priority."""

    niceness = 5

    def __init__(self) -> None:
        torch.set_num_threads(1)
        catalog.names()

    def run(self, kind: str, payload: dict[str, Any], control: JobControl) -> dict[str, object]:
        """Figures, errors by place, how it was done, and seconds on the machine and on the device; progress says how many are ``done``."""
        del kind
        setup, variants = Setup(**payload["setup"]), [unpack(v) for v in payload["variants"]]

        def progress(done: int) -> None:
            control.check()
            if control.due():
                control.report(done=done)

        timer = _timer(payload["device"], setup)
        counts = count_variants(setup, variants, progress, timer.reading if timer else None)
        latency = _estimates(setup, variants, counts, payload["machine"], control)
        times = timer.times(variants, counts, control.check) if timer else np.full((len(variants), 0), np.nan)
        return {
            "figures": counts.figures.tolist(), "errors": {str(k): v for k, v in counts.errors.items()}, "structures": counts.structures,
            "traces": counts.traces, "latency": latency, "device": [[None if np.isnan(v) else v for v in row] for row in times.tolist()],
        }  # fmt: skip

    def describe(self, error: Exception) -> str:
        """The sentence for a fault of a network, or for a machine that is not known."""
        return str(error) if isinstance(error, KnobError) else f"{type(error).__name__}: {error}"

    def clean_up(self) -> None:
        """Nothing to undo."""


def _timer(device: str, setup: Setup) -> DeviceTimer | None:
    """What estimates on ``device``; None where none is named."""
    return DeviceTimer(device, setup) if device else None


def _estimates(setup: Setup, variants: list[NetworkVariant], counts: Counts, name: str, control: JobControl) -> list[float | None]:
    """Seconds on the machine called ``name`` for each variant that could be counted."""
    if not name:
        return [None] * len(variants)
    from blocks.latency.roofline.known_machines import machine  # here: it imports the ledger's database, and most counts name no machine

    known = machine(name)
    found: list[float | None] = []
    for i, variant in enumerate(variants):
        control.check()
        found.append(None if i in counts.errors else estimated(setup, variant, known))
    return found
