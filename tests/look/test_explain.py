"""Any number inside a network is opened: what it reads, with which factors, and that these make torch's value."""

from __future__ import annotations

import itertools
import random
from functools import cache

import pytest
import torch
from torch import Tensor, nn

from blocks import Analysis, analyse, catalog
from blocks.knobs import KnobError
from blocks.look.activations import activations, seen_calls
from blocks.look.explain import ROUNDING, Explanation, explain_call, explain_value
from blocks.look.statistics_of_norms import STATISTICS
from blocks.trace.errors import TraceError
from blocks.weights.original import randomise_norms

#: Between them these have every operation of the catalog; each is tried in the first network that has it.
OPERATIONS = {
    "asymmetric_convolution": ["conv2d", "relu"],
    "basic_block": ["batch_norm", "add"],
    "bninception": ["max_pool2d", "avg_pool2d", "cat", "adaptive_avg_pool2d", "flatten", "dropout", "linear"],
    "condense_layer": ["index_select", "view", "transpose"],
    "csp_dense_block": ["split"],
    "csp_stage": ["leaky_relu"],
    "densenet121_ibn_a": ["instance_norm"],
    "depthwise_separable": ["relu6"],
    "effective_se": ["hardsigmoid", "mul"],
    "efficientnet_b0": ["silu", "sigmoid"],
    "efficientnet_lite0": ["pad"],
    "encoder_block": ["layer_norm", "chunk", "scaled_dot_product_attention", "gelu"],
    "googlenet": ["local_response_norm"],
    "hourglass": ["interpolate"],
    "last_stage": ["hardswish"],
    "shift": ["narrow"],
    "siamese": ["__getitem__", "sub", "linalg_vector_norm"],
    "siamese_koch": ["abs", "squeeze"],
    "vit_ti_16": ["expand"],
}
SMALL = 64  # side of the picture, where a network takes any
POSITIONS = 20


@cache
def built(name: str) -> tuple[Analysis, nn.Module, Tensor]:
    torch.manual_seed(7)
    shape = catalog.input_shape(name)
    if catalog.free_places(name) and shape[1] == 3:
        shape = (*shape[:2], SMALL, SMALL)
    analysis, net = analyse(name, shape), catalog.build(name).eval()
    randomise_norms(net)
    return analysis, net, torch.randn(analysis.input_shape)


@pytest.mark.parametrize(("name", "operations"), OPERATIONS.items())
def test_the_arithmetic_of_every_operation_makes_torchs_value(name: str, operations: list[str]) -> None:
    analysis, net, picture = built(name)
    draw = random.Random(name)
    nodes = [next(n.index for n in analysis.graph.nodes if n.op == operation) for operation in operations]
    for call in seen_calls(analysis, net, picture, nodes).values():
        given = call.result[0] if isinstance(call.result, (tuple, list)) else call.result
        for _ in range(POSITIONS):
            position = tuple(draw.randrange(size) for size in given.shape)
            said, wanted = explain_call(call, position), float(given[position])
            assert said.value == pytest.approx(wanted, rel=ROUNDING, abs=ROUNDING), (call.node.op, position)
            assert said.way in ("sum", "product", "function"), call.node.op
            if said.way != "function":
                assert said.total == pytest.approx(wanted, rel=ROUNDING, abs=ROUNDING), (call.node.op, position)


def test_every_operation_of_the_catalog_is_among_them() -> None:
    tried = {operation for operations in OPERATIONS.values() for operation in operations}
    assert {n.op for name in catalog.names() for n in analyse(name).graph.nodes if n.kind not in ("input", "output")} <= tried


def one(layer: nn.Module, picture: Tensor, position: tuple[int, ...]) -> Explanation:
    analysis = analyse(layer, tuple(picture.shape))
    return explain_value(analysis, layer.eval(), picture, 1, position)


def test_a_convolution_reads_its_window_and_adds_its_bias() -> None:
    layer, picture = nn.Conv2d(4, 6, 3, stride=2, padding=1, groups=2), torch.randn(1, 4, 9, 11)
    said = one(layer, picture, (0, 4, 0, 2))  # the second group, the upper border
    window = {(0, c, y, x): float(layer.weight.detach()[4, c - 2, y + 1, x - 3]) for c, y, x in itertools.product((2, 3), (0, 1), (3, 4, 5))}
    assert {t.position: pytest.approx(t.factor, abs=1e-6) for t in said.terms} == window
    assert all(t.value == pytest.approx(float(picture[t.position])) for t in said.terms)
    assert said.offset == pytest.approx(float(layer.bias[4]))  # type: ignore[index]


