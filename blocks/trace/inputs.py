"""What ``forward`` is called with: tensors in the place of shapes, wherever these stand."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from numbers import Integral, Real
from typing import Any

import torch
from torch import Tensor, nn

from blocks.trace.errors import WrongSize

#: Makes an input of a shape or a tensor, for the argument of this name.
Make = Callable[[Any, str], Any]
_IDS = {"input_ids", "token_ids", "token_type_ids", "position_ids", "decoder_input_ids", "ids", "tokens"}


def holds_ids(name: str) -> bool:
    """Whether an argument of this name takes whole numbers, so that a shape stands for such."""
    return name in _IDS


def is_known(value: Tensor, name: str) -> bool:
    """Whether a tensor that is handed in counts for its values: ids, truths, lengths and masks; any other stands for data of its shape."""
    return not (value.is_floating_point() or value.is_complex()) or "mask" in name or (value.numel() <= 1 << 16 and bool(value.isinf().any()))


def call_arguments(network: nn.Module, given: Any, make: Make) -> tuple[list[Any], dict[str, Any]]:
    """Positional and named arguments for ``network``.

    ``given`` is a shape, a tensor, a list of such or a mapping by argument name, nested as ``forward`` takes them: dicts, lists, tuples and
    dataclasses of shapes and tensors. Everything else is handed over as it is. Raises :class:`WrongSize` for sizes that are no sizes.
    """
    if isinstance(given, Mapping):
        return [], {name: _converted(value, name, make) for name, value in given.items()}
    if _is_shape(given) or isinstance(given, Tensor) or dataclasses.is_dataclass(given):
        values = [given]
    elif isinstance(given, (tuple, list)):
        if given and all(isinstance(v, Real) for v in given):
            check_sizes(given)
        values = list(given)
    else:
        values = [given]
    names = _names(network)
    return [_converted(v, names[i] if i < len(names) else "", make) for i, v in enumerate(values)], {}


def _names(network: nn.Module) -> list[str]:
    try:
        return list(inspect.signature(network.forward).parameters)
    except (TypeError, ValueError):  # a method that is no Python function has no signature
        return []


def _is_shape(value: Any) -> bool:
    return isinstance(value, (tuple, list, torch.Size)) and (len(value) > 0 or not isinstance(value, list)) and all(map(_is_whole, value))


def _converted(value: Any, name: str, make: Make) -> Any:
    if isinstance(value, Tensor):
        return make(value, name)
    if _is_shape(value):
        check_sizes(value)
        return make(tuple([s if isinstance(s, int) else int(s) for s in value]), name)  # symbolic sizes stay, NumPy's do not
    if isinstance(value, Mapping):
        made = {k: _converted(v, str(k), make) for k, v in value.items()}
        return made if type(value) is dict else type(value)(made)  # type: ignore[call-arg]
    if isinstance(value, (list, tuple)):
        parts = [_converted(v, name, make) for v in value]
        return type(value)(*parts) if hasattr(value, "_fields") else type(value)(parts)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return dataclasses.replace(value, **{f.name: _converted(getattr(value, f.name), f.name, make) for f in dataclasses.fields(value) if f.init})
    return value


def check_sizes(shape: Any) -> None:
    """Raise :class:`WrongSize` for a shape in which something is no whole number of at least 1."""
    for where, size in enumerate(shape):
        if not _is_whole(size) or size < 1:
            raise WrongSize(tuple(shape), where, tuple(map(_nearest_size, shape)))


def _is_whole(size: Any) -> bool:
    return isinstance(size, Integral) and not isinstance(size, bool)


def _nearest_size(size: Any) -> int:
    try:
        return max(1, int(size))
    except (TypeError, ValueError, OverflowError):
        return 1
