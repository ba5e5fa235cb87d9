"""Which part of a picture a class score comes from: gradient, integrated gradients, Grad-CAM and occlusion, each as a map (height, width)."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from blocks.knobs import KnobError
from blocks.language import translatable
from blocks.look.activations import watched_run
from blocks.look.seen_network import SHARE_OF_GREY, STEPS_OF_INTEGRAL, SeenNetwork

Tick = Callable[[float], None]


def _nothing(_share: float) -> None:
    return None


def gradient_map(seen: SeenNetwork, inputs: Tensor, label: int, tick: Tick = _nothing) -> Tensor:
    """How much each pixel moves the score of class ``label``: the largest absolute gradient over its colours.

    Source: Simonyan, Vedaldi, Zisserman 2013, arXiv 1312.6034, section 3.1.
    """
    del tick
    return _slope(seen, inputs, label).abs().amax(1)[0]


def integrated_gradients(seen: SeenNetwork, inputs: Tensor, label: int, tick: Tick = _nothing) -> Tensor:
    """What each pixel adds to the score, between a black picture and this one, summed over its colours: all of it adds up to the difference of the scores.

    The midpoint rule over :data:`STEPS_OF_INTEGRAL` steps. Source: Sundararajan, Taly, Yan 2017, arXiv 1703.01365, section 3.
    """
    black = seen.on_scale(torch.zeros(1, 3, *seen.shape[2:]))
    total = torch.zeros_like(inputs)
    for step in range(STEPS_OF_INTEGRAL):
        total += _slope(seen, black + (step + 0.5) / STEPS_OF_INTEGRAL * (inputs - black), label)
        tick((step + 1) / STEPS_OF_INTEGRAL)
    return ((inputs - black) * total / STEPS_OF_INTEGRAL).sum(1)[0]


def grad_cam(seen: SeenNetwork, inputs: Tensor, label: int, tick: Tick = _nothing) -> Tensor:
    """The channels of the last feature map, weighted by the mean gradient of the score on each, their positive part.

    Source: Selvaraju et al. 2016, arXiv 1610.02391, equations 1 and 2. Raises :class:`KnobError` where no operation gives a feature map.
    """
    del tick
    maps = [n.index for n in seen.analysis.graph.nodes if len(n.shape) == 4 and min(n.shape[2:]) > 1 and n.kind not in ("input", "output")]
    if not maps:
        raise KnobError("network", seen.name, translatable("has no feature map for Grad-CAM"))
    with torch.enable_grad():
        run = watched_run(seen.analysis, seen.network, inputs.clone().requires_grad_(), lambda node, given: given if node.index == maps[-1] else None)
        if run.error is not None:
            raise run.error
        feature = run.notes[maps[-1]]
        (slope,) = torch.autograd.grad(_score(seen, run.output, label), feature)
    return (slope.mean((2, 3), keepdim=True) * feature).sum(1)[0].clamp(min=0).detach()


def occlusion_map(seen: SeenNetwork, inputs: Tensor, label: int, tick: Tick = _nothing) -> Tensor:
    """How far the probability of class ``label`` falls while a grey square lies on the picture, for each place of the square.

    Source: Zeiler, Fergus 2013, arXiv 1311.2901, section 4.2.
    """
    side = max(1, inputs.shape[2] // SHARE_OF_GREY)
    places = range(0, inputs.shape[2] - side + 1, max(1, side // 2))
    found = torch.zeros(len(places), len(places))
    with torch.no_grad():
        whole = seen.scores(inputs).softmax(1)[0, label]
        for i, top in enumerate(places):
            batch = inputs.repeat(len(places), 1, 1, 1)
            for j, left in enumerate(places):
                batch[j, :, top : top + side, left : left + side] = inputs.mean((2, 3), keepdim=True)[0]
            found[i] = whole - seen.scores(batch).softmax(1)[:, label]
            tick((i + 1) / len(places))
    return found


WAYS: dict[str, Callable[[SeenNetwork, Tensor, int, Tick], Tensor]] = {
    "grad_cam": grad_cam,
    "gradient": gradient_map,
    "integrated": integrated_gradients,
    "occlusion": occlusion_map,
}


def _slope(seen: SeenNetwork, inputs: Tensor, label: int) -> Tensor:
    with torch.enable_grad():
        leaf = inputs.detach().clone().requires_grad_()
        (slope,) = torch.autograd.grad(_score(seen, seen.network(leaf), label), leaf)
    return slope


def _score(seen: SeenNetwork, output: object, label: int) -> Tensor:
    if not isinstance(output, Tensor) or output.dim() != 2 or label >= output.shape[1]:
        raise KnobError("network", seen.name, translatable("gives no such class score"))
    return output[0, label]
