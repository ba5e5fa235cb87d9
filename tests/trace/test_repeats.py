"""Shorter ways through a network of known layers: they must lead to the same graph as the long one, and be left alone elsewhere."""

from __future__ import annotations

import dataclasses

import pytest
import torch
from torch import nn

from blocks import analyse, catalog
from blocks.families.vit import EncoderBlock
from blocks.layers.common import ConvNormAct
from blocks.trace import run
from blocks.trace.build import on_meta
from blocks.trace.errors import TraceError
from blocks.trace.repeats import Repeats, walked
from blocks.trace.symbolic import Term, plain, term_of


@pytest.fixture
def long_way(monkeypatch):
    """Calls a function while every network counts as unknown."""

    def call(make):
        with monkeypatch.context() as patch:
            patch.setattr(run, "walked", lambda network: (walked(network)[0], False, False))
            return make()

    return call


@pytest.fixture
def repeated(monkeypatch):
    """The paths of the modules that were written down again."""
    paths = []
    again = Repeats._again

    def watched(self, passage, place, x):
        paths.append(self.modules[place][0])
        return again(self, passage, place, x)

    monkeypatch.setattr(Repeats, "_again", watched)
    return paths


def exactly(value):
    """A value with its symbols, as something that can be compared without asking the symbols."""
    if isinstance(value, (tuple, list)):
        return tuple(map(exactly, value))
    if isinstance(value, dict):
        return tuple((k, exactly(v)) for k, v in value.items())
    return type(value).__name__, plain(value), _renewed(term_of(value))


def _renewed(term):
    """A term with each rounding by its name: the function behind it is made anew with each network."""
    if not isinstance(term, Term):
        return term
    return (term.op, *(str(a) if callable(a) else _renewed(a) for a in term.args))


def written(analysis, modules=True):
    """All that a trace says; of modules their names where the network was built twice."""
    graph = analysis.graph
    nodes = [tuple(exactly(getattr(n, f.name)) for f in dataclasses.fields(n)) for n in graph.nodes]
    calls = [(c.index, c.path, c.label, c.parent, c.cls, id(c.module) if modules else 0, exactly(c.input_shape or ()), c.failed) for c in graph.calls]
    return nodes, calls, plain(graph.params), plain(graph.unused_params), graph.error


def meta(name, **knobs):
    with on_meta():
        return catalog.build(name, **knobs)


@pytest.mark.parametrize("training", [False, True], ids=["eval", "training"])
@pytest.mark.parametrize("name", catalog.names())
def test_every_network_is_written_down_as_by_the_long_way(name, training, long_way):
    net = meta(name)
    shape = catalog.input_shape(name)
    before = [dict(m.__dict__) for m in net.modules()]
    short = written(analyse(net, shape, training=training))
    assert all(now.keys() == was.keys() and all(now[k] is was[k] for k in was) for now, was in zip((m.__dict__ for m in net.modules()), before, strict=True))
    assert short == written(long_way(lambda: analyse(net, shape, training=training)))


@pytest.mark.parametrize("name", catalog.names(kind="block"))
def test_symbols_of_a_block_are_those_of_the_long_way(name, long_way):
    short, long = analyse(name, symbolic=True), long_way(lambda: analyse(name, symbolic=True))
    assert written(short, modules=False) == written(long, modules=False)
    assert {repr(c) for c in short.conditions} == {repr(c) for c in long.conditions}


@pytest.mark.parametrize("name", ["vit_b_32", "oct_resnet26", "mobilenet_v3_small", "shufflenet_v2_x1_0", "efficientnet_b0", "seresnet18"])
def test_symbols_of_a_network_are_those_of_the_long_way(name, long_way):
    short, long = analyse(name).by_sizes, long_way(lambda: analyse(name).by_sizes)
    assert written(short, modules=False) == written(long, modules=False)
    assert {repr(c) for c in short.conditions} == {repr(c) for c in long.conditions}


def test_equal_blocks_are_gone_through_once(repeated):
    analyse(meta("vit_b_16"), (2, 3, 224, 224))
    assert len(repeated) == 11
    assert len(set(repeated)) == 11


def encoders(*, change=None, n=3):
    with on_meta():
        net = nn.Sequential(*(EncoderBlock(24, heads=3) for _ in range(n)))
    if change:
        change(net[-1])
    return net


def set_heads(block):
    block.attention.heads = 2


def give_another_weight(block):
    block.mlp[0].weight = nn.Parameter(torch.empty(96, 24, dtype=torch.float64, device="meta"))


def drop_a_bias(block):
    block.attention.qkv.register_parameter("bias", None)


def put_something_else_in(block):
    block.norm2 = nn.Identity()


