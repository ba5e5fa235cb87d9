"""A packed sequence costs its real steps."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from blocks import analyse
from blocks.trace.errors import TraceError
from blocks.trace.packed import ON_PACKED

CELLS = {"lstm": (nn.LSTM, 4), "gru": (nn.GRU, 3), "rnn_tanh": (nn.RNN, 1)}


class Packed(nn.Module):
    def __init__(self, cell: nn.Module, lengths: list[int] | None = None) -> None:
        super().__init__()
        self.cell, self.lengths = cell, lengths

    def forward(self, x: Tensor, n: Tensor | None = None) -> Tensor:
        packed = pack_padded_sequence(x, self.lengths if n is None else n, batch_first=True, enforce_sorted=False)
        made: Tensor = pad_packed_sequence(self.cell(packed)[0], batch_first=True)[0]
        return made


@pytest.mark.parametrize("name", CELLS)
@given(lengths=st.lists(st.integers(1, 7), min_size=1, max_size=4), both=st.booleans())
@settings(max_examples=5, deadline=None)
def test_macs_are_those_of_the_steps(name: str, lengths: list[int], both: bool) -> None:
    cell, gates = CELLS[name]
    net = Packed(cell(4, 5, batch_first=True, bidirectional=both), lengths)
    given = torch.rand(len(lengths), 7, 4)
    expected = sum(lengths) * gates * 5 * (4 + 5) * (2 if both else 1), tuple(net(given).shape)
    assert (analyse(net, tuple(given.shape)).macs, analyse(net, tuple(given.shape)).output_shape) == expected
    handed_in = analyse(net, [tuple(given.shape), torch.tensor(lengths)])
    assert (handed_in.macs, handed_in.output_shape) == expected
    assert name in ON_PACKED


def test_unknown_lengths_are_refused() -> None:
    with pytest.raises(TraceError, match="looks at the values"):
        analyse(Packed(nn.LSTM(4, 5, batch_first=True)), {"x": (3, 7, 4), "n": torch.empty(3, dtype=torch.long, device="meta")})


def test_a_wrong_width_is_said() -> None:
    with pytest.raises(TraceError, match=r"4|features"):
        analyse(Packed(nn.LSTM(4, 5, batch_first=True), [7, 3]), (2, 7, 6))


def test_a_recurrent_layer_on_the_meta_device_counts_as_on_the_cpu() -> None:
    with torch.device("meta"):
        empty = nn.LSTM(8, 6, 2, bidirectional=True)
    assert analyse(nn.Sequential(empty), (3, 5, 8)).macs == analyse(nn.LSTM(8, 6, 2, bidirectional=True), (3, 5, 8)).macs > 0
