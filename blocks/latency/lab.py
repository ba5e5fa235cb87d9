"""The latency laboratory as pages and the command line call it. Every function returns at once; only :func:`wait` waits."""

from __future__ import annotations

import atexit
import importlib
import threading
import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from blocks.knobs import KnobError
from blocks.latency.measure import devices as _devices
from blocks.latency.measure import profile as _profile
from blocks.latency.measure.devices import Info, Option, devices, options
from blocks.latency.measure.experiment import Experiment, Limits
from blocks.latency.measure.process_spread import combine
from blocks.latency.measure.profile import Profile
from blocks.latency.measure.results import Comparison, Measurement
from blocks.latency.roofline.microbenchmarks import Probes
from blocks.workers.manager import FINAL, Job, Manager

__all__ = [
    "Experiment",
    "Info",
    "Limits",
    "Option",
    "Probes",
    "Profile",
    "Status",
    "allow_file",
    "cancel",
    "compare",
    "devices",
    "options",
    "probe",
    "profile",
    "reply",
    "result",
    "shutdown",
    "status",
    "submit",
    "wait",
]

_lock = threading.Lock()
_managers: dict[str, Manager] = {}
_where: dict[str, str] = {}  # job -> device
_allowed: set[str] = set()


@dataclass(frozen=True, slots=True)
class Status:
    """A job as a page shows it.

    ``state``: queued, starting, running, done, failed, cancelled, or unknown. ``position``: jobs before it. ``phase``: checking, building, warm-up,
    measuring, comparing, waiting. ``median``, ``low``, ``high`` in seconds, so far. ``recent``: the last samples, in seconds.
    ``share``: of the caps used, 0 to 1. ``message``: a sentence, where there is something to say.
    """

    job: str
    state: str
    position: int = 0
    phase: str = ""
    n: int = 0
    median: float | None = None
    low: float | None = None
    high: float | None = None
    recent: tuple[float, ...] = ()
    share: float = 0.0
    elapsed: float = 0.0
    message: str = ""
    verdicts: tuple[dict[str, Any], ...] = field(default=())

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in FINAL or self.state == "unknown"


def manager(device: str) -> Manager:
    """The one manager of ``device`` in this process."""
    with _lock:
        if device not in _managers:
            _managers[device] = Manager(device, keep=_keep)
        return _managers[device]


def _keep(job: Job) -> str:
    """Write a result into the ledger before it is reported done; a sentence if that was not possible."""
    sentence: str = importlib.import_module("blocks.latency.store.ledger").keep(job.kind, job.id, job.result or {}, job.session)
    return sentence


def allow_file(path: str) -> str:
    """Let experiments name ``path.py:Class`` or ``path.pt2``. For the command line only: a file is code, and a URL must not run it.

    Returns the name with its path made absolute, as experiments must give it.
    """
    file, colon, cls = path.partition(":")
    name = f"{Path(file).resolve()}{colon}{cls}"
    _allowed.add(name)
    return name


def _checked(experiment: Experiment) -> None:
    from blocks import catalog

    if experiment.network not in _allowed:
        if ".py" in experiment.network or experiment.network.endswith(".pt2"):
            raise KnobError("network", experiment.network, "files are measured from the command line only")
        catalog.settings(experiment.network, **dict(experiment.knobs))
    _devices.check(experiment)


def submit(experiment: Experiment, *, session: str = "local", replace: bool = False) -> str:
    """Queue a measurement; returns the job's id. :class:`KnobError` for what cannot be asked.

    ``session`` names the browser session: sessions take turns. With ``replace`` its other unfinished jobs on that
    device are cancelled (a knob was turned).
    """
    _checked(experiment)
    return _submit("measure", {"experiment": experiment.to_dict()}, experiment, session, replace)


