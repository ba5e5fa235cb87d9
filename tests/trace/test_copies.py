"""Parts of a bare network that are copied instead of built again: each must be what building would have given, and stand alone."""

from __future__ import annotations

import functools

import pytest
import torch
from torch import nn

from blocks import analyse, catalog
from blocks.knobs import KnobError
from blocks.layers.common import SqueezeExcite
from blocks.trace import copies
from blocks.trace.build import build_bare
from blocks.trace.copies import part
from blocks.trace.proxy import Proxy
from blocks.trace.symbolic import symbol, term_of

LAYERS = [
    (nn.Conv2d, (3, 5, 7, 2, 3), {"bias": False}),
    (nn.Conv2d, (6, 4, (1, 3)), {"groups": 2}),
    (nn.BatchNorm2d, (11,), {}),
    (nn.BatchNorm2d, (11,), {"affine": False}),
    (nn.InstanceNorm2d, (9,), {"affine": True}),
    (nn.LayerNorm, (13,), {"eps": 1e-6}),
    (nn.Linear, (17, 19), {}),
    (nn.ReLU, (), {"inplace": True}),
    (nn.PReLU, (), {}),
    (functools.partial(nn.BatchNorm2d, eps=0.01), (8,), {}),
]


def pair(make, *args, **settings):
    """The same part twice in one building: the first built, the second copied where that can be."""
    copies.forget()
    both = build_bare(lambda: nn.ModuleList([part(make, *args, **settings) for _ in range(2)]))
    return list(both)


def described(module):
    tensors = {**dict(module.named_parameters()), **dict(module.named_buffers())}
    return (
        type(module),
        repr(module),
        {k: v for k, v in module.__dict__.items() if k not in ("_parameters", "_buffers", "_modules")},
        list(module.__dict__),
        {k: (tuple(t.shape), t.dtype, t.requires_grad, isinstance(t, nn.Parameter)) for k, t in tensors.items()},
        [list(module._parameters), list(module._buffers), list(module._modules)],
    )


@pytest.mark.parametrize(("make", "args", "settings"), LAYERS, ids=lambda v: getattr(v, "__name__", ""))
def test_a_copy_is_what_building_gives(make, args, settings):
    built, copied = pair(make, *args, **settings)
    assert copied is not built
    assert described(copied) == described(built)
    real = make(*args, **settings)
    for tensors in (nn.Module.named_parameters, nn.Module.named_buffers):
        assert [(k, tuple(v.shape), v.dtype) for k, v in tensors(copied)] == [(k, tuple(v.shape), v.dtype) for k, v in tensors(real)]


@pytest.mark.parametrize(("make", "args", "settings"), LAYERS, ids=lambda v: getattr(v, "__name__", ""))
def test_a_copy_shares_nothing_that_can_change(make, args, settings):
    built, copied = pair(make, *args, **settings)
    for name, value in built.__dict__.items():
        if isinstance(value, (dict, set, list)):
            assert copied.__dict__[name] is not value, name
    mine = {id(t) for t in (*built.parameters(), *built.buffers())}
    assert not mine & {id(t) for t in (*copied.parameters(), *copied.buffers())}


def test_what_is_changed_after_building_is_not_in_the_next_copy():
    def make():
        first = part(nn.BatchNorm2d, 5)
        first.eps, first.weight.requires_grad = 7.0, False
        first.num_batches_tracked.fill_(3)
        first.register_forward_hook(lambda *_: None)
        second = part(nn.BatchNorm2d, 5)
        second.momentum = 0.5
        return nn.ModuleList([first, second, part(nn.BatchNorm2d, 5)])

    copies.forget()
    _, second, third = build_bare(make)
    assert second.eps == 1e-5
    assert second.weight.requires_grad
    assert second.num_batches_tracked.item() == 0
    assert not second._forward_hooks
    assert third.momentum == 0.1


def test_equal_numbers_of_different_types_are_different_calls():
    copies.forget()
    net = build_bare(lambda: nn.ModuleList([part(nn.Dropout, v) for v in (0, 0.0, False)]))
    assert [type(m.p) for m in net] == [int, float, bool]


def test_symbols_of_one_value_are_told_apart():
    a, b = symbol("a", 6), symbol("b", 6)
    net = build_bare(lambda: nn.ModuleList([part(nn.Linear, n, 6, bias=False) for n in (a, b, a, 6)]))
    assert [term_of(m.weight.shape[1]) for m in net] == [a.term, b.term, a.term, 6]


def test_symbolic_parts_are_kept_for_one_building_alone():
    copies.forget()
    build_bare(lambda: part(nn.Linear, symbol("a", 6), 6))
    assert not copies._layers