def test_a_max_pool_names_the_position_that_won() -> None:
    picture = torch.randn(1, 2, 8, 8)
    [won] = one(nn.MaxPool2d(2), picture, (0, 1, 3, 1)).terms
    window = picture[0, 1, 6:8, 2:4]
    assert (won.factor, won.value) == (1.0, pytest.approx(float(window.max())))
    assert won.position == (0, 1, 6 + int(window.argmax()) // 2, 2 + int(window.argmax()) % 2)


def test_attention_weighs_the_values_and_the_weights_are_one_together() -> None:
    analysis, net, picture = built("encoder_block")
    node = next(n for n in analysis.graph.nodes if n.op == "scaled_dot_product_attention")
    said = explain_value(analysis, net, picture, node.index, (0, 1, 5, 3))
    call = seen_calls(analysis, net, picture, [node.index])[node.index]
    query, key = call.arguments[:2]
    weights = (query[0, 1, 5] @ key[0, 1].T / query.shape[-1] ** 0.5).softmax(0)
    assert [t.factor for t in said.terms] == pytest.approx(weights.tolist(), abs=1e-5)
    assert sum(t.factor for t in said.terms) == pytest.approx(1)


def test_a_softmax_shows_its_row() -> None:
    picture = torch.randn(2, 5)
    said = one(nn.Softmax(1), picture, (1, 3))
    assert [t.value for t in said.terms] == pytest.approx(picture[1].tolist())
    assert [t.factor for t in said.terms] == pytest.approx(picture[1].softmax(0).tolist())
    assert said.value == pytest.approx(said.terms[3].factor)


def test_an_activation_that_kills_a_number_still_says_which() -> None:
    picture = -torch.rand(1, 2, 3, 3) - 0.1
    said = one(nn.ReLU(inplace=True), picture.clone(), (0, 1, 2, 0))
    assert (said.way, said.value) == ("function", 0.0)
    assert [(t.position, t.value) for t in said.terms] == [((0, 1, 2, 0), pytest.approx(float(picture[0, 1, 2, 0])))]


def test_a_group_norm_is_a_factor_and_a_shift() -> None:
    assert set(STATISTICS) == {"layer_norm", "instance_norm", "group_norm", "local_response_norm"}
    layer, picture = nn.GroupNorm(2, 6), torch.randn(2, 6, 4, 5)
    randomise_norms(layer)
    said = one(layer, picture, (1, 4, 2, 3))
    assert said.total == pytest.approx(float(layer(picture)[1, 4, 2, 3].detach()), abs=1e-5)
    assert len(said.terms) == 1


def test_the_last_output_is_what_the_network_gives_and_nothing_of_it_is_changed() -> None:
    analysis, net, picture = built("efficientnet_b0")
    before = {n: t.clone() for n, t in net.state_dict().items()}
    last = next(n.index for n in analysis.graph.nodes if n.kind == "output")
    found = activations(analysis, net, picture, [0, last])
    with torch.no_grad():
        assert torch.equal(found[last], net(picture))
    assert torch.equal(found[0], picture)
    assert all(torch.equal(t, before[n]) for n, t in net.state_dict().items())


def test_an_operation_in_place_does_not_overwrite_what_was_seen() -> None:
    net = nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU(inplace=True)).eval()
    picture = torch.randn(1, 3, 5, 5)
    found = activations(analyse(net, (1, 3, 5, 5)), net, picture, [1, 2])
    with torch.no_grad():
        assert torch.equal(found[1], net[0](picture))
    assert torch.equal(found[2], found[1].clamp_min(0))


def test_errors_are_sentences() -> None:
    analysis, net, picture = built("basic_block")
    with pytest.raises(KnobError, match=r"must lie in a tensor of shape 1x64x56x56. Nearest: 0,63,55,55"):
        explain_value(analysis, net, picture, 1, (0, 64, 0, 0))
    with pytest.raises(KnobError, match="nothing is computed there"):
        explain_value(analysis, net, picture, 0, (0, 0, 0, 0))
    with pytest.raises(TraceError, match="the run has no operation"):
        activations(analysis, nn.Identity(), picture, [3])
