"""Networks that this project has never seen are traced right: MACs equal FlopCounterMode's, parameters equal torch's, nothing is left behind."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import transformers
from efficientnet_pytorch import EfficientNet
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from blocks import analyse

MODELS = (
    "ViT",
    "DeiT",
    "ConvNext",
    "ConvNextV2",
    "ResNet",
    "RegNet",
    "MobileNetV1",
    "MobileNetV2",
    "Swin",
    "PoolFormer",
    "Segformer",
    "Cvt",
    "Levit",
    "MobileViT",
    "Dinov2",
    "FocalNet",
)


def flops_counted(net: nn.Module, *args: torch.Tensor, **kwargs: torch.Tensor) -> int:
    """2·MACs by torch's own counter."""
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        net(*args, **kwargs)
    return int(counter.get_total_flops())


def on_meta(make: Any) -> nn.Module:
    with torch.device("meta"):
        return make().eval()


@pytest.mark.parametrize("name", ["efficientnet-b0", "efficientnet-b2"])
def test_efficientnet_pytorch(name: str) -> None:
    net = on_meta(lambda: EfficientNet.from_name(name))
    analysis = analyse(net, (2, 3, 160, 224))
    assert 2 * analysis.macs == flops_counted(net, torch.empty(2, 3, 160, 224, device="meta"))
    assert analysis.params == sum(p.numel() for p in net.parameters())
    assert analysis.not_counted == []


@pytest.mark.parametrize("name", MODELS)
def test_transformers_vision(name: str) -> None:
    config = getattr(transformers, f"{name}Config")()
    net = on_meta(lambda: getattr(transformers, f"{name}Model")(config))
    before = {k: set(vars(m)) for k, m in net.named_modules()}
    analysis = analyse(net, {"pixel_values": (1, 3, 224, 224)})
    assert 2 * analysis.macs == flops_counted(net, pixel_values=torch.empty(1, 3, 224, 224, device="meta"))
    assert analysis.params == sum(p.numel() for p in net.parameters())
    assert analysis.table["params"].sum() + analysis.graph.unused_params == analysis.params
    assert {k: set(vars(m)) for k, m in net.named_modules()} == before


def test_token_ids() -> None:
    net = on_meta(lambda: transformers.BertModel(transformers.BertConfig()))
    analysis = analyse(net, {"input_ids": (2, 17)})
    assert 2 * analysis.macs == flops_counted(net, input_ids=torch.zeros(2, 17, dtype=torch.long, device="meta"))


def test_multihead_attention_of_torch() -> None:
    net = on_meta(lambda: nn.TransformerEncoderLayer(24, 3, 40, batch_first=True))
    assert 2 * analyse(net, (2, 7, 24)).macs == flops_counted(net.train(), torch.empty(2, 7, 24, device="meta"))
