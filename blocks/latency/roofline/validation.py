"""Estimates against the ledger: how far off they were on what was measured here."""

from __future__ import annotations

import functools

import pandas as pd

from blocks.knobs import KnobError
from blocks.latency.measure.devices import default_threads
from blocks.latency.measure.experiment import Experiment
from blocks.latency.measure.traced import trace_of
from blocks.latency.roofline.estimate import Estimate, estimate
from blocks.latency.roofline.known_machines import measured_machines, this_machine
from blocks.latency.roofline.machines import Machine
from blocks.latency.store.ledger import Ledger
from blocks.trace.errors import TraceError

#: Traces of what was estimated last: a page asks again whenever it is drawn.
_traced = functools.lru_cache(maxsize=128)(trace_of)


def comparable(experiment: Experiment, machine: Machine) -> bool:
    """Whether an estimate for a probed ``machine`` is of the same quantity: one eager forward pass with warm caches on its threads."""
    plain = (experiment.mode, experiment.quantity, experiment.cache, experiment.compile) == ("forward", "isolated", "hot", "eager")
    threads = experiment.device != "cpu" or (experiment.threads or default_threads()) == machine.details.get("threads")
    return plain and threads and not experiment.channels_last and experiment.device == machine.details.get("device") and experiment.dtype in machine.peaks


def estimate_of(experiment: Experiment) -> Estimate | None:
    """The estimate for an experiment on this computer; None where its device was not probed so, or does not answer such a question."""
    machine = next((m for m in measured_machines() if comparable(experiment, m)), None)
    if machine is None:
        return None
    try:
        return estimate(_traced(experiment), machine, experiment.dtype)
    except (KnobError, TraceError, OSError):
        return None


def estimates_against_ledger(ledger: Ledger, machine: Machine, most: int = 60) -> pd.DataFrame:
    """The newest result of each comparable experiment of this computer beside its estimate: network, batch, dtype, measured, estimated (seconds), ratio,
    and ``others``, the share of the processor that other programs took meanwhile."""
    rows = ledger.frame(kind="measure", machine=this_machine(), limit=1000).drop_duplicates("experiment_key")
    found: list[dict[str, object]] = []
    for identity in rows["id"]:
        payload = ledger.payload(str(identity))
        if payload is None or len(found) == most:
            continue
        experiment = Experiment.from_dict(payload["experiment"])
        if comparable(experiment, machine):
            try:
                guess = estimate(_traced(experiment), machine, experiment.dtype).seconds
            except (KnobError, TraceError, OSError):
                continue  # a network of a file, or of an older catalog
            found.append({
                "network": experiment.title, "batch": payload["images"], "dtype": experiment.dtype, "measured": payload["median"], "estimated": guess,
                "ratio": guess / payload["median"], "others": payload.get("conditions", {}).get("other_cpu_share", 0.0),
            })  # fmt: skip
    return pd.DataFrame(found, columns=["network", "batch", "dtype", "measured", "estimated", "ratio", "others"])
