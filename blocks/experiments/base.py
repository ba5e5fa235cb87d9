"""What an experiment is: options, a run that reports progress and can be stopped, and a result with a verdict on its claim."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from blocks.experiments import pictures
from blocks.knobs import KnobError, nearest_names
from blocks.language import tr, translatable

#: Files of this folder that are parts of experiments and none themselves.
PARTS = ("base", "gradients", "pictures", "shapes", "timed")


class Stopped(Exception):
    """The user pressed stop."""


class RunProgress:
    """How a running experiment reports: ``tick`` passes progress on, and raises :class:`Stopped` if the user pressed stop."""

    def __init__(self, on_tick: Callable[[float, Any], None] | None = None, stopped: Callable[[], bool] | None = None) -> None:
        self._on_tick, self._stopped = on_tick, stopped

    def tick(self, share: float, partial: Any = None) -> None:
        """``share`` of the run is done, 0 to 1; ``partial`` is an intermediate result to show."""
        if self._stopped is not None and self._stopped():
            raise Stopped
        if self._on_tick is not None:
            self._on_tick(share, partial)


@dataclass(frozen=True, slots=True)
class ExperimentOption:
    """A setting of an experiment. Values outside of ``low`` to ``high``, or not among ``values``, are refused; ``titles`` name those of ``values`` that need it.

    A ``picture`` option takes the name of a drawn image or a :class:`blocks.experiments.pictures.Picture`; every page offers it.
    """

    name: str
    default: Any
    label: str
    low: float | None = None
    high: float | None = None
    step: float | None = None
    values: tuple[Any, ...] | None = None
    titles: Mapping[Any, str] | None = None
    picture: bool = False

    def title(self, value: Any) -> str:
        """What the page shows for one of ``values``, in the language of now."""
        return tr(self.titles[value]) if self.titles and value in self.titles else str(value)

    def parse(self, text: Any) -> Any:
        """The value given by ``text``. Raises :class:`KnobError` if this option does not allow it."""
        if self.picture and isinstance(text, pictures.Picture):
            return text
        kind = type(self.default)
        try:
            value = text if isinstance(text, kind) else kind(str(text)) if kind is not bool else {"yes": True, "no": False}[str(text)]
        except (ValueError, KeyError):
            raise KnobError(self.name, text, f"must be {'yes or no' if kind is bool else 'a number'}", [self.default]) from None
        if self.values is not None and value not in self.values:
            raise KnobError(self.name, value, f"must be one of {', '.join(map(str, self.values))}", [self.default])
        if self.low is not None and self.high is not None and not self.low <= value <= self.high:
            raise KnobError(self.name, value, f"must lie between {self.low:g} and {self.high:g}", [min(max(value, self.low), self.high)])
        return value


def picture_option(name: str = "picture", default: str = "boat", label: str = translatable("Image")) -> ExperimentOption:
    """The option that takes a drawn image or an uploaded one."""
    return ExperimentOption(name, default, label, values=tuple(pictures.DRAWN_IMAGES), titles=pictures.IMAGE_TITLES, picture=True)


def seed_option() -> ExperimentOption:
    """The option of every experiment that draws random numbers."""
    return ExperimentOption("seed", 1, "Seed", 0, 999, 1)


@dataclass(frozen=True, slots=True)
class ClaimVerdict:
    """Whether this run confirms the claim; ``numbers`` fill in the claim's sentence."""

    holds: bool
    numbers: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LiveExperiment:
    """``run(watch, **options)`` returns a dataclass with a ``verdict``. ``claim`` is a sentence with the verdict's numbers in braces; ``bound``
    says in words what confirms it; ``seconds`` is the approximate run time. The catalogues have the words in the other languages."""

    title: str
    claim: str
    bound: str
    run: Callable[..., Any]
    options: tuple[ExperimentOption, ...] = ()
    seconds: float = 2.0

    def settings(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """All options with ``given`` in place of defaults. Raises :class:`KnobError` for an unknown one or a bad value."""
        known = {option.name: option for option in self.options}
        for name, value in given.items():
            if name not in known:
                raise KnobError(name, value, f"this experiment has {', '.join(known) or 'no options'}")
        return {name: option.parse(given.get(name, option.default)) for name, option in known.items()}

    def sentence(self, verdict: ClaimVerdict) -> str:
        """The claim with this run's numbers, in the language of now."""
        return tr(self.claim, **verdict.numbers)


def experiment_names() -> list[str]:
    """Every experiment."""
    import blocks.experiments as package

    return sorted(found.name for found in pkgutil.iter_modules(package.__path__) if found.name not in PARTS)


def find_experiment(name: str) -> LiveExperiment:
    """The experiment called ``name``. Raises :class:`KnobError` with the names there are."""
    if name not in experiment_names():
        raise KnobError("experiment", name, f"must be one of {', '.join(experiment_names())}", nearest_names(name, experiment_names(), 2, 0.4))
    made: LiveExperiment = importlib.import_module(f"blocks.experiments.{name}").EXPERIMENT
    return made
