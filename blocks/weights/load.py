"""A network of the catalog with trained weights in it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor, nn

from blocks import catalog
from blocks.knobs import KnobError
from blocks.language import translatable
from blocks.weights.fit import WeightFit, fit_by_order, fit_turned
from blocks.weights.read import read_weights

SEED = 0  # of the tensors that no trained one fits


def load_weights(name: str, path: str | Path, *, partly: bool = False, **knobs: object) -> tuple[nn.Module, WeightFit]:
    """The network ``name`` with its ``knobs``, in evaluation mode, with the weights of the file ``path``; and which tensor came from where.

    Where some tensors do not fit (a knob changed their shape, or the file is of another network), raises :class:`KnobError` with the first of them; with
    ``partly`` those that fit are trained, and the others as a new network has them, from a fixed seed.
    """
    theirs = read_weights(path)
    network, fit = fitted_network(name, theirs, knobs)
    if not fit.names or (fit.missing and not partly):
        raise KnobError("weights", Path(path).name, misfits_sentence(fit, name))
    give_weights(network, fit, theirs)
    return network.eval(), fit


def fitted_network(name: str, theirs: Mapping[str, Tensor], knobs: Mapping[str, object]) -> tuple[nn.Module, WeightFit]:
    """The network with random weights from a fixed seed, and which of ``theirs`` fit it; where not all do, those of a turned network as they fit the published one."""
    network = seeded_network(name, knobs)
    fit = fit_by_order(network, theirs)
    if not knobs or fit.whole:  # a turned network that was trained as it is has weights of its own
        return network, fit
    with torch.device("meta"):
        published = catalog.build(name)
    return network, fit_turned(network, fit_by_order(published, theirs), theirs)


def seeded_network(name: str, knobs: Mapping[str, object]) -> nn.Module:
    """The network with random weights from a fixed seed; the caller's own random numbers stay as they are."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(SEED)
        return catalog.build(name, **knobs)


def give_weights(network: nn.Module, fit: WeightFit, theirs: Mapping[str, Tensor]) -> None:
    """Copy the tensors that fit into ``network``, whose other tensors stay."""
    shapes = {name: tensor.shape for name, tensor in network.state_dict().items()}
    network.load_state_dict({mine: tensor.reshape(shapes[mine]) for mine, tensor in fit.state(theirs).items()}, strict=False)


def misfits_sentence(fit: WeightFit, name: str, most: int = 3) -> str:
    """Which tensors of ``name`` found nothing that fits, the first ``most`` with the shapes of both sides."""
    parts = [f"{m.name} {_size(m.shape)} ({m.theirs} {_size(m.their_shape)})" if m.theirs else f"{m.name} {_size(m.shape)}" for m in fit.missing[:most]]
    more = " …" if len(fit.missing) > most else ""
    count, total, misfits = len(fit.missing), fit.total, "; ".join(parts) + more
    return translatable(f"holds nothing that fits {count} of {total} tensors of {name} (in brackets: what it has instead): {misfits}")


def _size(shape: tuple[int, ...]) -> str:
    return "x".join(map(str, shape)) or "scalar"
