"""Where the cells of a sweep are measured: in this program's lab, or on the machines of a Ray cluster, one job per device."""

from __future__ import annotations

import logging
import os
import socket
import threading
from pathlib import Path
from typing import Any, Protocol

from blocks.extras import missing
from blocks.knobs import KnobError
from blocks.language import translatable
from blocks.latency import lab
from blocks.latency.measure.experiment import Experiment
from blocks.latency.measure.measuring import experiment_payload, measuring_job, measuring_pool

#: What became of a cell: ("done", the worker's reply) or ("failed", a sentence).
CellOutcome = tuple[str, object]


class Backend(Protocol):
    """Places that measure one experiment each at a time."""

    places: int
    keeps: bool  # whether a result is in the ledger when it is reported

    def start(self, experiment: Experiment) -> object:
        """Begin; returns a handle at once."""

    def outcome(self, handle: Any) -> CellOutcome | None:
        """What became of it; None while it is under way."""

    def cancel(self, handle: Any) -> None:
        """Stop it."""

    def close(self) -> None:
        """Let go of everything."""


class LocalBackend:
    """This machine, through the same queue as everybody's measurements."""

    places = 1
    keeps = True

    def __init__(self, session: str) -> None:
        self.session = session

    def start(self, experiment: Experiment) -> str:
        """Begin; returns a handle at once."""
        return lab.submit(experiment, session=self.session)

    def outcome(self, handle: str) -> CellOutcome | None:
        """What became of it; None while it is under way."""
        status = lab.status(handle)
        if not status.over:
            return None
        return ("done", lab.reply(handle)) if status.state == "done" else ("failed", status.message)

    def cancel(self, handle: str) -> None:
        """Stop it."""
        lab.cancel(handle)

    def close(self) -> None:
        """Nothing to let go of: the lab is the app's."""


class RayWorker:
    """One device of one machine, as an actor: it has a measuring process of its own, like the app."""

    def __init__(self, device: str) -> None:
        self.pool = measuring_pool(device)

    def measure(self, plain: dict[str, object]) -> CellOutcome:
        """Measure, waiting for the end."""
        experiment = Experiment.from_dict(plain)
        job = measuring_job("measure", experiment_payload(experiment), experiment, "sweep")
        self.pool.submit(job)
        job.finished.wait()
        return ("done", job.result) if job.state == "done" else ("failed", job.message)


class RayBackend:
    """Every device of that kind in a Ray cluster: an actor a GPU, or an actor a machine for the CPU.

    ``address`` is what ``ray.init`` takes: "auto", "host:6379", "ray://host:10001", or "local" for a cluster of this machine alone.
    The cluster's machines need the same Python and torch; this package is sent to them.
    """

    keeps = False

    def __init__(self, address: str, device: str) -> None:
        if needs := missing("ray"):
            raise KnobError("cluster", address, needs)
        _reach(address)
        os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")  # a cluster started here reports no usage
        import ray

        self.ray = ray
        self.owner = not ray.is_initialized()
        if self.owner:
            package = str(Path(__file__).resolve().parents[2])
            try:
                ray.init(
                    address=address,
                    log_to_driver=False,
                    logging_level=logging.ERROR,
                    include_dashboard=None if address != "local" else False,
                    runtime_env={"py_modules": [package]},
                )
            except (ConnectionError, RuntimeError, ValueError, TimeoutError) as error:
                raise KnobError("cluster", address, f"the cluster does not answer: {str(error).splitlines()[0]}", ["auto", "local"]) from error
        self.free = self._actors(device)
        self.places = len(self.free)
        self.busy: dict[object, Any] = {}
        if not self.places:
            self.close()
            raise KnobError("device", device, "no machine of the cluster has one", ["cpu"])

    def _actors(self, device: str) -> list[Any]:
        from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy

        remote = self.ray.remote(RayWorker)
        made = []
        for node in (n for n in self.ray.nodes() if n["Alive"]):
            here = NodeAffinitySchedulingStrategy(node["NodeID"], soft=False)
            if device.startswith("cuda"):
                made += [remote.options(num_gpus=1, scheduling_strategy=here).remote("cuda:0") for _ in range(int(node["Resources"].get("GPU", 0)))]
            else:
                made.append(remote.options(num_cpus=0, scheduling_strategy=here).remote(device))
        return made

    def start(self, experiment: Experiment) -> object:
        """Begin; returns a handle at once."""
        actor = self.free.pop()
        plain = experiment.to_dict()
        if experiment.device.startswith("cuda"):
            plain["device"] = "cuda:0"  # Ray shows each actor its own GPU only
        handle = actor.measure.remote(plain)
        self.busy[handle] = actor
        return handle

    def outcome(self, handle: Any) -> CellOutcome | None:
        """What became of it; None while it is under way."""
        ready, _ = self.ray.wait([handle], timeout=0)
        if not ready:
            return None
        actor = self.busy.pop(handle)
        try:
            found: CellOutcome = self.ray.get(handle)
        except self.ray.exceptions.RayError as error:
            self.places -= 1  # its machine or process is gone; the others go on
            return ("lost", translatable(f"The cluster lost the cell: {type(error).__name__}."))
        self.free.append(actor)
        return found

    def cancel(self, handle: object) -> None:
        """Stop it."""
        actor = self.busy.pop(handle, None)
        if actor is not None:
            self.ray.kill(actor)

    def close(self) -> None:
        """Let go of the cluster's devices."""
        for actor in [*self.free, *self.busy.values()]:
            self.ray.kill(actor)
        self.free, self.busy = [], {}
        if self.owner:
            self.ray.shutdown()


def _reach(address: str) -> None:
    """Knock at host:port first: Ray itself waits for minutes where nobody answers."""
    host, colon, text = address.removeprefix("ray://").rpartition(":")
    if not colon:
        return
    port = int(text) if text.isascii() and text.isdigit() else 0
    if not host or not 0 < port < 2**16:
        raise KnobError("cluster", address, "must end in a host and a port between 1 and 65535", ["auto", "local", "host:6379"])
    try:
        socket.create_connection((host, port), timeout=5).close()
    except OSError as error:
        raise KnobError("cluster", address, f"the cluster does not answer: {error}", ["auto", "local"]) from error


_one_cluster = threading.Lock()


def open_backend(cluster: str, device: str, session: str) -> Backend:
    """This machine where ``cluster`` is empty, else the cluster at that address."""
    if not cluster:
        return LocalBackend(session)
    with _one_cluster:
        return RayBackend(cluster, device)
