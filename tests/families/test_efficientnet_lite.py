"""EfficientNet-Lite against the authors' published sizes and TensorFlow's way of padding."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch.nn import functional as F

from blocks import analyse, catalog
from blocks.families.efficientnet_lite import StridedConvNormAct


@pytest.mark.parametrize(
    ("number", "params", "side"), [(0, 4_652_008, 224), (1, 5_416_680, 240), (2, 6_092_072, 260), (3, 8_197_096, 280), (4, 13_006_568, 300)]
)
def test_sizes_are_the_published_ones(number: int, params: int, side: int) -> None:
    """4.7, 5.4, 6.1, 8.2 and 13.0 million parameters (announcement of EfficientNet-Lite); to the last one as the package efficientnet_lite_pytorch counts them."""
    analysis = analyse(f"efficientnet_lite{number}")
    assert (analysis.params, analysis.input_shape[-1]) == (params, side)


def test_stem_first_and_last_stage_and_head_do_not_grow() -> None:
    net = catalog.build("efficientnet_lite4")
    assert (net.stem.conv.out_channels, net.head.conv.out_channels) == (32, 1280)  # type: ignore[union-attr]
    assert [len(stage) for stage in net.stages] == [1, 4, 4, 6, 6, 8, 1]  # type: ignore[arg-type, union-attr]
    assert not [name for name, _ in net.named_modules() if name.endswith(".se")]


@given(st.integers(7, 20), st.integers(7, 20), st.sampled_from([3, 5, 7]), st.sampled_from([2, 3]))
def test_strided_layers_pad_as_tensorflow_does(height: int, width: int, kernel: int, stride: int) -> None:
    """Its rule, "SAME": every stride-th window of the picture that is padded for ceil(size / stride) windows, one zero more behind than before."""
    layer = StridedConvNormAct(2, 3, kernel, stride, act="relu6").eval()
    x = torch.randn(1, 2, height, width)
    padding = []
    for size in (width, height):
        windows = (size + stride - 1) // stride
        needed = max((windows - 1) * stride + kernel - size, 0)
        padding += [needed // 2, needed - needed // 2]
    wanted = layer.act(layer.norm(F.conv2d(F.pad(x, padding), layer.conv.weight, stride=stride)))  # type: ignore[operator]
    with torch.no_grad():
        assert torch.equal(layer(x), wanted)
    assert analyse(layer, (1, 2, height, width)).graph.nodes[-1].inputs
    assert layer(x).shape[-2:] == (-(-height // stride), -(-width // stride))
