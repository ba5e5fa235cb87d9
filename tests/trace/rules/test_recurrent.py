"""Recurrent layers: MACs are those of the matrices at every step, FLOPs the cells' own, shapes torch's."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from blocks import analyse
from blocks.trace.errors import TraceError
from blocks.trace.run import trace
from blocks.trace.symbolic import plain, recording, symbol
from tests.tracing import traced

STEPS, BATCH, IN, HIDDEN = 5, 3, 7, 11
# gates, and by hand the FLOPs per hidden unit and step: sigmoids 3, tanh 5, products, sums
CELLS = {
    "LSTM": (4, 4 + 3 * 3 + 2 * 5 + 3 + 1),
    "GRU": (3, 3 + 2 * 3 + 5 + 5),
    "RNN": (1, 1 + 5),
}


def node_of(layer: nn.Module, *shapes: tuple[int, ...]):
    a = analyse(layer, list(shapes))
    assert a.not_counted == []
    (node,) = (n for n in a.graph.nodes if n.kind == "linear")
    expected = layer.to("meta")(*(torch.empty(s, device="meta") for s in shapes))
    first = expected[0] if isinstance(expected, tuple) else expected
    assert a.output_shape == tuple(first.shape)
    return node


@pytest.mark.parametrize(("name", "gates", "each"), [(n, *c) for n, c in CELLS.items()])
@pytest.mark.parametrize("bias", [False, True])
def test_one_layer(name: str, gates: int, each: int, bias: bool) -> None:
    node = node_of(getattr(nn, name)(IN, HIDDEN, bias=bias), (STEPS, BATCH, IN))
    assert node.macs == STEPS * BATCH * gates * HIDDEN * (IN + HIDDEN)
    assert node.flops - 2 * node.macs == STEPS * BATCH * HIDDEN * (each + (2 * gates if bias else 0))


@pytest.mark.parametrize(("name", "gates", "each"), [(n, *c) for n, c in CELLS.items()])
def test_two_layers_in_both_directions_batch_first(name: str, gates: int, each: int) -> None:
    node = node_of(getattr(nn, name)(IN, HIDDEN, num_layers=2, bidirectional=True, batch_first=True), (BATCH, STEPS, IN))
    weights = 2 * gates * HIDDEN * ((IN + HIDDEN) + (2 * HIDDEN + HIDDEN))
    assert node.macs == STEPS * BATCH * weights
    assert node.flops - 2 * node.macs == STEPS * BATCH * HIDDEN * 2 * 2 * (each + 2 * gates)
    assert node.params == weights + 4 * 2 * gates * HIDDEN


def test_a_projection_shortens_the_state() -> None:
    node = node_of(nn.LSTM(IN, HIDDEN, proj_size=4), (STEPS, BATCH, IN))
    assert node.macs == STEPS * BATCH * (4 * HIDDEN * (IN + 4) + 4 * HIDDEN)
    assert node.outputs == ((STEPS, BATCH, 4), (1, BATCH, 4), (1, BATCH, HIDDEN))


@pytest.mark.parametrize(("name", "gates", "each"), [(n, *c) for n, c in CELLS.items()])
def test_a_single_cell(name: str, gates: int, each: int) -> None:
    node = node_of(getattr(nn, f"{name}Cell")(IN, HIDDEN), (BATCH, IN))
    assert node.macs == BATCH * gates * HIDDEN * (IN + HIDDEN)
    assert node.flops - 2 * node.macs == BATCH * HIDDEN * (each + 2 * gates)


def test_relu_in_the_place_of_tanh() -> None:
    node = node_of(nn.RNN(IN, HIDDEN, nonlinearity="relu", bias=False), (STEPS, BATCH, IN))
    assert node.flops - 2 * node.macs == STEPS * BATCH * HIDDEN * 2


def test_features_that_do_not_fit() -> None:
    with pytest.raises(TraceError, match="expects 7 features and the input 5×3×6 has 6"):
        traced(lambda x, h, *weights: torch.gru(x, h, weights, False, 1, 0.0, False, False, False), (5, 3, 6), (1, 3, 11), (33, 7), (33, 11))


@pytest.mark.parametrize(("name", "gates"), [(n, c[0]) for n, c in CELLS.items()])
def test_a_layer_reads_what_meets_its_state_at_every_step(name: str, gates: int) -> None:
    node = node_of(getattr(nn, name)(IN, HIDDEN), (STEPS, BATCH, IN))
    kept = 2 if name == "LSTM" else 1  # hidden state, and the cell's
    at_once = STEPS * BATCH * IN + gates * HIDDEN * (IN + 1)
    each_step = gates * HIDDEN * (HIDDEN + 1) + BATCH * HIDDEN * kept
    assert node.reads == 4 * (at_once + STEPS * each_step)
    assert node.writes == 4 * (STEPS * BATCH * HIDDEN * kept + BATCH * HIDDEN)  # the last hidden state is an output of its own


def test_what_is_read_again_asks_nothing_of_a_size() -> None:
    with recording() as conditions:
        graph, _ = trace(nn.LSTM(IN, HIDDEN), (symbol("T", STEPS), symbol("B", BATCH), IN), "float32", 4, training=False, ours=True)
    assert sum(plain(n.macs) for n in graph.nodes) == STEPS * BATCH * 4 * HIDDEN * (IN + HIDDEN)
    assert [(c.op, c.right) for c in conditions] == [("lt", 1), ("lt", 1)]  # that no size is below 1


def test_layers_hand_their_sequences_on() -> None:
    layer = nn.LSTM(IN, HIDDEN, num_layers=2, bidirectional=True, batch_first=True, bias=False, proj_size=4)
    node = node_of(layer, (BATCH, STEPS, IN))
    rows, gates = STEPS * BATCH, 4 * HIDDEN
    each_step = gates * 4 + 4 * HIDDEN + BATCH * (4 + HIDDEN)  # recurrent matrix, projection, both states
    reads = sum(2 * (rows * width + gates * width + STEPS * each_step) for width in (IN, 2 * 4))
    assert node.reads == 4 * reads
    assert node.writes == 4 * (2 * rows * 2 * 4 + 4 * rows * HIDDEN + 4 * BATCH * 4)


def test_a_packed_sequence_takes_the_steps_of_its_longest() -> None:
    class Packed(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.gru = nn.GRU(IN, HIDDEN)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return self.gru(nn.utils.rnn.pack_padded_sequence(x, torch.tensor([5, 3, 2])))[0].data

    node = next(n for n in analyse(Packed(), (STEPS, BATCH, IN)).graph.nodes if n.op == "gru")
    rows, gates = 5 + 3 + 2, 3 * HIDDEN
    sizes = 8 * STEPS  # of the batch at each step
    assert node.reads == 4 * (rows * IN + gates * (IN + 1) + STEPS * gates * (HIDDEN + 1) + rows * HIDDEN) + sizes
