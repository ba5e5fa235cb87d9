"""The latency lab as pages and the command line call it. Every function returns at once; only :func:`wait` waits."""

from __future__ import annotations

import atexit
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from blocks.knobs import KnobError
from blocks.language import retell, tr
from blocks.latency.measure import devices as _devices
from blocks.latency.measure import profile as _profile
from blocks.latency.measure.devices import DeviceInfo, DeviceOption, devices, options
from blocks.latency.measure.experiment import Experiment, Limits
from blocks.latency.measure.measuring import experiment_payload, known_need, measuring_job, measuring_pool
from blocks.latency.measure.profile import Profile
from blocks.latency.measure.results import Comparison, Measurement
from blocks.latency.roofline.microbenchmarks import Microbenchmarks
from blocks.workers.job import FINAL, Job
from blocks.workers.pool import Pool

__all__ = [
    "DeviceInfo",
    "DeviceOption",
    "Experiment",
    "Limits",
    "Microbenchmarks",
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

#: Measurements of one session that may be under way or wait on a device at a time: one user's list must not keep a class waiting.
MOST_UNFINISHED = 20
_lock = threading.Lock()
_pools: dict[str, Pool] = {}
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
    verdicts: tuple[dict[str, object], ...] = field(default=())

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.state in FINAL or self.state == "unknown"


def pool(device: str) -> Pool:
    """The pool of ``device`` in this program: one measuring process, so that measurements do not disturb each other."""
    with _lock:
        if device not in _pools:
            _pools[device] = measuring_pool(device, keep=_store)
        return _pools[device]


def _store(job: Job) -> str:
    """Write a result into the ledger before it is reported done; a sentence if that was not possible."""
    from blocks.latency.store.ledger import record_result  # here: pages open faster without the database

    return record_result(job.kind, job.id, job.result or {}, job.session)


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
        if experiment.from_file:
            raise KnobError("network", experiment.network, "files are measured from the command line only")
        catalog.settings(experiment.network, **dict(experiment.knobs))
    _devices.check_supported(experiment)


def submit(experiment: Experiment, *, session: str = "local", replace: bool = False) -> str:
    """Queue a measurement; returns the job's id. :class:`KnobError` for what cannot be asked.

    ``session`` names the browser session: sessions take turns. With ``replace`` its other unfinished jobs on that
    device are cancelled (a knob was turned).
    """
    _checked(experiment)
    return _submit("measure", experiment_payload(experiment), experiment, session, replace)


def compare(experiments: Sequence[Experiment], *, session: str = "local", replace: bool = False) -> str:
    """Queue an interleaved comparison of two or more experiments of one device, each against the first; returns the job's id."""
    if len(experiments) < 2:
        raise KnobError("experiments", len(experiments), "a comparison needs two or more")
    for experiment in experiments:
        _checked(experiment)
        if experiment.device != experiments[0].device:
            raise KnobError("device", experiment.device, "a comparison runs on one device", [experiments[0].device])
    payload = {"experiments": [e.to_dict() for e in experiments], "needed": [known_need(e) for e in experiments]}
    return _submit("compare", payload, experiments[0], session, replace)


def profile(experiment: Experiment, *, session: str = "local", replace: bool = False) -> str:
    """Queue a profile, the seconds of each operation of the trace; returns the job's id. The result is a :class:`Profile`."""
    _checked(experiment)
    _profile.check_profilable(experiment)
    return _submit("profile", experiment_payload(experiment), experiment, session, replace)


def probe(device: str, *, threads: int | None = None, session: str = "local") -> str:
    """Queue probes of a device's peak arithmetic, bandwidth and efficiencies (seconds); returns the job's id. The result is :class:`Microbenchmarks`."""
    experiment = Experiment("probe", device=device, threads=threads)
    _devices.check_supported(experiment)
    return _submit("probe", {"device": device, "threads": threads}, experiment, session, False)


def _submit(kind: str, payload: dict[str, object], first: Experiment, session: str, replace: bool) -> str:
    at_work = pool(first.device)
    if _is_of_page(session) and not replace and (n := at_work.unfinished(session)) >= MOST_UNFINISHED:
        rule = tr("at most {n} measurements of one user wait for a device; stop one, or wait until one has ended", n=MOST_UNFINISHED)
        raise KnobError("measurements", n + 1, rule)
    job = measuring_job(kind, payload, first, session)
    job.fresh = first.network in _allowed  # what a file does to its process must not reach the next job
    job.expires = _is_of_page(session)
    with _lock:
        _where[job.id] = first.device
    at_work.submit(job, replace=replace)
    return job.id


def _is_of_page(session: str) -> bool:
    """Whether a browser's session asks. Programs and sweeps come back for their results."""
    return session != "local" and not session.startswith("sweep")


def _found(job: str) -> tuple[Job, int] | None:
    device = _where.get(job)
    return pool(device).find(job) if device else None


def status(job: str) -> Status:
    """How the job stands."""
    found = _found(job)
    if found is None:
        return Status(job, "unknown", message=tr("This job is not known any more."))
    known, position = found
    known.asked = time.monotonic()
    p = known.progress
    return Status(
        job, known.state, position, p.get("phase", ""), p.get("n", 0), p.get("median"), p.get("low"), p.get("high"), tuple(p.get("recent", ())), p.get("share", 0.0),
        p.get("elapsed", 0.0), retell(known.message or p.get("message", "")), tuple(p.get("verdicts", ())),
    )  # fmt: skip


def is_over(job: str) -> bool:
    """Whether nothing more will come of the job. Other than :func:`status` this is no sign that a page waits for it."""
    found = _found(job)
    return found is None or found[0].over


def cancel(job: str) -> None:
    """Stop the job within a second, or take it out of the queue. Nothing happens to one that is over."""
    device = _where.get(job)
    if device:
        pool(device).cancel(job)


def reply(job: str) -> dict[str, object] | None:
    """The result of a job that is done, as the plain values that the measuring process sent; None otherwise."""
    found = _found(job)
    return found[0].result if found is not None and found[0].state == "done" else None


_RESULTS: dict[str, Callable[[dict[str, object]], Measurement | Comparison | Profile | Microbenchmarks]] = {
    "measure": Measurement.from_dict,
    "compare": Comparison.from_dict,
    "profile": Profile.from_dict,
    "probe": Microbenchmarks.from_dict,
}


def result(job: str) -> Measurement | Comparison | Profile | Microbenchmarks | None:
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
        pools = list(_pools.values())
    for one in pools:
        one.stop()
    if pools:
        from blocks.latency.store.ledger import ledger

        ledger().flush()  # what a locked ledger did not take


atexit.register(shutdown)