def compare(experiments: Sequence[Experiment], *, session: str = "local", replace: bool = False) -> str:
    """Queue an interleaved comparison of two or more experiments of one device, each against the first; returns the job's id."""
    if len(experiments) < 2:
        raise KnobError("experiments", len(experiments), "a comparison needs two or more")
    for experiment in experiments:
        _checked(experiment)
        if experiment.device != experiments[0].device:
            raise KnobError("device", experiment.device, "a comparison runs on one device", [experiments[0].device])
    return _submit("compare", {"experiments": [e.to_dict() for e in experiments]}, experiments[0], session, replace)


def profile(experiment: Experiment, *, session: str = "local", replace: bool = False) -> str:
    """Queue a profile, the seconds of each operation of the trace; returns the job's id. The result is a :class:`Profile`."""
    _checked(experiment)
    _profile.check(experiment)
    return _submit("profile", {"experiment": experiment.to_dict()}, experiment, session, replace)


def probe(device: str, *, threads: int | None = None, session: str = "local") -> str:
    """Queue probes of a device's peak arithmetic, bandwidth and efficiencies (seconds); returns the job's id. The result is :class:`Probes`."""
    experiment = Experiment("probe", device=device, threads=threads)
    _devices.check(experiment)
    return _submit("probe", {"device": device, "threads": threads}, experiment, session, False)


def _submit(kind: str, payload: dict[str, Any], first: Experiment, session: str, replace: bool) -> str:
    limits = first.limits
    job = Job(uuid.uuid4().hex, kind, payload, session, limits.job_seconds, limits.memory_mb * 2**20 if limits.memory_mb else None)
    job.fresh = first.network in _allowed  # what a file does to its process must not reach the next job
    if kind == "measure" and first.processes > 1:
        job.processes, job.combine = first.processes, combine
    with _lock:
        _where[job.id] = first.device
    manager(first.device).submit(job, replace)
    return job.id


def _found(job: str) -> tuple[Job, int] | None:
    device = _where.get(job)
    return manager(device).look(job) if device else None


def status(job: str) -> Status:
    """How the job stands."""
    found = _found(job)
    if found is None:
        return Status(job, "unknown", message="This job is not known any more.")
    known, position = found
    known.asked = time.monotonic()
    p = known.progress
    return Status(
        job, known.state, position, p.get("phase", ""), p.get("n", 0), p.get("median"), p.get("low"), p.get("high"), tuple(p.get("recent", ())), p.get("share", 0.0),
        p.get("elapsed", 0.0), known.message or p.get("message", ""), tuple(p.get("verdicts", ())),
    )  # fmt: skip


def cancel(job: str) -> None:
    """Stop the job within a second, or take it out of the queue. Nothing happens to one that is over."""
    device = _where.get(job)
    if device:
        manager(device).cancel(job)


def reply(job: str) -> dict[str, Any] | None:
    """The result of a job that is done, as the plain values that the measuring process sent; None otherwise."""
    found = _found(job)
    return found[0].result if found is not None and found[0].state == "done" else None


_RESULTS: dict[str, Callable[[dict[str, Any]], Measurement | Comparison | Profile | Probes]] = {
    "measure": Measurement.from_dict,
    "compare": Comparison.from_dict,
    "profile": Profile.from_dict,
    "probe": Probes.from_dict,
}


def result(job: str) -> Measurement | Comparison | Profile | Probes | None:
    """The result of a job that is done; None otherwise."""
    plain, found = reply(job), _found(job)
    return None if plain is None or found is None else _RESULTS[found[0].kind](plain)


def wait(job: str, timeout: float = 300.0) -> Status:
    """Wait until the job is over (for the command line and tests, never for a page), and return its status."""
    end = time.monotonic() + timeout
    found = _found(job)
    if found is not None:
        found[0].finished.wait(max(0.0, end - time.monotonic()))
    return status(job)


def shutdown() -> None:
    """End every measuring process of this app."""
    with _lock:
        managers = list(_managers.values())
    for one in managers:
        one.stop()
    if managers:
        importlib.import_module("blocks.latency.store.ledger").ledger().flush()  # what a locked ledger did not take


atexit.register(shutdown)
