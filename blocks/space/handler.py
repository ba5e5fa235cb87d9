"""What a counting process does: count the variants of one piece of work, and estimate their latency where a machine is named."""

from __future__ import annotations

import contextlib
import os
from typing import Any

import torch

from blocks import catalog
from blocks.knobs import KnobError
from blocks.space.count import Counts, NetworkVariant, Setup, count_variants
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

    def __init__(self) -> None:
        with contextlib.suppress(OSError, AttributeError):
            os.nice(5)
        torch.set_num_threads(1)
        catalog.names()

    def run(self, kind: str, payload: dict[str, Any], control: JobControl) -> dict[str, object]:
        """Figures, errors by place, how it was done, and seconds on the machine; progress says how many are ``done``."""
        del kind
        setup, variants = Setup(**payload["setup"]), [unpack(v) for v in payload["variants"]]

        def progress(done: int) -> None:
            control.check()
            if control.due():
                control.report(done=done)

        counts = count_variants(setup, variants, progress)
        latency = _estimates(setup, variants, counts, payload["machine"], control)
        return {
            "figures": counts.figures.tolist(), "errors": {str(k): v for k, v in counts.errors.items()}, "structures": counts.structures,
            "traces": counts.traces, "latency": latency,
        }  # fmt: skip

    def describe(self, error: Exception) -> str:
        """The sentence for a fault of a network, or for a machine that is not known."""
        return str(error) if isinstance(error, KnobError) else f"{type(error).__name__}: {error}"

    def clean_up(self) -> None:
        """Nothing to undo."""


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