def test_types_of_another_default_are_not_mixed_up():
    copies.forget()
    build_bare(lambda: part(nn.Linear, 3, 4))
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    try:
        assert build_bare(lambda: part(nn.Linear, 3, 4)).weight.dtype == torch.float64
    finally:
        torch.set_default_dtype(before)


def test_parts_that_hold_modules_are_built_again():
    shared = nn.ReLU()
    first, second = build_bare(lambda: nn.ModuleList([part(nn.Sequential, shared) for _ in range(2)]))
    assert first[0] is second[0] is shared
    gates = pair(SqueezeExcite, 12, 3)
    assert gates[0].reduce is not gates[1].reduce


def test_a_tensor_used_twice_in_one_layer_stays_one():
    class Tied(nn.Module):
        def __init__(self, n):
            super().__init__()
            self.a = nn.Parameter(torch.empty(n))
            self.b = self.a

    for module in pair(Tied, 4):
        assert module.a is module.b


def test_outside_of_bare_building_every_part_is_built():
    first, second = part(nn.Linear, 3, 4), part(nn.Linear, 3, 4)
    assert type(first.weight) is nn.Parameter is not Proxy
    assert first.weight.data_ptr() != second.weight.data_ptr()
    assert not torch.equal(first.weight, second.weight)


def test_a_call_that_fails_fails_again():
    copies.forget()
    for _ in range(2):
        with pytest.raises(ValueError, match="divisible"):
            build_bare(lambda: part(nn.Conv2d, 3, 4, 1, groups=2))


def blocks_of(make, n=4):
    """A block built ``n`` times in one bare building: the third and later ones can be copies."""
    copies.forget()
    return list(build_bare(lambda: nn.ModuleList([make() for _ in range(n)])))


@pytest.mark.parametrize("name", catalog.names(kind="block"))
def test_a_copied_block_is_what_building_gives_and_stands_alone(name):
    entry = catalog.entry(name)
    built, *_, copied = blocks_of(lambda: catalog.make(entry, catalog.settings(name)))
    assert [(path, described(m)) for path, m in copied.named_modules()] == [(path, described(m)) for path, m in built.named_modules()]
    assert copied.knob_values is not built.knob_values
    for mine, others in zip(copied.modules(), built.modules(), strict=True):
        assert mine is not others
        for key, value in mine.__dict__.items():
            if isinstance(value, (dict, set, list)):
                assert others.__dict__[key] is not value, key
    assert not {id(t) for t in copied.parameters()} & {id(t) for t in built.parameters()}


def test_a_block_that_is_changed_after_building_is_not_what_comes_next():
    def make():
        made = [catalog.make(entry, catalog.settings("bottleneck")) for _ in range(2)]
        made[1].body[0].conv.stride = (3, 3)
        made[1].knob_values["stride"] = 3
        made[1].after = nn.Identity()
        return nn.ModuleList([*made, *(catalog.make(entry, catalog.settings("bottleneck")) for _ in range(2))])

    entry = catalog.entry("bottleneck")
    copies.forget()
    first, _, *later = build_bare(make)
    for block in later:
        assert [described(m) for m in block.modules()] == [described(m) for m in first.modules()]


def test_a_subclass_of_a_block_builds_its_own():
    base = catalog.entry("bottleneck").cls

    class Mine(base):
        def __init__(self, *args, **knobs):
            super().__init__(*args, **knobs)
            self.mine = nn.Identity()

    blocks = blocks_of(lambda: Mine(8, 4, 16))
    assert all(type(b) is Mine and list(b._modules)[-1] == "mine" for b in blocks)


def test_a_bad_knob_fails_again_where_blocks_are_copied():
    entry = catalog.entry("bottleneck")
    for _ in range(3):
        with pytest.raises(KnobError, match="groups"):
            build_bare(lambda: catalog.make(entry, catalog.settings("bottleneck", groups=7)))


@pytest.mark.parametrize("name", ["resnet50", "mobilenet_v3_small", "vit_b_32", "densenet121", "shufflenet_v2_x1_0"])
def test_a_network_counts_the_same_from_copies_and_from_nothing(name):
    def figures():
        a = analyse(name)
        return a.params, a.macs, a.flops, a.bytes_moved, a.peak_memory, [(n.op, n.outputs, n.weights) for n in a.graph.nodes]

    copies.forget()
    cold = figures()
    assert figures() == cold
    with torch.device("meta"):
        net = catalog.build(name)
    assert cold[0] == sum(p.numel() for p in net.parameters())