@pytest.mark.parametrize("change", [set_heads, give_another_weight, drop_a_bias, put_something_else_in])
def test_a_block_that_was_changed_is_not_taken_for_another(change, repeated, long_way):
    net = encoders(change=change)
    short = written(analyse(net, (2, 7, 24)))
    assert "1" in repeated
    assert "2" not in repeated
    assert short == written(long_way(lambda: analyse(net, (2, 7, 24))))


def test_a_block_is_run_again_on_another_shape(repeated, long_way):
    class Halved(nn.Module):
        def forward(self, x):
            return x[:, ::2]

    Halved.__module__ = nn.Linear.__module__
    net = encoders(n=5)
    net.insert(2, Halved())
    short = written(analyse(net, (2, 8, 24)))
    assert repeated == ["1", "4.attention", "5"]  # "3" reads a view, which another could write through
    assert short == written(long_way(lambda: analyse(net, (2, 8, 24))))


class Foreign(nn.Module):
    """Somebody's own module: its forward changes what its parts do."""

    def __init__(self):
        super().__init__()
        self.blocks = encoders()

    def forward(self, x):
        for i, block in enumerate(self.blocks):
            block.attention.heads = 1 + i
            x = block(x)
        return x


def test_a_network_with_an_unknown_class_goes_the_long_way(repeated):
    net = Foreign()
    assert walked(net)[1] is False
    analysis = analyse(net, (2, 7, 24))
    assert repeated == []
    heads = [n.outputs[0][1] for n in analysis.graph.nodes if n.op == "scaled_dot_product_attention"]
    assert heads == [1, 2, 3]
    assert [b.attention.heads for b in net.blocks] == [3, 3, 3]  # left as it was


def hooked(net):
    net[0].register_forward_hook(lambda *_: None)


def given_a_forward(net):
    net[1].forward = lambda x: x + 1


def hooked_backward(net):
    net[2].attention.register_full_backward_hook(lambda *_: None)


@pytest.mark.parametrize("change", [hooked, given_a_forward, hooked_backward])
def test_what_somebody_has_added_to_a_module_makes_a_network_unknown(change, repeated):
    net = encoders()
    change(net)
    assert walked(net)[1] is False
    analyse(net, (2, 7, 24))
    assert repeated == []


def test_modules_and_tensors_at_two_places_are_told_apart(repeated, long_way):
    block = encoders(n=1)[0]
    twice = nn.Sequential(block, block)
    assert walked(twice)[2] is False
    tied = encoders(n=2)
    tied[1].mlp[0].weight = tied[0].mlp[0].weight
    for net in (twice, tied):
        short = written(analyse(net, (2, 7, 24)))
        assert short == written(long_way(lambda net=net: analyse(net, (2, 7, 24))))
    assert repeated == []
    assert analyse(twice, (2, 7, 24)).params == sum(p.numel() for p in block.parameters())


def test_the_modules_are_those_of_torch():
    net = nn.Sequential(encoders(), encoders(n=1))
    assert walked(net) == (list(net.named_modules()), True, True)


ROWS = {
    "too small": (nn.Sequential(nn.Conv2d(3, 5, 3), nn.ReLU(), nn.Conv2d(5, 7, 9)), (1, 3, 8, 8)),
    "channels": (nn.Sequential(nn.Conv2d(3, 5, 3), nn.BatchNorm2d(5), nn.Conv2d(4, 7, 1)), (1, 3, 8, 8)),
    "in a block": (nn.Sequential(ConvNormAct(3, 5, 3), nn.Sequential(ConvNormAct(5, 7, 3), ConvNormAct(6, 2, 1))), (1, 3, 8, 8)),
}


@pytest.mark.parametrize(("net", "shape"), ROWS.values(), ids=ROWS)
def test_what_cannot_run_is_said_as_by_the_long_way(net, shape, long_way):
    def said():
        with pytest.raises(TraceError) as failed:
            analyse(net, shape)
        graph = failed.value.graph
        return str(failed.value), graph.error, [(n.op, n.failed, n.outputs) for n in graph.nodes], [(c.label, c.failed) for c in graph.calls]

    assert said() == long_way(said)


def test_layers_that_write_in_place_leave_the_picture_of_the_long_way(long_way):
    net = nn.Sequential(nn.Sequential(nn.ReLU(inplace=True), nn.Conv2d(3, 5, 3), nn.ReLU(inplace=True)), nn.Sequential(nn.ReLU(inplace=True), nn.Dropout(0.3)))
    for training in (False, True):
        short = written(analyse(net, (2, 3, 9, 8), training=training))
        assert short == written(long_way(lambda training=training: analyse(net, (2, 3, 9, 8), training=training)))
    assert all("forward" not in m.__dict__ for m in net.modules())
