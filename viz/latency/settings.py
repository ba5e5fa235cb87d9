"""The conditions of a measurement as the page and its address have them; each network adds its own knobs, input and type."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from blocks.knobs import KnobError
from blocks.language import retell
from blocks.latency import lab
from blocks.latency.measure.experiment import CHOICES, Experiment, Limits
from viz.kit.choice import Choice
from viz.kit.experiment import experiment_of
from viz.kit.parameters import one_of, whole_number

OWN = "own"  # the type or mode that is set at each network
#: Address parameter of each field; fields of experiments keep their names.
_NUMBERS = {"threads": (0, 1024), "processes": (1, 50), "seconds": (1, 600)}


@dataclass(frozen=True)
class Conditions:
    """As the fields of :class:`blocks.latency.measure.experiment.Experiment`. ``dtype`` and ``mode`` may be "own"; ``threads`` 0 is torch's default;
    ``seconds`` is the cap on measuring one network."""

    device: str = "cpu"
    dtype: str = OWN
    mode: str = OWN
    quantity: str = "isolated"
    cache: str = "hot"
    clock: str = "host"
    compile: str = "eager"
    channels_last: bool = False
    threads: int = 0
    processes: int = 1
    seconds: int = 20

    def experiment(self, choice: Choice) -> Experiment:
        """The experiment on one network. Raises :class:`KnobError` where its type is counted but not measured."""
        limits = Limits(max_seconds=float(self.seconds), job_seconds=max(180.0, 6.0 * self.seconds * self.processes))
        overridden = {name: getattr(self, name) for name in ("dtype", "mode") if getattr(self, name) != OWN}
        return experiment_of(
            choice, self.device, **overridden, quantity=self.quantity, cache=self.cache, clock=self.clock, compile=self.compile,
            channels_last=self.channels_last, threads=self.threads or None, processes=self.processes, limits=limits,
        )  # fmt: skip

    def write(self) -> dict[str, str]:
        """Address parameters; what is as it starts is left out."""
        start = Conditions()
        values = {f.name: getattr(self, f.name) for f in dataclasses.fields(self) if getattr(self, f.name) != getattr(start, f.name)}
        return {name: ("1" if value is True else str(value)) for name, value in values.items()}


def first_device() -> str:
    """The device that the page starts with: a GPU where there is one."""
    return lab.devices()[0].device


def read_conditions(params: Mapping[str, str]) -> tuple[Conditions, list[str]]:
    """The conditions of an address, and a sentence for each part that could not be used."""
    found, problems = Conditions(device=first_device()), []
    for name, text in params.items():
        if name in {f.name for f in dataclasses.fields(Conditions)}:
            try:
                found = replace(found, **{name: _parsed(name, text)})
            except KnobError as error:
                problems.append(str(error))
    return found, problems


def _parsed(name: str, text: str) -> Any:
    if name == "channels_last":
        return one_of(name, text, ["1", "0"]) == "1"
    if name in _NUMBERS:
        low, high = _NUMBERS[name]
        return whole_number(name, text, low, high)
    return one_of(name, text, values(name))


def values(name: str) -> list[str]:
    """What a field may be, in the order that the page lists it."""
    if name == "device":
        return [info.device for info in lab.devices()]
    return ([OWN] if name in ("dtype", "mode") else []) + list(CHOICES[name])


def reasons(device: str) -> dict[tuple[str, str], str]:
    """Why the device cannot do a value of a field, by (field, value)."""
    return {(o.field, o.value): retell(o.reason) for o in lab.options(device) if o.reason}
