"""Packed sequences on fake tensors: torch's own code reads their lengths in C++, so these functions are run with the known lengths here."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor
from torch.utils._pytree import tree_map

from blocks.trace.below import Engine
from blocks.trace.errors import TraceError
from blocks.trace.known import really

Function = Callable[..., Any]


def _lengths(tracer: Engine, given: Tensor, name: str) -> Tensor:
    found = tracer.values.of(given if isinstance(given, torch._subclasses.FakeTensor) else tracer.fake_of(given))
    if found is None:
        raise tracer.depends(name)
    return found


def _pack(tracer: Engine, _: Function, args: tuple[Any, ...], __: dict[str, Any]) -> Any:
    """(data, batch sizes) of torch._pack_padded_sequence(input, lengths, batch_first)."""
    x, given, batch_first = args
    lengths = _lengths(tracer, given, "pack_padded_sequence")
    with really():
        rows, sizes = torch._VF._pack_padded_sequence(torch.zeros(*x.shape[:2], 1), lengths, batch_first)
    return x.new_empty((rows.shape[0], *x.shape[2:])), tracer.values.made(sizes)


def _pad(tracer: Engine, _: Function, args: tuple[Any, ...], __: dict[str, Any]) -> Any:
    """(padded, lengths) of torch._pad_packed_sequence(data, batch_sizes, batch_first, value, total_length)."""
    data, given, *rest = args
    sizes = _lengths(tracer, given, "pad_packed_sequence")
    with really():
        padded, lengths = torch._VF._pad_packed_sequence(torch.zeros(data.shape[0], 1), sizes, *rest)
    return data.new_empty((*padded.shape[:2], *data.shape[1:])), tracer.values.made(lengths)


def _recurrent(tracer: Engine, func: Function, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """torch.lstm and its kin of (data, batch_sizes, state, weights, ...): one state for each sequence, one output for each packed step."""
    if not (len(args) > 3 and isinstance(args[1], Tensor) and isinstance(args[3], (tuple, list))):
        # A weight on the meta device stands for one on the CPU, which the layer's C++ code asks before it calls an operation.
        return func(*tree_map(lambda v: tracer.fake_of(v) if isinstance(v, Tensor) and v.is_meta else v, args), **kwargs)
    data, sizes, state, weights, *_ = args
    _lengths(tracer, sizes, "a packed sequence")
    states = tuple(state) if isinstance(state, (tuple, list)) else (state,)
    if data.shape[-1] != weights[0].shape[-1]:
        raise TraceError(f"the recurrent layer expects {weights[0].shape[-1]} features and the packed sequence has {data.shape[-1]}", tracer.path)
    directions = 2 if args[8 if len(args) > 8 else -1] is True else 1
    return data.new_empty((data.shape[0], states[0].shape[-1] * directions)), *(s.clone() for s in states)


#: By the name of the function.
ON_PACKED: dict[str, Callable[[Engine, Function, tuple[Any, ...], dict[str, Any]], Any]] = {
    "_pack_padded_sequence": _pack, "_pad_packed_sequence": _pad, "lstm": _recurrent, "gru": _recurrent, "rnn_tanh": _recurrent, "rnn_relu": _recurrent,
}  # fmt: skip
