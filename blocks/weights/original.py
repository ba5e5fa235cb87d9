"""Another implementation held against ours: tensors matched by both traces, and the proof that the two then compute the same."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from blocks import catalog
from blocks.analysis import analyse
from blocks.knobs import KnobError
from blocks.weights.fit import WeightFit, fit_by_trace
from blocks.weights.load import give_weights

_SEED = 1


def against_original(name: str, address: str, knobs: Mapping[str, object] | None = None) -> tuple[WeightFit, float | None]:
    """Match ``name`` of the catalog with another implementation's untrained network (``torchvision:resnet50``).

    Gives the fit and, where every tensor found its place, the largest difference of the outputs as a share of the largest output.
    """
    shape = catalog.input_shape(name, **(knobs or {}))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(_SEED)
        theirs = catalog.build(address)
        if (given := catalog.input_shape(address)[1]) != shape[1]:
            raise KnobError("check", address, f"takes {given} channels, {name} takes {shape[1]}")
        return compare_networks(catalog.build(name, **(knobs or {})), theirs, shape)


def compare_networks(ours: nn.Module, theirs: nn.Module, shape: tuple[int, ...]) -> tuple[WeightFit, float | None]:
    """As :func:`against_original`, of two networks. ``ours`` has the other's weights afterwards."""
    randomise_norms(theirs)
    ours.eval(), theirs.eval()
    fit = fit_by_trace(analyse(ours, shape), analyse(theirs, shape))
    if not fit.whole:
        return fit, None
    give_weights(ours, fit, theirs.state_dict())
    x = torch.randn(shape)
    with torch.no_grad():
        mine, other = _scores(ours(x)), _scores(theirs(x))
    return fit, float((mine - other).abs().max() / other.abs().max().clamp_min(1e-30))


def randomise_norms(network: nn.Module) -> None:
    """Give every norm its own statistics and scale: as they begin, all are alike, and one in another's place would not be noticed."""
    for module in network.modules():
        for name, tensor in (*module.named_parameters(recurse=False), *module.named_buffers(recurse=False)):
            if tensor.dim() == 1 and tensor.is_floating_point():
                positive = name in ("weight", "running_var")
                tensor.data = torch.rand_like(tensor) * 0.5 + 0.75 if positive else torch.randn_like(tensor) * 0.1


def _scores(result: object) -> Tensor:
    if isinstance(result, Tensor):
        return result
    found = getattr(result, "logits", None)
    if not isinstance(found, Tensor):
        raise KnobError("check", type(result).__name__, "is not one tensor of scores")
    return found
