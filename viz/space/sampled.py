"""The sample behind the page: counted in the background, once per setting, and shared. When all who wanted it have left the page the count is stopped."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from blocks import catalog
from blocks.space import counting
from blocks.space.count import NetworkVariant, Setup
from blocks.space.sample import sample_variants
from blocks.space.structure import COUNTED_FIGURES, DEVICE_COLUMNS
from viz.kit.choice import Choice
from viz.kit.count_task import CountTask
from viz.kit.session import still_there
from viz.kit.wanted import want
from viz.space.address import Design

_KEPT = 8
_guard = threading.Lock()
_jobs: OrderedDict[tuple[object, ...], Sampled] = OrderedDict()


@dataclass
class Sampled:
    """The variants drawn, and the task that counts them."""

    design: Design
    variants: list[NetworkVariant]
    task: CountTask

    @property
    def job(self) -> counting.CountJob:
        """The count itself, with the figures and refusals of each variant."""
        return self.task.job

    def frame(self) -> pd.DataFrame:
        """A row per variant that is counted so far: its knobs, its figures; the index is its place in ``variants``."""
        fine = [i for i in range(len(self.variants)) if self.job.figures[i, 0] >= 0]
        return variants_frame(self.design, [self.variants[i] for i in fine], self.job, fine)


def setup_of(choice: Choice) -> Setup:
    """What all variants of a choice share."""
    return Setup(choice.name, choice.dtype, choice.training, choice.batch)


def variants_frame(design: Design, variants: Sequence[NetworkVariant], job: counting.CountJob, places: Sequence[int]) -> pd.DataFrame:
    """Knobs and figures of counted variants."""
    usual = {k.name: k.default for k in catalog.knobs(design.choice.name)}
    rows = []
    for variant, i in zip(variants, places, strict=True):
        moved = {name: variant.side if name == "side" else variant.knobs.get(name, usual.get(name)) for name in design.moving}
        rows.append(moved | (job.row(i) or {}))
    columns = [*design.moving, *COUNTED_FIGURES, *(["latency"] if job.machine else []), *(DEVICE_COLUMNS if job.device else ())]
    return pd.DataFrame(rows, columns=columns, index=list(places))


def sample_of(design: Design) -> Sampled:
    """The sample of a design, begun when first asked for. Raises KnobError where it cannot be drawn."""
    space = design.space
    key = (design.choice.key, tuple(sorted(space.moving.items())), design.how, design.n, design.seed, design.machine, design.timed_on)
    with _guard:
        found = _jobs.get(key)
        if found is not None and found.task.state not in ("stopped", "failed"):
            _jobs.move_to_end(key)
            want(found.task, still_there())
            return found
    variants = sample_variants(space, design.how, design.n, design.seed)
    job = counting.count_in_background(setup_of(design.choice), variants, machine=design.machine, device=design.timed_on)
    made = Sampled(design, variants, CountTask(job))
    want(made.task, still_there())
    with _guard:
        _jobs[key] = made
        while len(_jobs) > _KEPT:
            _jobs.popitem(last=False)
    return made


def choice_of(design: Design, variant: NetworkVariant) -> Choice:
    """A variant as Explore opens it."""
    usual = {k.name: k.default for k in catalog.knobs(design.choice.name)}
    knobs = {k: v for k, v in variant.knobs.items() if v != usual[k]}
    side = variant.side
    places = catalog.free_places(design.choice.name)
    if side is not None and places and side == catalog.input_shape(design.choice.name, **knobs)[places[0]]:
        side = None
    return Choice(design.choice.name, knobs, side, design.choice.batch, design.choice.dtype, design.choice.training)


def published_frame(design: Design) -> pd.DataFrame:
    """Published networks of the same family, counted: preset and figures."""
    family = catalog.entry(design.choice.name).family.name
    names = catalog.names(kind="model", family=family)
    key = ("published", family, design.choice.batch, design.choice.dtype, design.choice.training, design.machine, design.timed_on)
    with _guard:
        found = _jobs.get(key)
    if found is None or found.task.state == "stopped":
        items = [(Setup(n, design.choice.dtype, design.choice.training, design.choice.batch), NetworkVariant()) for n in names]
        job = counting.count_all_in_background(items, machine=design.machine, device=design.timed_on)
        found = Sampled(design, [v for _, v in items], CountTask(job))
        with _guard:
            _jobs[key] = found
    want(found.task, still_there())
    if not found.task.over:
        return pd.DataFrame()
    rows = [{"preset": n, **row} for i, n in enumerate(names) if (row := found.job.row(i)) is not None]
    return pd.DataFrame(rows)
