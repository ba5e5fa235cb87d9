"""The collections that ``make truth`` holds the trace against: networks that nobody here wrote, with the inputs of their ``forward``.

A collection lists names; opening one gives an :class:`OpenedNetwork`. The libraries are imported when their collection is asked for: they are
in the environment of ``make truth`` alone.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import Any

import torch
from torch import nn

from scripts.truth_transformers import model_types, small_model


@dataclass(frozen=True)
class OpenedNetwork:
    """A network in eval mode and what its ``forward`` is called with; on the meta device where it was built there."""

    network: nn.Module
    args: list[Any] = field(default_factory=list)
    kwargs: dict[str, Any] = field(default_factory=dict)

    @property
    def given(self) -> Any:
        """The inputs as ``analyse`` takes them."""
        return self.kwargs or self.args


@dataclass(frozen=True)
class Collection:
    """``names`` lists the networks; ``open`` builds one, on the current device, and may yield several: the first whose ``forward`` runs counts."""

    names: Callable[[], list[str]]
    open: Callable[[str], Iterator[OpenedNetwork]]
    devices: tuple[str, ...] = ("meta", "cpu")  # where to build them: the first on which one runs


def _picture(*shape: int) -> list[Any]:
    return [torch.rand(shape)]


# --- timm ------------------------------------------------------------------------------------------


def _timm_names() -> list[str]:
    names: list[str] = importlib.import_module("timm").list_models()
    return names


def _open_timm(name: str) -> Iterator[OpenedNetwork]:
    net = importlib.import_module("timm").create_model(name)
    config = getattr(net, "pretrained_cfg", None) or getattr(net, "default_cfg", None) or {}
    yield OpenedNetwork(net, _picture(1, *config.get("input_size", (3, 224, 224))))


# --- torchvision -----------------------------------------------------------------------------------


def _torchvision_names() -> list[str]:
    names: list[str] = importlib.import_module("torchvision.models").list_models()
    return names


def _open_torchvision(name: str) -> Iterator[OpenedNetwork]:
    models = importlib.import_module("torchvision.models")
    backbone = {"weights_backbone": None} if "weights_backbone" in inspect.signature(models.get_model_builder(name)).parameters else {}
    net = models.get_model(name, weights=None, **backbone)
    module = type(net).__module__
    if ".detection." in module:
        yield OpenedNetwork(net, [[torch.rand(3, 320, 320)]])
    elif ".optical_flow" in module:
        yield OpenedNetwork(net, [torch.rand(1, 3, 128, 128), torch.rand(1, 3, 128, 128)])
    elif ".video." in module:
        yield OpenedNetwork(net, _picture(1, 3, 16, 224 if "mvit" in name or "swin" in name else 112, 224 if "mvit" in name or "swin" in name else 112))
    else:
        side = 299 if "inception" in name else getattr(net, "image_size", 224)
        yield OpenedNetwork(net, _picture(1, 3, side, side))


# --- pytorchcv -------------------------------------------------------------------------------------


def _pytorchcv_names() -> list[str]:
    return sorted(importlib.import_module("pytorchcv.model_provider")._models)


def _open_pytorchcv(name: str) -> Iterator[OpenedNetwork]:
    net = importlib.import_module("pytorchcv.model_provider").get_model(name, pretrained=False)
    size = getattr(net, "in_size", (224, 224))
    channels = getattr(net, "in_channels", 3)
    yield OpenedNetwork(net, _picture(1, channels, *size))
    yield OpenedNetwork(net, [torch.rand(1, 2 * channels, *size)])  # two pictures in one
    yield OpenedNetwork(net, [torch.rand(1, 16000), torch.tensor([16000])])  # sound, with its length
    yield OpenedNetwork(net, [torch.rand(1, channels, 400), torch.tensor([400])])  # a spectrogram, with its length


# --- segmentation-models-pytorch -------------------------------------------------------------------

_ENCODERS = ("resnet18", "resnext50_32x4d", "mobilenet_v2", "efficientnet-b0", "vgg11_bn", "densenet121")


def _smp_names() -> list[str]:
    library = importlib.import_module("segmentation_models_pytorch")
    return [f"{name}/{encoder}" for name, encoder in product(sorted(library.MODEL_ARCHITECTURES_MAPPING), _ENCODERS)]


def _open_smp(name: str) -> Iterator[OpenedNetwork]:
    architecture, encoder = name.split("/")
    make = importlib.import_module("segmentation_models_pytorch").create_model
    yield OpenedNetwork(make(architecture, encoder_name=encoder, encoder_weights=None), _picture(1, 3, 256, 256))


# --- transformers ----------------------------------------------------------------------------------


def _open_transformers(name: str) -> Iterator[OpenedNetwork]:
    for network, inputs in small_model(name):
        yield OpenedNetwork(network, kwargs=inputs)


COLLECTIONS: dict[str, Collection] = {
    "pytorchcv": Collection(_pytorchcv_names, _open_pytorchcv),
    "timm": Collection(_timm_names, _open_timm),
    "torchvision": Collection(_torchvision_names, _open_torchvision),
    "segmentation": Collection(_smp_names, _open_smp),
    "transformers": Collection(model_types, _open_transformers, ("cpu",)),
}
