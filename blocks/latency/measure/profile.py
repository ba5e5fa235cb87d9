"""Where the time goes: torch's profiler over whole passes, its ranges matched to the nodes of the trace.

Every torch function that a pass calls becomes a named range of the profiler. The trace lists the same functions in the same order
(both hear of them through a ``TorchFunctionMode``), so aligning two sequences of (operation, output shape) gives each node its seconds.
Passes with and without the profiler alternate, so that what it costs is a figure and not a guess.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, ClassVar, Self

import numpy as np
import torch
from torch.autograd import DeviceType
from torch.overrides import TorchFunctionMode
from torch.profiler import record_function
from torch.utils._pytree import tree_leaves

from blocks.knobs import KnobError
from blocks.language import translatable
from blocks.latency.measure.devices import Device
from blocks.latency.measure.environment import MachineMonitor, library_versions, machine_info
from blocks.latency.measure.experiment import Experiment
from blocks.latency.measure.profile_match import match_functions, traced_op_name
from blocks.latency.measure.results import LabResult
from blocks.latency.measure.sampling import warm_up
from blocks.latency.measure.statistics import median_interval
from blocks.latency.measure.stopping import percent
from blocks.latency.measure.traced import trace_of
from blocks.latency.measure.workload import Workload, conditions_set
from blocks.workers.control import JobControl

MARK = "node "
PASSES = (8, 60)  # profiled passes: at least, at most


@dataclass(frozen=True, slots=True)
class Profile(LabResult):
    """Seconds of one pass by trace node, medians over the profiled passes.

    ``whole`` is a pass without the profiler; ``sum`` adds up ``by_node``; ``other`` belongs to functions that the trace does not have;
    ``between_operations`` passes outside of all functions (Python, module calls; on a GPU: its waiting); ``overhead`` is what the profiler added.
    whole = sum + other + between - overhead, exactly. ``intervals`` are 95 % of each node's median, ``backward`` the part of
    ``by_node`` that is the backward pass, ``kernels`` what ran below each node, ``unmapped`` the functions of ``other``.
    ``explained`` says all of it in sentences.
    """

    experiment: Experiment
    by_node: dict[int, float]
    intervals: dict[int, tuple[float, float]]
    backward: dict[int, float]
    kernels: dict[int, list[str]]
    whole: float
    sum: float
    other: float
    between_operations: float
    overhead: float
    passes: int
    explained: list[str]
    unmapped: list[str] = field(default_factory=list)
    old_names: ClassVar[Mapping[str, str]] = {"between": "between_operations"}

    @property
    def profiled(self) -> float:
        """Seconds of a pass under the profiler; the parts are shares of it that add up to 1."""
        return profiled_pass({"sum": self.sum, "other": self.other, "between_operations": self.between_operations})

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> Self:
        """From a worker's reply or a row of the ledger, whose keys are text."""
        by_number = {name: {int(k): v for k, v in plain[name].items()} for name in ("by_node", "backward", "kernels")}
        intervals = {int(k): tuple(v) for k, v in plain["intervals"].items()}
        return cls._made(plain, experiment=Experiment.from_dict(plain["experiment"]), intervals=intervals, **by_number)


