"""An experiment: everything that a latency figure depends on and that the user chooses, as one frozen value."""

from __future__ import annotations

import dataclasses
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from blocks.knobs import KnobError
from blocks.language import tr, translatable, trn

#: What each field may be, with the words that pages show.
CHOICES: dict[str, dict[str, str]] = {
    "dtype": {
        "float32": translatable("32-bit floats, full precision"),
        "tf32": translatable("32-bit floats whose products are rounded to TF32"),
        "bfloat16": translatable("network and input in bfloat16"),
        "float16": translatable("network and input in float16"),
        "autocast": translatable("32-bit weights, torch.autocast picks 16-bit operations"),
    },
    "mode": {"forward": translatable("forward pass, no gradients"), "forward_backward": translatable("forward and backward pass, training mode")},
    "quantity": {
        "isolated": translatable("one pass at a time, waiting for its end: the latency of a single request"),
        "amortised": translatable("many passes in a row, waiting once, divided by their number: time at full load"),
    },
    "cache": {"hot": translatable("weights and input as the pass before left them in the caches"), "cold": translatable("caches flushed before every pass")},
    "clock": {
        "host": translatable("the program's clock, launch and wait included"),
        "device": translatable("the device's own clock (events), work on the device only"),
    },
    "compile": {
        "eager": translatable("operation by operation"),
        "compile": "torch.compile",
        "cuda_graph": translatable("recorded once as a CUDA graph and replayed"),
    },
}


@dataclass(frozen=True, slots=True)
class Limits:
    """When to stop. Seconds are of measuring, except ``job_seconds``: the whole job, after which it is killed.

    ``target`` is the relative half-width of the median's 95 % interval at which a measurement has converged;
    ``margin`` the relative difference that a comparison calls none; ``memory_mb`` the job's own memory (None: 80 % of what is free).
    """

    target: float = 0.02
    margin: float = 0.02
    min_samples: int = 20
    min_seconds: float = 0.3
    max_samples: int = 5000
    max_seconds: float = 20.0
    warmup_seconds: float = 3.0
    job_seconds: float = 180.0
    memory_mb: int | None = None


@dataclass(frozen=True, slots=True)
class Experiment:
    """One network under one set of conditions.

    ``network`` is a catalog name, or ``path.py:Class`` / ``path.pt2`` where the command line allowed that file.
    ``input_shape`` None means the catalog's; ``threads`` None means torch's default; ``processes`` asks for as many fresh
    processes, for the spread between them.
    """

    network: str
    knobs: tuple[tuple[str, Any], ...] = ()
    input_shape: tuple[int, ...] | None = None
    device: str = "cpu"
    dtype: str = "float32"
    mode: str = "forward"
    quantity: str = "isolated"
    cache: str = "hot"
    clock: str = "host"
    compile: str = "eager"
    channels_last: bool = False
    threads: int | None = None
    processes: int = 1
    limits: Limits = field(default_factory=Limits)

    def __post_init__(self) -> None:
        knobs = self.knobs.items() if isinstance(self.knobs, Mapping) else self.knobs
        object.__setattr__(self, "knobs", tuple(sorted((str(k), _frozen(v)) for k, v in knobs)))
        if self.input_shape is not None:
            object.__setattr__(self, "input_shape", tuple(self.input_shape))
        _check(self)

    @property
    def from_file(self) -> bool:
        """Whether the network comes from a file rather than from the catalog."""
        return names_file(self.network)

    @property
    def batch(self) -> int | None:
        """Images per pass; None while the shape is left to the catalog."""
        return self.input_shape[0] if self.input_shape else None

    @property
    def title(self) -> str:
        """Name and changed knobs, short."""
        changed = ", ".join(f"{k}={v}" for k, v in self.knobs)
        return f"{self.network}({changed})" if changed else self.network

    def describe(self) -> str:
        """The named quantity as a sentence fragment: what exactly the figure is."""
        cache = {"hot": tr("hot cache"), "cold": tr("cold cache")}[self.cache]
        clock = {"host": tr("host clock"), "device": tr("device clock")}[self.clock]
        words = [tr(self.quantity), cache, clock, tr(self.mode.replace("_", " + ")), self.dtype, tr(self.compile)]
        if self.channels_last:
            words.append("channels-last")
        if self.threads:
            words.append(trn("{n} thread", "{n} threads", self.threads))
        return ", ".join(words)

    def to_dict(self) -> dict[str, object]:
        """As plain JSON values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Experiment:
        """The inverse of :meth:`to_dict`; fields that this version does not know are ignored."""
        known = {f.name for f in dataclasses.fields(cls)}
        values = {k: v for k, v in plain.items() if k in known}
        limits = {k: v for k, v in dict(values.pop("limits", {})).items() if k in {f.name for f in dataclasses.fields(Limits)}}
        values["knobs"] = tuple((k, v) for k, v in values.get("knobs", ()))
        return cls(**values, limits=Limits(**limits))

    def key(self) -> str:
        """Fingerprint of network and conditions, limits left out: equal keys ask for the same quantity."""
        plain = {k: v for k, v in self.to_dict().items() if k != "limits"}
        return hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode()).hexdigest()[:16]


def names_file(network: str) -> bool:
    """Whether a network's name is that of a file: ``path.py:Class`` or ``path.pt2``."""
    return network.partition(":")[0].endswith((".py", ".pt2"))


def _frozen(value: object) -> object:
    return tuple(_frozen(v) for v in value) if isinstance(value, (list, tuple)) else value


def _check(e: Experiment) -> None:
    for name, choices in CHOICES.items():
        value = getattr(e, name)
        if value not in choices:
            raise KnobError(name, value, tr("must be one of {names}", names=", ".join(choices)), list(choices)[:1])
    if e.input_shape is not None and (not e.input_shape or any(isinstance(n, bool) or not isinstance(n, int) or n < 1 for n in e.input_shape)):
        raise KnobError("input_shape", e.input_shape, tr("must be whole numbers of at least 1, batch first"), [tuple(max(1, int(n)) for n in e.input_shape)])
    for name, value, low, high in (("threads", e.threads, 1, 1024), ("processes", e.processes, 1, 50)):
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or not low <= value <= high):
            raise KnobError(name, value, tr("must be a whole number between {low} and {high}", low=low, high=high), [low])
    for name in ("target", "margin", "max_seconds", "job_seconds"):
        value = getattr(e.limits, name)
        if not math.isfinite(value) or value <= 0:
            raise KnobError(name, value, tr("must be a number above 0"), [getattr(Limits(), name)])
    if e.limits.min_samples < 6 or e.limits.max_samples < e.limits.min_samples:
        raise KnobError("min_samples", e.limits.min_samples, tr("must be at least 6, as fewer samples have no 95 % interval, and at most max_samples"), [20])
