"""An estimate of latency for a machine that need not be here: each operation against the machine's roof.

    from blocks.latency.roofline.estimate import estimate
    from blocks.latency.roofline.known_machines import machine

    e = estimate(analyse("resnet50"), machine("rtx4090"))
    e.seconds, e.by_node[7], e.bound[7]

An operation takes max(arithmetic / peak, bytes / bandwidth) / efficiency + overhead; the network takes the sum. Efficiencies go by
the group of operation and are fitted on published throughputs, or on microbenchmarks of the device at hand (:mod:`blocks.latency.roofline.efficiency_fit`,
:mod:`blocks.latency.roofline.microbenchmarks`). It is the forward pass, operation by operation; nothing is run.
"""

from __future__ import annotations

from dataclasses import dataclass

from blocks.analysis import Analysis
from blocks.language import translatable
from blocks.latency.roofline.machines import GROUPS, Machine
from blocks.latency.roofline.work import operation_costs


@dataclass(frozen=True)
class Estimate:
    """Seconds of one forward pass of the traced batch.

    ``by_node``: seconds by node index, of the operations that run something. ``bound``: what limits each, "compute", "memory"
    or "overhead". ``error``: median relative error of such estimates, None where nothing is known of this batch and dtype;
    ``basis`` says what it and the efficiencies rest on.
    """

    machine: Machine
    seconds: float
    by_node: dict[int, float]
    bound: dict[int, str]
    by_group: dict[str, float]
    images: int
    error: float | None
    basis: str

    @property
    def throughput(self) -> float:
        """Images per second."""
        return self.images / self.seconds if self.seconds else 0.0


def estimate(analysis: Analysis, machine: Machine, dtype: str | None = None) -> Estimate:
    """How long ``analysis``'s forward pass takes on ``machine``; ``dtype`` (also "tf32") in place of the analysis' own.

    Raises :class:`~blocks.knobs.KnobError` where the machine has no figure for the dtype.
    """
    dtype = dtype or analysis.dtype
    machine.peak(dtype)
    factors, overhead = machine.efficiency.factors, machine.overhead
    by_node: dict[int, float] = {}
    bound: dict[int, str] = {}
    by_group = dict.fromkeys(GROUPS, 0.0)
    for work in operation_costs(analysis.graph):
        compute, memory = work.roof(machine, dtype)
        busy = max(compute, memory) / factors[work.group]
        by_node[work.node] = busy + overhead
        bound[work.node] = translatable("overhead") if overhead > busy else translatable("compute") if compute >= memory else translatable("memory")
        by_group[work.group] += busy + overhead
    images = analysis.input_shape[0] if analysis.input_shape else 1
    return Estimate(machine, sum(by_node.values()), by_node, bound, by_group, images, machine.efficiency.error_at(images, dtype), machine.efficiency.basis)