class Marker(TorchFunctionMode):
    """Gives each torch function that makes a tensor a range of the profiler, numbered in order; keeps (operation, output shape)."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: list[tuple[str, tuple[int, ...]] | None] = []

    def __torch_function__(self, func: Callable[..., object], types: object, args: Any = (), kwargs: Any = None) -> object:
        if getattr(func, "__name__", "") in ("__get__", "backward"):
            return func(*args, **(kwargs or {}))
        number = len(self.seen)
        self.seen.append(None)
        with record_function(f"{MARK}{number}"):
            result = func(*args, **(kwargs or {}))
        made = next((leaf for leaf in tree_leaves(result) if isinstance(leaf, torch.Tensor)), None)
        if made is not None:
            self.seen[number] = (traced_op_name(func), tuple(made.shape))
        return result


@dataclass(slots=True)
class _Pass:
    """One profiled pass: seconds by number of function, of them backward, of the whole; names of what ran below.

    ``stray``: backward seconds of no function; ``alone``: nobody else had the processor meanwhile.
    """

    seconds: list[float]
    backward: list[float]
    whole: float
    kernels: list[list[str]]
    stray: float
    alone: bool


def check_profilable(experiment: Experiment) -> None:
    """Raise :class:`KnobError` for what cannot be matched to the nodes of a trace."""
    if experiment.compile != "eager":
        raise KnobError("compile", experiment.compile, "has operations of its own, which are not the trace's; a profile is of the eager network", ["eager"])
    if experiment.network.endswith(".pt2"):
        raise KnobError("network", experiment.network, "is an exported program without the modules that a trace follows")
    if experiment.device.startswith("mps"):
        raise KnobError("device", experiment.device, "torch's profiler does not see what Metal runs", ["cpu"])


def run_profile(experiment: Experiment, device: Device, control: JobControl) -> dict[str, object]:
    """The fields of :class:`Profile` as plain JSON values."""
    check_profilable(experiment)
    with conditions_set(experiment):
        control.report(phase="building", n=0)
        analysis = trace_of(experiment)
        workload = Workload(experiment, device)
        warm_up(workload, device, control, 1)
        seen = _functions(workload, device)
        pairs = match_functions(analysis.graph, seen)
        monitor, begin = MachineMonitor(device), time.perf_counter()
        plain: list[float] = []
        undisturbed: list[float] = []
        passes: list[_Pass] = []
        odd = 0
        while len(passes) < PASSES[0] or (len(passes) < PASSES[1] and time.perf_counter() - begin < experiment.limits.max_seconds / 2):
            control.check()
            before = device.interruptions()
            plain.append(_clock(workload, device))
            if device.interruptions() == before:
                undisturbed.append(plain[-1])
            taken = _profiled(workload, device, len(seen))
            odd += taken is None
            if odd > PASSES[1]:
                raise RuntimeError("two passes of this network call different functions, so they cannot be compared")
            if taken is not None:
                passes.append(taken)
            monitor.read()
            if control.due():
                control.report(phase="profiling", n=len(passes), elapsed=time.perf_counter() - begin, share=min(1.0, len(passes) / PASSES[1]))
        alone = [p for p in passes if p.alone]
        if min(len(undisturbed), len(alone)) >= PASSES[0]:
            plain, passes = undisturbed, alone
        return _result(experiment, device, pairs, seen, plain, passes) | {
            "conditions": monitor.report() | {"device_name": device.name()}, "remarks": monitor.remarks(), "machine": machine_info(), "versions": library_versions(),
            "finished_at": time.time(),
        }  # fmt: skip


def _functions(workload: Workload, device: Device) -> list[tuple[str, tuple[int, ...]] | None]:
    with Marker() as marker:
        workload.work()
    device.synchronise()
    return marker.seen


def _clock(workload: Workload, device: Device) -> float:
    """A pass without the profiler: on the host's clock, on a GPU on the device's own, as its ranges are."""
    if workload.experiment.cache == "cold":
        device.clear_cache()
    return device.device_time(workload.work)


def _profiled(workload: Workload, device: Device, count: int) -> _Pass | None:
    """One pass under the profiler; None if it called another number of functions."""
    if workload.experiment.cache == "cold":
        device.clear_cache()
    with torch.profiler.profile(activities=device.profiler_activities()) as profiler, Marker() as marker:
        before = device.interruptions()
        whole = device.host_time(workload.work)
        alone = device.interruptions() == before
    if len(marker.seen) != count:
        return None
    found = _Pass([0.0] * count, [0.0] * count, whole, [[] for _ in range(count)], 0.0, alone)
    _read(profiler.events() or [], found, device)
    return found


def _read(events: Sequence[Any], found: _Pass, device: Device) -> None:
    """Add up the ranges: forward by their number, backward by the autograd sequence number of the function that they answer to.

    The profiler repeats each range on a GPU's own timeline, from its first kernel to its last; those would count twice.
    """
    of_sequence: dict[int, int] = {}
    events = [event for event in events if event.device_type == DeviceType.CPU]
    for event in events:
        if event.name.startswith(MARK):
            number = int(event.name[len(MARK) :])
            found.seconds[number] += device.event_seconds(event)
            _below(event, number, of_sequence, found.kernels[number])
    prefix = "autograd::engine::evaluate_function: "
    for event in events:
        if event.name.startswith(prefix):
            owner = of_sequence.get(event.sequence_nr)
            if owner is None:
                found.stray += device.event_seconds(event)
            else:
                found.backward[owner] += device.event_seconds(event)
                found.seconds[owner] += device.event_seconds(event)


def _below(event: object, number: int, of_sequence: dict[int, int], names: list[str]) -> None:
    """Note the autograd sequence numbers below a range, and what ran there: kernels on a GPU, else the function with most time of its own."""
    below = list(_tree(event))
    of_sequence.update({child.sequence_nr: number for child in below if child.sequence_nr >= 0})
    names.extend(kernel.name for child in below for kernel in child.kernels)
    if below and not names:
        names.append(max(below, key=lambda child: child.self_cpu_time_total).name)


def _tree(event: Any) -> Iterator[Any]:
    for child in event.cpu_children:
        yield child
        yield from _tree(child)


def _result(experiment: Experiment, device: Device, pairs: dict[int, int], seen: Sequence[Any], plain: list[float], passes: list[_Pass]) -> dict[str, object]:
    seconds = np.array([p.seconds for p in passes])
    backward = np.median(np.array([p.backward for p in passes]), axis=0)
    median = np.median(seconds, axis=0)
    node_of = pairs
    by_node, intervals, kernels, behind = {}, {}, {}, {}
    for number, node in node_of.items():
        by_node[node] = float(median[number])
        interval = median_interval(seconds[:, number])
        if interval is not None:
            intervals[node] = (interval.low, interval.high)
        kernels[node] = _commonest([p.kernels[number] for p in passes])
        if backward[number] > 0:
            behind[node] = float(backward[number])
    rest = [n for n in range(len(seen)) if n not in node_of and seen[n] is not None]
    stray = float(np.median([p.stray for p in passes]))
    total, whole = sum(by_node.values()), float(np.median(plain))
    other = float(sum(median[n] for n in range(len(seen)) if n not in node_of)) + stray
    overhead = float(np.median([p.whole for p in passes])) - whole if device.event_includes_host else 0.0
    between_operations = whole + overhead - total - other
    figures = {"whole": whole, "sum": total, "other": other, "between_operations": between_operations, "overhead": overhead}
    unmapped = sorted({seen[n][0] for n in rest})
    return {
        "experiment": experiment.to_dict(), "by_node": by_node, "intervals": intervals, "backward": behind, "kernels": kernels, **figures,
        "passes": len(passes), "unmapped": unmapped, "explained": explain(figures, unmapped, stray, device.event_includes_host),
    }  # fmt: skip


def _commonest(lists: list[list[str]]) -> list[str]:
    return list(Counter(tuple(names) for names in lists).most_common(1)[0][0])


def profiled_pass(figures: Mapping[str, float]) -> float:
    """Seconds of a pass under the profiler, of which the parts are shares that add up to 1: never less than its parts together."""
    return figures["sum"] + figures["other"] + max(figures["between_operations"], 0.0)


def explain(figures: Mapping[str, float], unmapped: Sequence[str], stray: float, host: bool) -> list[str]:
    """The sum, the whole and the difference, in sentences. ``host``: the ranges are of the host's clock, else of the device's."""
    whole, profiled = figures["whole"], profiled_pass(figures)

    def say(seconds: float, of: float = profiled) -> str:
        return f"{seconds * 1e3:.3g} ms ({percent(seconds / of)})"

    said = [
        translatable(
            f"The operations take {say(figures['sum'])} of a pass under the profiler, {profiled * 1e3:.4g} ms; without the profiler a pass takes {whole * 1e3:.4g} ms."
        )
    ]
    if figures["other"] > 0:
        names = ", ".join(unmapped[:6]) or translatable("none in the forward pass")
        time, backward = say(figures["other"]), say(stray)
        if stray > 0:
            said.append(
                translatable(
                    f"{time} went to functions that are not operations of the trace ({names}); {backward} of it are gradients that belong to no single operation."
                )
            )
        else:
            said.append(translatable(f"{time} went to functions that are not operations of the trace ({names})."))
    if not host:
        idle = figures["between_operations"]
        said.append(
            translatable(f"For {say(idle)} the device ran none of these kernels: it waited for launches.")
            if idle >= 0
            else translatable(f"Kernels overlapped for {say(-idle)}.")
        )
        return said
    if figures["between_operations"] >= 0:
        said.append(translatable(f"{say(figures['between_operations'])} passed between operations: Python and module calls."))
    else:
        said.append(
            translatable(f"The medians of the parts add up to {say(-figures['between_operations'])} more than the median of the whole: noise of the machine.")
        )
    if figures["overhead"] >= 0:
        said.append(translatable(f"The profiler made a pass {say(figures['overhead'], whole)} longer; this is inside the operations' times and between them."))
    else:
        said.append(
            translatable(
                f"Passes with the profiler were {say(-figures['overhead'], whole)} shorter than those without: the machine's noise exceeds the profiler's cost."
            )
        )
    return said
