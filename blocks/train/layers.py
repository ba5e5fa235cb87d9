"""The layers of a network while it trains: how large their activations and gradients are, which shows vanishing and exploding ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from torch import Tensor, nn

_WITH_WEIGHTS = (nn.Conv1d, nn.Conv2d, nn.Conv3d, nn.ConvTranspose2d, nn.Linear)


class LayerState(NamedTuple):
    """A convolution or linear layer in one step: standard deviation of what it gives; Euclidean norms of its weights and of their gradient."""

    path: str
    deviation: float
    weight_norm: float
    gradient_norm: float


@dataclass
class WatchedLayers:
    """What the layers of ``network`` have given."""

    network: nn.Module
    given: dict[str, float] = field(default_factory=dict)

    def states(self) -> tuple[LayerState, ...]:
        """Every layer that ran, in the order in which they ran. Call this after the backward pass."""
        modules = dict(self.network.named_modules())
        return tuple(LayerState(path, deviation, *_norms(modules[path])) for path, deviation in self.given.items())

    def note(self, path: str, _: nn.Module, __: object, result: object) -> None:
        """A forward hook: ``result`` is what the layer gave."""
        if isinstance(result, Tensor) and result.numel() > 1:
            self.given[path] = float(result.detach().float().std())


@contextmanager
def watched_layers(network: nn.Module, wanted: bool) -> Iterator[WatchedLayers]:
    """Note what the layers give inside the ``with``, where it is ``wanted``; nothing stays on the network."""
    watched = WatchedLayers(network)
    layers = [(path, module) for path, module in network.named_modules() if isinstance(module, _WITH_WEIGHTS)] if wanted else []
    hooks = [module.register_forward_hook(partial(watched.note, path)) for path, module in layers]
    try:
        yield watched
    finally:
        for hook in hooks:
            hook.remove()


def _norms(module: nn.Module) -> tuple[float, float]:
    weight = module.weight
    assert isinstance(weight, Tensor)
    return float(weight.detach().norm()), float(weight.grad.norm()) if weight.grad is not None else 0.0
