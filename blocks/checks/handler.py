"""What a checking process does: build a network again and hold its count against torch's counter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from blocks import catalog
from blocks.analysis import built_somehow
from blocks.cost.check import Check, check
from blocks.knobs import KnobError
from blocks.trace.errors import TraceError
from blocks.workers.control import JobControl


def check_by_name(name: str, knobs: Mapping[str, object], shape: Sequence[int], training: bool = False) -> Check:
    """The check of an opened network with these knobs, on an input of ``shape``. Raises KnobError or TraceError where it cannot be traced."""
    network = built_somehow(catalog.entry(name), catalog.settings(name, **knobs))
    return check(network, tuple(shape), training=training)


class CheckingHandler:
    """The handler of the checking process (:class:`blocks.workers.serve.Handler`): one thread, below the pages in priority."""

    niceness = 5

    def __init__(self) -> None:
        torch.set_num_threads(1)

    def run(self, kind: str, payload: dict[str, Any], control: JobControl) -> dict[str, object]:
        """The check as :meth:`~blocks.cost.check.Check.as_json` writes it."""
        del kind, control
        return check_by_name(payload["name"], payload["knobs"], payload["shape"], payload["training"]).as_json()

    def describe(self, error: Exception) -> str:
        """The sentence for what the network raised."""
        return str(error) if isinstance(error, (KnobError, TraceError)) else f"{type(error).__name__}: {error}"

    def clean_up(self) -> None:
        """Nothing to undo."""
