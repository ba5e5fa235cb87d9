"""Many variants' times on a device that is not here: their work by array arithmetic where a count has left structures, then the model of :mod:`blocks.latency.devices`."""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from blocks.analysis import Analysis
from blocks.knobs import KnobError
from blocks.latency.devices.asked import device_times, read_device
from blocks.latency.devices.estimator import is_timed
from blocks.latency.devices.features import KINDS, NOMINAL_BYTES, NOMINAL_FLOPS, fused, fused_work
from blocks.latency.devices.transfer import Z90
from blocks.latency.roofline.work import group_of
from blocks.space.count import Counts, NetworkVariant, Setup, analysis_of, by_structure, count_variants
from blocks.space.program import ArrayProgram
from blocks.space.structure import DEVICE_COLUMNS, Structure
from blocks.trace.errors import TraceError
from blocks.trace.graph import Graph, Node
from blocks.trace.symbolic import term_of

_PLACES = {kind: place for place, kind in enumerate(KINDS)}
_Mask = np.ndarray | bool


class DeviceTimer:
    """Estimates on a device (:func:`blocks.latency.devices.asked.read_device`) for the variants of a count: one picture in float32, whatever the count's batch and type.

    Raises KnobError for a device that is none.
    """

    def __init__(self, device: str, setup: Setup) -> None:
        self._there = device_times(read_device(device))
        self._setup = replace(setup, dtype="float32", training=False, batch=1)
        self._same = self._setup == setup
        self._traced: dict[int, np.ndarray] = {}

    @property
    def reading(self) -> Callable[[int, Analysis], None] | None:
        """What the count calls (:func:`blocks.space.count.count_variants`), so that nothing is traced twice; None where the count's setup is another."""
        return self._note if self._same else None

    def _note(self, i: int, analysis: Analysis) -> None:
        self._traced[i] = fused_work(analysis)

    def times(self, variants: Sequence[NetworkVariant], counts: Counts, progress: Callable[[], None]) -> np.ndarray:
        """:data:`~blocks.space.structure.DEVICE_COLUMNS` of each variant, nan where ``counts`` has an error or it cannot be estimated. ``progress`` may raise to end it."""
        times = np.full((len(variants), len(DEVICE_COLUMNS)), np.nan)
        if not is_timed(self._setup.name):
            return times
        if not self._same:
            counts = count_variants(self._setup, variants, lambda _: progress(), self._note)
        works = variant_works(self._setup, variants, [i for i in range(len(variants)) if i not in counts.errors], self._traced, progress)
        known = ~np.isnan(works).any(axis=1)
        if known.any():
            mean, sd = self._there.estimates(works[known])
            times[known] = np.exp(mean[:, None] + Z90 * sd[:, None] * np.array([0.0, -1.0, 1.0])) / 1e3
        return times


def variant_works(
    setup: Setup, variants: Sequence[NetworkVariant], places: Sequence[int], traced: Mapping[int, np.ndarray], progress: Callable[[], None]
) -> np.ndarray:
    """What :func:`blocks.latency.devices.features.fused_work` says of each variant, a row each, nan for those not in ``places``; ``traced`` is what is known of some, by place."""
    works = np.full((len(variants), len(KINDS)), np.nan)
    left: list[int] = []
    for structure, rows, values in by_structure(setup, variants, places):
        if structure is None:
            left += rows
            continue
        made, fine = _program(structure).run(values, len(rows))
        works[[i for i, ok in zip(rows, fine, strict=True) if ok]] = made[fine]
        left += [i for i, ok in zip(rows, fine, strict=True) if not ok]
        progress()
    for i in left:
        progress()
        with contextlib.suppress(KnobError, TraceError):
            works[i] = traced[i] if i in traced else fused_work(analysis_of(setup, variants[i]))
    return works


# --- Work as array arithmetic ----------------------------------------------------------------------


class WorkProgram:
    """:func:`blocks.latency.devices.features.fused_work` of a symbolic trace, compiled for many variants at once."""

    def __init__(self, graph: Graph) -> None:
        self._program = ArrayProgram()
        inside = fused(graph)
        add = self._program.add
        self._nodes = [
            (add(term_of(n.flops)), add(term_of(n.reads)), add(term_of(n.writes)), group_of(n, graph) if n.kind != "convolution" else "", self._settings(n, graph))
            for n in graph.nodes if n.kind not in ("input", "output") and n.index not in inside
        ]  # fmt: skip

    def _settings(self, node: Node, graph: Graph) -> Mapping[str, tuple[int, ...]]:
        """Places of what decides the kind of a convolution."""
        if node.kind != "convolution":
            return {}
        producer, slot = node.inputs[0]
        decides = {"kernel": node.attrs.get("kernel", ()), "stride": node.attrs.get("stride", (1,)), "groups": (node.attrs.get("groups", 1),)}
        decides["channels"] = (graph.nodes[producer].outputs[slot][1],)
        return {name: tuple(self._program.add(term_of(v)) for v in values) for name, values in decides.items()}

    def run(self, values: Mapping[str, np.ndarray], rows: int) -> tuple[np.ndarray, np.ndarray]:
        """The work of each row, and a mask of the rows in which it could be computed."""
        made, fine = self._program.run(values, rows)
        works = np.zeros((rows, len(KINDS)))
        for flops, reads, writes, kind, decides in self._nodes:
            moved = made[reads] + made[writes]
            taken = 1e3 * np.maximum(made[flops] / NOMINAL_FLOPS, moved / NOMINAL_BYTES)
            kinds = {kind: True} if kind else _kinds({name: [made[p] for p in places] for name, places in decides.items()})
            for name, there in kinds.items():
                works[:, _PLACES[name]] += taken * there
            works[:, _PLACES["launches"]] += (made[flops] != 0) | (moved != 0)
        return works, fine


def _kinds(of: Mapping[str, list[np.ndarray]]) -> dict[str, _Mask]:
    """Which kind a convolution is in which rows."""
    groups, channels = of["groups"][0], of["channels"][0]
    dense = groups == 1
    pointwise = dense & _all(k == 1 for k in of["kernel"])
    winograd = dense & (len(of["kernel"]) == 2) & _all(k == 3 for k in of["kernel"]) & _all(s == 1 for s in of["stride"])
    depthwise = ~dense & (groups == channels)
    return {"pointwise": pointwise, "winograd": winograd, "dense": dense & ~pointwise & ~winograd, "depthwise": depthwise, "grouped": ~dense & ~depthwise}


def _all(masks: Iterable[np.ndarray]) -> np.ndarray:
    found = np.asarray(True)
    for mask in masks:
        found = found & mask
    return found


_programs: weakref.WeakKeyDictionary[Structure, WorkProgram] = weakref.WeakKeyDictionary()


def _program(structure: Structure) -> WorkProgram:
    if structure not in _programs:
        _programs[structure] = WorkProgram(structure.analysis.graph)
    return _programs[structure]
