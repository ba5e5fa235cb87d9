"""Searching a design space for the best variant under budgets, with Optuna: ask for a batch, count it, tell what came out.

The search runs in a thread of its own and the counting in the processes of :mod:`blocks.space.counting`; a page looks at the
:class:`Search` and never waits. With the same seed and batch the same variants are asked.
"""

from __future__ import annotations

import threading
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from blocks.knobs import KnobError
from blocks.language import translatable
from blocks.space import counting
from blocks.space.count import NetworkVariant, Setup
from blocks.space.sample import Dimension, Space, assembled
from blocks.space.scaling import LATENCY_COLUMN
from blocks.space.structure import COUNTED_FIGURES, DEVICE_COLUMNS

BATCH = 12


@dataclass(frozen=True)
class Goal:
    """What to look for: the figure, whether more of it is better, and the most that others may be."""

    figure: str
    more: bool
    budgets: Mapping[str, float] = field(default_factory=dict)


@dataclass
class Search:
    """A search under way. ``state`` is "running", "done", "stopped" or "failed" (``error`` says why).

    ``variants`` and ``rows`` are what was tried so far, in order; ``best`` is the place of the best that keeps to the budgets, None so far.
    """

    space: Space
    setup: Setup
    goal: Goal
    trials: int
    seed: int = 0
    machine: str = ""
    device: str = ""
    state: str = "running"
    error: str = ""
    variants: list[NetworkVariant] = field(default_factory=list)
    rows: list[dict[str, float]] = field(default_factory=list)
    refused: int = 0
    best: int | None = None
    _wanted: threading.Event = field(default_factory=threading.Event)
    _over: threading.Event = field(default_factory=threading.Event)

    @property
    def done(self) -> int:
        """Number of variants that were tried, refused ones included."""
        return len(self.rows) + self.refused

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self._over.is_set()

    def stop(self) -> None:
        """End it after the batch that runs; what was found stays."""
        self._wanted.set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end; False if ``timeout`` seconds passed before."""
        return self._over.wait(timeout)

    def frame(self) -> pd.DataFrame:
        """What was tried: the figures, ``fits`` (keeps to the budgets) and ``best_so_far`` of the goal's figure."""
        frame = pd.DataFrame(list(self.rows))
        if frame.empty:
            return frame
        frame["fits"] = [self._fits(row) for row in self.rows[: len(frame)]]
        good = frame[self.goal.figure].where(frame["fits"])
        frame["best_so_far"] = (good.cummax() if self.goal.more else good.cummin()).ffill()
        return frame

    def _fits(self, row: Mapping[str, float]) -> bool:
        return all(row.get(name, float("inf")) <= most for name, most in self.goal.budgets.items())

    # --- The thread ------------------------------------------------------------------------------

    def _run(self) -> None:
        try:
            self._search()
            self.state = "stopped" if self._wanted.is_set() else "done"
        except KnobError as error:
            self.state, self.error = "failed", str(error)
        except Exception as error:  # a fault here must end the search with a sentence
            self.state, self.error = "failed", translatable(f"The search stopped: {type(error).__name__}: {error}")
        finally:
            self._over.set()

    def _search(self) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        dimensions = self.space.dimensions()
        warnings.filterwarnings("ignore", category=optuna.exceptions.ExperimentalWarning)
        sampler = optuna.samplers.TPESampler(seed=self.seed, constant_liar=True, multivariate=True, constraints_func=_excess)
        study = optuna.create_study(direction="maximize" if self.goal.more else "minimize", sampler=sampler)
        asked = 0
        while asked < self.trials and not self._wanted.is_set():
            batch = [study.ask() for _ in range(min(BATCH, self.trials - asked))]
            asked += len(batch)
            variants = [assembled(self.space, dimensions, [_suggested(trial, d) for d in dimensions]) for trial in batch]
            job = counting.count_in_background(self.setup, variants, machine=self.machine, device=self.device)
            while not job.wait(0.1):
                if self._wanted.is_set():
                    job.cancel()
            if job.state == "failed" and job.error:
                self.error = job.error
            for i, (trial, variant) in enumerate(zip(batch, variants, strict=True)):
                self._told(study, trial, variant, job.row(i))

    def _told(self, study: Any, trial: Any, variant: NetworkVariant, row: dict[str, float] | None) -> None:
        import optuna

        if row is None:
            self.refused += 1
            trial.set_user_attr("excess", [1e9])
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
            return
        trial.set_user_attr("excess", [row[name] / most - 1 for name, most in self.goal.budgets.items()] or [0.0])
        study.tell(trial, row[self.goal.figure])
        self.variants.append(variant)
        self.rows.append(row)
        if self._fits(row):
            now = None if self.best is None else self.rows[self.best][self.goal.figure]
            if now is None or (row[self.goal.figure] > now if self.goal.more else row[self.goal.figure] < now):
                self.best = len(self.rows) - 1


def _excess(trial: Any) -> list[float]:
    """How far beyond each budget a trial is, as shares; at most 0 where it keeps to it."""
    found: list[float] = trial.user_attrs["excess"]
    return found


def _suggested(trial: Any, dimension: Dimension) -> object:
    options = dimension.options
    if (dimension.axis.numeric and dimension.place is None) or dimension.place is not None:
        return options[trial.suggest_int(dimension.name, 0, len(options) - 1)]
    return options[trial.suggest_categorical(dimension.name, list(range(len(options))))]


def start_search(space: Space, setup: Setup, goal: Goal, trials: int, seed: int = 0, machine: str = "", device: str = "") -> Search:
    """Begin a search. Raises KnobError for a figure that is not counted, or for trials out of range."""
    known = [*COUNTED_FIGURES, *([LATENCY_COLUMN] if machine else []), *(DEVICE_COLUMNS[:1] if device else ())]
    for figure in (goal.figure, *goal.budgets):
        if figure not in known:
            raise KnobError("figure", figure, f"must be one of {', '.join(known)}", known[:1])
    if not 1 <= trials <= 5000:
        raise KnobError("trials", trials, "must lie between 1 and 5000", [min(max(trials, 1), 5000)])
    search = Search(space, setup, goal, trials, seed, machine, device)
    threading.Thread(target=search._run, daemon=True, name="design-search").start()
    return search
