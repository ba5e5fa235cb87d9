"""One training run: stochastic gradient descent with momentum and a cosine schedule, step by step, exact to the bit for a seed, stopped and resumed anywhere.

A run has random numbers of its own: between two steps the caller's are as they were.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from blocks import catalog
from blocks.knobs import KnobError
from blocks.language import translatable
from blocks.train.data import Samples, as_input, split_samples
from blocks.train.layers import LayerState, watched_layers


@dataclass(frozen=True)
class Recipe:
    """How a network is trained: ``side`` of the pictures in pixels, passes over the data, pictures per step, largest learning rate, weight decay, seed, device."""

    side: int = 32
    epochs: int = 5
    batch: int = 64
    lr: float = 0.05
    momentum: float = 0.9
    weight_decay: float = 5e-4
    seed: int = 0
    device: str = "cpu"

    def __post_init__(self) -> None:
        for name, least, most in (("side", 8, 512), ("epochs", 1, 1000), ("batch", 2, 4096), ("seed", 0, 2**31)):
            if not least <= getattr(self, name) <= most:
                raise KnobError(name, getattr(self, name), f"must be from {least} to {most}", [min(max(getattr(self, name), least), most)])
        for name, limit in (("lr", 10.0), ("momentum", 0.999), ("weight_decay", 1.0)):
            if not 0 <= getattr(self, name) <= limit:  # also what is no number
                raise KnobError(name, getattr(self, name), f"must be from 0 to {limit:g}")


class StepResult(NamedTuple):
    """A step, of ``steps`` in all, and the loss of its pictures."""

    step: int
    steps: int
    epoch: int
    loss: float


class EpochResult(NamedTuple):
    """A pass over the data: mean loss and share of right answers on both parts, and every layer in its last step."""

    epoch: int
    train_loss: float
    train_accuracy: float
    test_loss: float
    test_accuracy: float
    layers: tuple[LayerState, ...]


@dataclass
class _Sums:
    """What a pass has added up so far; part of a checkpoint."""

    loss: float = 0.0
    right: int = 0
    seen: int = 0


@dataclass
class TrainingRun:
    """The network ``name`` with ``knobs``, its classes those of ``samples``, trained by ``recipe``. Iterating trains; a caller that ceases has stopped it.

    Raises :class:`KnobError` for a network that has no classes, and for pictures that it cannot take.
    """

    name: str
    knobs: Mapping[str, object]
    samples: Samples
    recipe: Recipe = field(default_factory=Recipe)

    def __post_init__(self) -> None:
        knobs = dict(self.knobs)
        if "num_classes" not in {knob.name for knob in catalog.knobs(self.name)}:
            raise KnobError("network", self.name, "has no classes to train; choose a network and not a block", ["resnet18"])
        knobs["num_classes"] = len(self.samples.classes)
        self.knobs = knobs
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.recipe.seed)
            self.network = catalog.build(self.name, **knobs).to(self.recipe.device)
            self._random = torch.get_rng_state()
        recipe = self.recipe
        self.optimizer = torch.optim.SGD(self.network.parameters(), recipe.lr, recipe.momentum, weight_decay=recipe.weight_decay)
        train, test = split_samples(self.samples, seed=0)  # the same parts for every seed
        self.train, self.test = (as_input(part.pictures, recipe.side) for part in (train, test))
        self.train_labels, self.test_labels = train.labels, test.labels
        self.steps_per_epoch = max(1, len(self.train) // recipe.batch)  # a last smaller batch is left out: batch norm on two pictures is noise
        self.step = 0
        self.results: list[EpochResult] = []
        self._sums = _Sums()

    @property
    def steps(self) -> int:
        """All steps of the run."""
        return self.steps_per_epoch * self.recipe.epochs

    def __iter__(self) -> Iterator[StepResult | EpochResult]:
        while self.step < self.steps:
            loss, layers = self._one_step()
            epoch = (self.step - 1) // self.steps_per_epoch
            if layers is not None:  # before anything is handed over: a caller that stops here loses no pass
                self.results.append(self._epoch(epoch, layers))
            yield StepResult(self.step, self.steps, epoch, loss)
            if layers is not None:
                yield self.results[-1]

    def finish(self) -> EpochResult:
        """Train to the end; the last pass."""
        for _ in self:
            pass
        return self.results[-1]

    def _one_step(self) -> tuple[float, tuple[LayerState, ...] | None]:
        """One step; with the layers where it ends a pass."""
        epoch, place = divmod(self.step, self.steps_per_epoch)
        order = torch.randperm(len(self.train), generator=torch.Generator().manual_seed(self.recipe.seed * 1_000_003 + epoch))
        chosen = order[place * self.recipe.batch : (place + 1) * self.recipe.batch]
        for group in self.optimizer.param_groups:
            group["lr"] = self.recipe.lr * 0.5 * (1 + math.cos(math.pi * self.step / self.steps))
        inputs, labels = self.train[chosen].to(self.recipe.device), self.train_labels[chosen].to(self.recipe.device)
        last = place == self.steps_per_epoch - 1
        with torch.random.fork_rng(devices=[]):
            torch.set_rng_state(self._random)
            self.network.train()
            with watched_layers(self.network, last) as watched:
                answer = self._answer(inputs)
                loss = F.cross_entropy(answer, labels)
                self.optimizer.zero_grad()
                loss.backward()
                layers = watched.states() if last else None
            self.optimizer.step()
            self._random = torch.get_rng_state()
        self.step += 1
        self._sums.loss += float(loss.detach()) * len(chosen)
        self._sums.right += int((answer.argmax(1) == labels).sum())
        self._sums.seen += len(chosen)
        return float(loss.detach()), layers

    def _answer(self, inputs: Tensor) -> Tensor:
        try:
            answer = self.network(inputs)
        except RuntimeError as error:
            name, side, why = self.name, self.recipe.side, str(error).splitlines()[0][:200]
            raise KnobError("side", side, translatable(f"{name} cannot take pictures of {side} x {side} pixels ({why})")) from None
        if not isinstance(answer, Tensor) or answer.shape != (len(inputs), len(self.samples.classes)):
            raise KnobError("network", self.name, "does not answer with one number per class", ["resnet18"])
        return answer

    def _epoch(self, epoch: int, layers: tuple[LayerState, ...]) -> EpochResult:
        test_loss, test_accuracy = self._tested()
        sums, self._sums = self._sums, _Sums()
        return EpochResult(epoch, sums.loss / sums.seen, sums.right / sums.seen, test_loss, test_accuracy, layers)

    @torch.no_grad()
    def _tested(self) -> tuple[float, float]:
        self.network.eval()
        answers = torch.cat([self._answer(part.to(self.recipe.device)).cpu() for part in self.test.split(256)])
        return float(F.cross_entropy(answers, self.test_labels)), float((answers.argmax(1) == self.test_labels).float().mean())

    def state(self) -> dict[str, object]:
        """Everything that the rest of the run depends on, as tensors and numbers."""
        return {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "random": self._random,
            "step": self.step,
            "sums": [self._sums.loss, self._sums.right, self._sums.seen],
            "results": [(list(result[:5]), [list(layer) for layer in result.layers]) for result in self.results],
        }

    def resume(self, state: Mapping[str, object]) -> None:
        """Go on from :meth:`state` of a run of the same network, data and recipe."""
        held: dict[str, Any] = dict(state)
        self.network.load_state_dict(held["network"])
        self.optimizer.load_state_dict(held["optimizer"])
        self._random, self.step, self._sums = held["random"], held["step"], _Sums(*held["sums"])
        self.results = [_kept_pass(figures, layers) for figures, layers in held["results"]]


def _kept_pass(figures: Sequence[Any], layers: Sequence[Sequence[Any]]) -> EpochResult:
    epoch, train_loss, train_accuracy, test_loss, test_accuracy = figures
    return EpochResult(epoch, train_loss, train_accuracy, test_loss, test_accuracy, tuple(LayerState(*layer) for layer in layers))
