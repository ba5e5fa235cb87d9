"""Every entry of the catalog does what a network must: it builds, runs in float32 and bfloat16, trains, and can be exported.

Networks run narrow, shallow and on small pictures to stay quick; at their published sizes they run on the meta device.
"""

from __future__ import annotations

import functools
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.utils import _pytree as pytree

from blocks import analyse, catalog
from blocks.knobs import ATTENTION, GROUPING, KERNEL, KnobError
from blocks.trace.errors import TraceError

BLOCKS = catalog.names(kind="block")
MODELS = catalog.names(kind="model")

SIDES = (16, 32, 64, 72, 96)

# Values that make a network quick without changing what it is made of; those that a network cannot take are left out.
NARROW: dict[str, Any] = {
    "width_mult": 0.25, "hidden": 32, "growth_rate": 8, "features": 32, "stacks": 2, "blocks": 1, "depth": 2, "width": 96, "widen_factor": 0.5, "middle": 1,
    "embedding": 32, "depth_mult": 0.3, "c_head": 64, "num_classes": 10, "channels": 32, "c_in": 32, "c_mid": 16, "c_out": 32, "repeats": 1, "layers": 2, "cardinality": 4,
}  # fmt: skip


@functools.cache
def small(name: str) -> tuple[dict[str, Any], tuple[int, ...]]:
    """Knobs and input shape that make ``name`` quick to run: narrow, shallow, on the smallest picture of ``SIDES`` that it works on."""
    known = {k.name: k for k in catalog.knobs(name)}
    knobs = {k: v for k, v in NARROW.items() if k in known and v < known[k].default}
    if "depths" in known:
        knobs["depths"] = (1,) * len(known["depths"].default)
    for side in SIDES[catalog.entry(name).kind == "model" :]:
        knobs |= {"image_size": side} if "image_size" in known else {}
        try:
            shape = fitted(name, knobs, side)
            analyse(name, (2, *shape[1:]), training=True, **knobs)
        except (KnobError, TraceError):
            continue
        return knobs, shape
    raise AssertionError(f"{name} works on no picture of {SIDES}")


def fitted(name: str, knobs: dict[str, Any], side: int) -> tuple[int, ...]:
    """The input's shape at ``side``, after taking those of ``knobs`` away that the network cannot have."""
    while True:
        try:
            shape = catalog.input_shape(name, **knobs)
            shape = (*shape[:-2], *(min(side, s) for s in shape[-2:])) if len(shape) >= 4 else shape
            analyse(name, shape, **knobs)
            return shape
        except KnobError as error:
            if error.argument == "image_size" or not knobs:
                raise
            knobs.pop(error.argument if error.argument in knobs else next(iter(knobs)))


def different(names: list[str]) -> list[str]:
    """One of each group of names that differ in width, depth, picture or dropout alone, as resnet50, 101 and 152 do."""
    found: dict[Any, str] = {}
    for name in names:
        settings = catalog.settings(name)
        kept = [k.name for k in catalog.knobs(name) if k.kind in ("choice", "bool") or k.group in (KERNEL, GROUPING, ATTENTION)]
        found.setdefault((catalog.entry(name).cls, tuple((k, bool(settings[k]) if k == "se_ratio" else settings[k]) for k in kept)), name)
    return list(found.values())


def made(name: str) -> tuple[nn.Module, Tensor]:
    """A small network with seeded weights, in eval mode, and two inputs for it."""
    knobs, shape = small(name)
    torch.manual_seed(0)
    return catalog.build(name, **knobs).eval(), torch.rand(2, *shape[1:])


def tensors(output: Any) -> list[Tensor]:
    """All tensors of an output, whatever holds them."""
    return [leaf for leaf in pytree.tree_leaves(output) if isinstance(leaf, Tensor)]


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
    """The network at its published size in bfloat16, two pictures, without data: shapes and dtypes (float32 is what the figures are counted in)."""
    with torch.device("meta"):
        net = catalog.build(name).eval().to(torch.bfloat16)
    with torch.no_grad():
        outputs = tensors(net(torch.empty(2, *catalog.input_shape(name)[1:], dtype=torch.bfloat16, device="meta")))
    assert outputs
    assert all(y.dtype == torch.bfloat16 and len(y) == 2 for y in outputs)


@pytest.mark.parametrize("name", BLOCKS + different(MODELS))
def test_runs_and_trains(name: str) -> None:
    net, x = made(name)
    check_runs(net, x)
    check_trains(net, x)
    net.zero_grad()
    check_halves(net, x)


@pytest.mark.parametrize("name", MODELS)
def test_runs_at_its_published_size(name: str) -> None:
    check_on_meta(name)


# --- Exporting ------------------------------------------------------------------------------------


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


# One for each way of joining features and of doing something that an exporter could stumble over. ONNX takes seconds for each.
EXPORTED = (
    "squeezenet1_1", "mobilenet_v3_small", "shuffle_unit", "hourglass", "encoder_block", "octave_bottleneck", "shift_module", "shake_block", "learned_group_convolution",
    "siamese", "inception_reduction_a", "csp_dense_block", "lite_raspp", "densenet121_ibn_a", "alexnet_2012",
)  # fmt: skip
ONNX = ("squeezenet1_1", "mobilenet_v3_small", "shuffle_unit", "octave_bottleneck", "shift_module")


@pytest.mark.parametrize("name", EXPORTED)
def test_exports(name: str) -> None:
    check_exports(name)


@pytest.mark.parametrize("name", ONNX)
def test_exports_to_onnx(name: str, onnx_runtime: Any) -> None:
    check_exports_to_onnx(name, onnx_runtime)
