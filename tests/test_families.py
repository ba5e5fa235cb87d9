"""Every entry of the catalog does what a network must: it builds, runs in float32 and bfloat16, trains, and can be exported.

Models run on small pictures to stay quick; those above ``LARGEST`` parameters run on the meta device alone.
"""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils import _pytree as pytree

from blocks import analyse, catalog

BLOCKS = catalog.names(kind="block")
MODELS = catalog.names(kind="model")
FAMILIES = sorted({catalog.entry(name).family.name for name in MODELS})

# Blocks are exported one and all; of the models, which take seconds each, one for each way of joining features.
ONNX_MODELS = ("squeezenet1_1", "resnet18", "mobilenet_v3_small", "shufflenet_v2_x0_5", "googlenet_torchvision", "vovnet27_slim", "hourglass_1", "vit_ti_16")

LARGEST = 100_000_000
SIDE = 64
# What leaves nothing of a 64 x 64 picture: stems without padding, and Koch's large kernels.
SIDE_OF = {"inception_v3": 96, "inception_v4": 96, "inception_resnet_v2": 96, "koch_net": 72, "siamese": 72, "siamese_koch": 72}


def small(name: str) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Knobs and input shape that make ``name`` quick to run: a block as it is entered, a model on a small picture."""
    entry = catalog.entry(name)
    if entry.kind == "block":
        return {}, catalog.input_shape(name)
    side = SIDE_OF.get(name, min(SIDE, catalog.input_shape(name)[-1]))
    knobs = {"image_size": side} if "image_size" in {k.name for k in entry.knobs} else {}
    return knobs, (*catalog.input_shape(name, **knobs)[:-2], side, side)


def made(name: str) -> tuple[nn.Module, Tensor]:
    """A small network with seeded weights, in eval mode, and two inputs for it."""
    knobs, shape = small(name)
    torch.manual_seed(0)
    return catalog.build(name, **knobs).eval(), torch.rand(2, *shape[1:])


def tensors(output: Any) -> list[Tensor]:
    """All tensors of an output, whatever holds them."""
    return [leaf for leaf in pytree.tree_leaves(output) if isinstance(leaf, Tensor)]


def is_large(name: str) -> bool:
    return analyse(name).params > LARGEST


# --- Running and training -------------------------------------------------------------------------


def check_runs(net: nn.Module, x: Tensor) -> None:
    """A batch of two gives, for its first picture, what that picture gives alone."""
    with torch.no_grad():
        both, alone = tensors(net(x)), tensors(net(x[:1]))
    assert alone
    assert len(both) == len(alone)
    for two, one in zip(both, alone, strict=True):
        assert two.shape == (2, *one.shape[1:])
        assert two.isfinite().all()
        torch.testing.assert_close(two[:1], one, rtol=1e-3, atol=1e-4 * max(1.0, one.abs().max().item()))


def check_trains(net: nn.Module, x: Tensor) -> None:
    """A loss over all outputs in train mode reaches the input and every parameter but those that the trace, too, finds unused."""
    x = x.clone().requires_grad_()
    loss = sum(y.square().mean() for y in tensors(net.train()(x)))
    assert isinstance(loss, Tensor)
    loss.backward()
    assert x.grad is not None
    unreached = sum(p.numel() for p in net.parameters() if p.requires_grad and p.grad is None)
    assert unreached == analyse(net, x.shape, training=True).graph.unused_params
    assert all(p.grad.isfinite().all() for p in net.parameters() if p.grad is not None)


def check_halves(net: nn.Module, x: Tensor) -> None:
    """In bfloat16 the outputs are bfloat16, finite, and have the same shapes, for one picture and for two."""
    net.eval().to(torch.bfloat16)
    with torch.no_grad():
        for batch in (x[:1], x):
            outputs = tensors(net(batch.to(torch.bfloat16)))
            assert all(y.dtype == torch.bfloat16 and y.isfinite().all() and len(y) == len(batch) for y in outputs)


def check_on_meta(name: str) -> None:
    """The network at its published size, without data: shapes and dtypes."""
    with torch.device("meta"):
        net = catalog.build(name).eval()
    for dtype in (torch.float32, torch.bfloat16):
        net.to(dtype)
        for batch in (1, 2):
            outputs = tensors(net(torch.empty(batch, *catalog.input_shape(name)[1:], dtype=dtype, device="meta")))
            assert outputs
            assert all(y.dtype == dtype and len(y) == batch for y in outputs)


@pytest.mark.parametrize("name", BLOCKS + MODELS)
def test_runs_and_trains(name: str) -> None:
    if is_large(name):
        check_on_meta(name)
        return
    net, x = made(name)
    check_runs(net, x)
    check_trains(net, x)
    net.zero_grad()
    check_halves(net, x)


# --- Exporting ------------------------------------------------------------------------------------


def smallest(family: str) -> str:
    """The model of the family with the fewest parameters."""
    return min(catalog.names(kind="model", family=family), key=lambda name: analyse(name).params)


def check_exports(name: str) -> None:
    net, x = made(name)
    program = torch.export.export(net, (x[:1],))
    with torch.no_grad():
        wanted, found = tensors(net(x[:1])), tensors(program.module()(x[:1]))
    torch.testing.assert_close(found, wanted)


def check_exports_to_onnx(name: str, runtime: Any) -> None:
    net, x = made(name)
    program = torch.onnx.export(net, (x[:1],), dynamo=True, verbose=False)
    session = runtime.InferenceSession(program.model_proto.SerializeToString(), providers=["CPUExecutionProvider"])
    found = session.run(None, {session.get_inputs()[0].name: x[:1].numpy()})
    with torch.no_grad():
        wanted = tensors(net(x[:1]))
    assert len(found) == len(wanted)
    for array, tensor in zip(found, wanted, strict=True):
        torch.testing.assert_close(torch.from_numpy(array), tensor, rtol=1e-3, atol=1e-4 * max(1.0, tensor.abs().max().item()))


@pytest.fixture(scope="module")
def onnx_runtime() -> Any:
    """ONNX Runtime; its tests are skipped, with the reason, where the exporter's packages are missing."""
    for package in ("onnx", "onnxscript"):
        pytest.importorskip(package, reason=f"ONNX export needs {package}")
    return pytest.importorskip("onnxruntime", reason="checking an ONNX file needs onnxruntime")


@pytest.mark.parametrize("name", BLOCKS)
def test_block_exports(name: str) -> None:
    check_exports(name)


@pytest.mark.parametrize("family", FAMILIES)
def test_model_exports(family: str) -> None:
    check_exports(smallest(family))


@pytest.mark.parametrize("name", BLOCKS)
def test_block_exports_to_onnx(name: str, onnx_runtime: Any) -> None:
    check_exports_to_onnx(name, onnx_runtime)


@pytest.mark.parametrize("name", ONNX_MODELS)
def test_model_exports_to_onnx(name: str, onnx_runtime: Any) -> None:
    check_exports_to_onnx(name, onnx_runtime)
