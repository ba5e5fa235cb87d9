"""Memory of every preset against torch itself, to the byte: storages alive in a forward pass, and what autograd saves of one.

Pictures are as small as each network allows: what lives when does not depend on their size. Run with ``-s`` to see the ratios.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import torch
from torch import nn

from blocks import analyse, catalog
from blocks.trace.errors import TraceError
from tests.storages import LiveStorages, own_tensors, real_peak, saved_bytes, storage_bytes_of
from tests.thorough import spread

Shape = tuple[int, ...]


@contextmanager
def one_thread() -> Iterator[None]:
    """Small pictures are quickest so."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def smallest(name: str) -> tuple[dict[str, Any], Shape]:
    """Knobs and input of ``name`` on the smallest picture that it takes, two at a time."""
    _, channels, *_, side = shape = catalog.input_shape(name)
    if len(shape) > 4:
        return {}, (2, *shape[1:])
    sized = "image_size" in {knob.name for knob in catalog.knobs(name)}
    for smaller in (32, 64, 96, 128, 160):
        knobs = {"image_size": smaller} if sized else {}
        try:
            analyse(name, (2, channels, smaller, smaller), training=True, **knobs)
        except (TraceError, ValueError):
            continue
        return knobs, (2, channels, smaller, smaller)
    return {}, (2, channels, side, side)


def built(name: str, **knobs: Any) -> nn.Module:
    """The network without its initialisation, which takes longer than all else; its numbers are zeros."""
    with torch.device("meta"):
        net = catalog.build(name, **knobs)
    net = net.to_empty(device="cpu")
    with torch.no_grad():
        for tensor in own_tensors(net):
            tensor.zero_()
    return net


@pytest.mark.parametrize("name", catalog.names(kind="model"))
def test_memory_is_what_torch_holds(name: str) -> None:
    knobs, shape = smallest(name)
    with one_thread():
        net = built(name, **knobs)
        x = torch.rand(shape)
        peak, saved = real_peak(net.eval(), x).peak, saved_bytes(net.train(), x)
    ours = analyse(name, shape, **knobs).peak_memory, analyse(name, shape, training=True, **knobs).saved_memory
    sys.stdout.write(f"{name} {shape}: peak {ours[0] / peak:.6g} of {peak} bytes, saved {ours[1] / saved:.6g} of {saved}\n")
    assert ours == (peak, saved)


#: Two networks that compute in float32 in between, and some that do not.
HALF = ["alexnet_2012", "googlenet", *spread(catalog.names(kind="model"), 14, 3)]


@pytest.mark.parametrize("name", list(dict.fromkeys(HALF)))
def test_memory_in_bfloat16_is_what_torch_holds(name: str) -> None:
    knobs, shape = smallest(name)
    with one_thread():
        net, x = built(name, **knobs).to(torch.bfloat16), torch.zeros(shape, dtype=torch.bfloat16)
        peak, saved = real_peak(net.eval(), x).peak, saved_bytes(net.train(), x)
    by_name = {training: analyse(name, shape, dtype="bfloat16", training=training, **knobs) for training in (False, True)}
    assert (by_name[False].peak_memory, by_name[True].saved_memory) == (peak, saved)
    as_it_is = analyse(net, shape, training=True)
    assert as_it_is.saved_memory == saved
    assert as_it_is.needed_memory() == by_name[True].needed_memory()
    assert by_name[True].training_memory().weights == storage_bytes_of(net.parameters())


@pytest.mark.parametrize(("name", "knob", "shape"), [("self_attention", "dropout", (2, 17, 96)), ("vit_ti_16", "attention_dropout", (1, 3, 224, 224))])
@pytest.mark.parametrize("rate", [0.0, 0.05])
def test_a_training_pass_of_attention_with_dropout_is_what_torch_holds(name: str, knob: str, shape: Shape, rate: float) -> None:
    knobs = {knob: rate, **({"width": shape[-1], "heads": 3} if name == "self_attention" else {})}
    net, x = built(name, **knobs).train(), torch.zeros(shape)
    live = LiveStorages([*own_tensors(net), x])
    with one_thread(), live:
        result = net(x)
    assert result.requires_grad
    assert analyse(name, shape, training=True, **knobs).peak_memory == live.peak + storage_bytes_of([x])
