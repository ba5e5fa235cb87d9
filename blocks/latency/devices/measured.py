"""Times that were measured on this machine and kept in the ledger, as probes of it."""

from __future__ import annotations

import functools

from blocks import catalog
from blocks.latency.devices.tables import population
from blocks.latency.measure.experiment import Experiment
from blocks.latency.roofline.known_machines import this_machine
from blocks.latency.store.ledger import ledger


def measured_here(table: str) -> dict[str, float]:
    """Milliseconds by network of ``table``, the newest of each that was measured on this machine's CPU and converged.

    Only the usual quantity counts: one picture of the table's side, forward, float32, eager, with hot caches and torch's own number of threads. Raises
    :class:`blocks.latency.store.queries.LedgerError` where the ledger cannot be read.
    """
    asked = _experiments(table)
    rows = ledger().frame(kind="measure", machine=this_machine(), experiment_key=list(asked))
    found: dict[str, float] = {}
    for key, median, converged in zip(rows["experiment_key"], rows["median"], rows["converged"], strict=True):  # newest first
        if converged and median > 0:
            found.setdefault(asked[key], 1e3 * float(median))
    return found


@functools.cache
def _experiments(table: str) -> dict[str, str]:
    """The table's networks by the keys of what is usually measured of them."""
    found: dict[str, str] = {}
    for column in population(table).columns:
        if column.precision == "int8":
            continue
        _, channels, *sides = catalog.input_shape(column.preset)
        shape = (1, channels, *(column.side or side for side in sides))
        found[Experiment(column.preset, input_shape=shape).key()] = column.name
        if shape == tuple(catalog.input_shape(column.preset)):
            found[Experiment(column.preset).key()] = column.name
    return found
