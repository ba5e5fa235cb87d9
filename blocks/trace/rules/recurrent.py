"""Recurrent layers. MACs are those of their matrices at every step; FLOPs add, for each hidden unit and step, what the cell does.

LSTM: 8 sums of products and biases, three sigmoids (3 each), two tanh (5 each), three products and a sum; GRU and the plain
cell likewise. A bias that is absent takes its additions away. Bytes are those that the steps move: :func:`_moved_again`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from blocks.trace.rules.complex import real_macs, sums
from blocks.trace.rules.registry import Out, product, rule, show_shape
from blocks.trace.symbolic import plain

#: (gates, FLOPs a hidden unit and step without biases, those of complex numbers)
_CELLS = {"lstm": (4, 27, 110), "gru": (3, 19, 72), "rnn_tanh": (1, 6, 22), "rnn_relu": (1, 2, 4)}


def _layers(name: str) -> Callable[..., Out]:
    gates, *units = _CELLS[name]

    def layers(x: Any, *given: Any) -> Out:
        packed = isinstance(given[2], (tuple, list))  # (data, batch sizes, state, weights, ...): one row for each step of each sequence
        state, weights, has_biases, num_layers, _, _, bidirectional, *order = given[1:] if packed else given
        if plain(x.shape[-1]) != plain(weights[0].shape[1]):
            raise ValueError(f"the recurrent layer expects {plain(weights[0].shape[1])} features and the input {show_shape(x.shape)} has {plain(x.shape[-1])}")
        rows = product(x.shape[:-1])
        hidden = weights[0].shape[0] // gates
        states = state if isinstance(state, (tuple, list)) else (state,)
        seen = states[0].shape[-1]  # of the projection, where there is one
        directions = 2 if bidirectional else 1
        matrices, real = [w for w in weights if len(w.shape) == 2], real_macs(x, weights[0])
        macs = rows * sum(product(w.shape) for w in matrices) * real
        flops = rows * hidden * num_layers * directions * (units[x.dtype.is_complex] + (2 * gates * sums(x) if has_biases else 0))
        batch, steps = states[0].shape[1], given[0].shape[0] if packed else x.shape[1 if order[0] else 0]
        again, between = _moved_again(x, weights, has_biases, num_layers, directions, steps, batch, [s.shape[-1] for s in states])
        each = len(weights) // (num_layers * directions)
        of_x = rows * sum(product(w.shape) for w in weights[::each][:directions]) * real  # in the first layer
        of_state = batch * sum(product(w.shape) for w in weights[1::each]) * real  # in the first step
        return Out(
            [(*x.shape[:-1], seen * directions), *(s.shape for s in states)],
            macs=macs,
            flops=flops,
            rereads=again,
            rewrites=between,
            products=((x, of_x), (states[0], of_state), (None, macs - of_x - of_state), *((w, rows * product(w.shape) * real) for w in matrices)),
            places={} if packed else {"steps": 1 if order[0] else 0, "both": bidirectional},
        )

    return layers


def _moved_again(x: Any, weights: Any, has_biases: bool, num_layers: int, directions: int, steps: int, batch: int, widths: list[int]) -> tuple[int, int]:
    """Elements that a layer reads and writes beside its inputs, weights and outputs once.

    The input's matrix meets the whole sequence at once; what meets the state (recurrent matrix, its bias, projection) is read again at every step, as is
    the state, of these ``widths``. Each direction reads the whole sequence, and a layer writes it for the next one. The gates are a kernel's workspace, and left out.
    """
    rows, runs = product(x.shape[:-1]), num_layers * directions
    each = len(weights) // runs
    at_each_step = sum(product(w.shape) for i, w in enumerate(weights) if i % each not in ((0, 2) if has_biases else (0,)))
    later = (rows - batch) * runs
    between = rows * widths[0] * directions * (num_layers - 1)
    again = (steps - 1) * at_each_step + later * sum(widths) + rows * x.shape[-1] * (directions - 1) + between * directions
    return again, between + later * sum(widths[1:])


def _cell(name: str) -> Callable[..., Out]:
    gates, *units = _CELLS[name]

    def cell(x: Any, state: Any, w_ih: Any, w_hh: Any, b_ih: Any = None, b_hh: Any = None) -> Out:
        states = state if isinstance(state, (tuple, list)) else (state,)
        batch = product(x.shape[:-1])
        flops = batch * w_hh.shape[1] * (units[x.dtype.is_complex] + (2 * gates * sums(x) if b_ih is not None else 0))
        of_x, of_state = (batch * product(w.shape) * real_macs(x, w_ih) for w in (w_ih, w_hh))
        products = ((x, of_x), (w_ih, of_x), (states[0], of_state), (w_hh, of_state))
        return Out([s.shape for s in states] if len(states) > 1 else states[0].shape, macs=of_x + of_state, flops=flops, products=products)

    return cell


for _name in _CELLS:
    rule(_name, kind="linear")(_layers(_name))
    rule(f"{_name}_cell", kind="linear")(_cell(_name))
