"""What a measurement will need in memory, told before it starts: read from the trace, so nothing is allocated."""

from __future__ import annotations

import functools

from blocks import catalog
from blocks.knobs import KnobError
from blocks.language import SpokenError
from blocks.latency.measure.devices import Device
from blocks.latency.measure.experiment import Experiment
from blocks.latency.measure.traced import trace_of
from blocks.latency.measure.workload import shapes_of
from blocks.trace.errors import TraceError


class DoesNotFit(SpokenError):
    """A measurement that would need more memory than there is; the message is a sentence for a page."""


@functools.lru_cache(maxsize=256)
def needed_memory(experiment: Experiment) -> int | None:
    """Bytes for weights, buffers and activations of ``experiment``; None where its network cannot be traced.

    Where gradients are computed it is the peak of a training step without an optimizer's state (:func:`blocks.cost.training.training_memory`), else weights, buffers and
    the peak of activations. Left out: what libraries take as workspace.
    """
    try:
        analysis = trace_of(experiment)
    except (KnobError, TraceError):
        return None
    except Exception:  # a constructor or a forward from outside may raise anything
        if experiment.network in catalog.names():
            raise
        return None
    return analysis.needed_memory("sgd")


def check_memory(experiment: Experiment, device: Device, allowed: int | None = None, needed: int | None = None) -> int | None:
    """Bytes that ``experiment`` needs (``needed``, where that is known already), None if it cannot be told.

    Raises :class:`DoesNotFit` if that is more than is free on the device, or more than ``allowed``.
    """
    needed = needed_memory(experiment) if needed is None else needed
    if needed is not None:
        free = device.memory_free()
        refuse_if_too_large(needed, free if allowed is None else min(free, allowed), experiment.device, shapes_of(experiment)[0][0])
    return needed


def refuse_if_too_large(needed_bytes: int, limit: int, where: str, batch: int) -> None:
    """Raise :class:`DoesNotFit` if ``needed_bytes`` exceed ``limit``; the sentence names the largest batch that may fit."""
    if needed_bytes <= limit:
        return
    fits = int(batch * limit / needed_bytes)
    needed, allowed = size_in_words(needed_bytes), size_in_words(limit)
    if fits >= 1 and batch > 1:
        raise DoesNotFit(f"Not measured: a batch of {batch} needs about {needed}, and {allowed} may be used on {where}. A batch of about {fits} would fit.")
    raise DoesNotFit(f"Not measured: a batch of {batch} needs about {needed}, and {allowed} may be used on {where}.")


def size_in_words(size: int) -> str:
    """A size in words: 3.4 GB, 120 MB."""
    return f"{size / 1e9:.3g} GB" if size >= 1e9 else f"{size / 1e6:.3g} MB"
