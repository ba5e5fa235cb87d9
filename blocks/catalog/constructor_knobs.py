"""The arguments of an arbitrary constructor as knobs: what has a default that is a number, a truth value or a list of whole numbers.

A file that says more of its arguments, by the types of :mod:`blocks.knobs`, is accepted as declared.
"""

from __future__ import annotations

import inspect
import math
import typing
from collections.abc import Callable
from typing import Annotated

from blocks.knobs import EXTRA, Spec

_HELP = "An argument of the constructor, as the file has it."
_GROUP = "Arguments"


def signature_of(make: Callable[..., object]) -> tuple[inspect.Signature, dict[str, object]]:
    """The signature and annotations that :func:`blocks.knobs.knobs_of` reads, with those arguments that can be turned; ``self`` comes first.

    An argument without a default is left out: building the network without it raises the constructor's own complaint.
    """
    this = inspect.Parameter("self", inspect.Parameter.POSITIONAL_ONLY)
    try:
        parameters = inspect.signature(make).parameters.values()
    except (TypeError, ValueError):  # what is no Python function says nothing of its arguments
        return inspect.Signature([this]), {}
    said = _annotations(make)
    named = [p for p in parameters if p.kind in _NAMED and p.name not in _TAKEN and not p.name.startswith("_")]
    turned = {p.name: annotation for p in named if (annotation := _annotation(p, said.get(p.name))) is not None}
    kept = [inspect.Parameter(p.name, inspect.Parameter.KEYWORD_ONLY, default=_default(p.default)) for p in named if p.name in turned]
    return inspect.Signature([this, *kept]), turned


#: What an address says of the input, and what the functions that take knobs call their own.
_TAKEN = frozenset({"net", "batch", "side", "dtype", "mode", "training", "name", "network", "input_shape", "symbolic"})
_NAMED = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


def _annotations(make: Callable[..., object]) -> dict[str, object]:
    try:
        return typing.get_type_hints(make.__init__ if isinstance(make, type) else make, include_extras=True)  # type: ignore[misc]
    except Exception:  # a name that only a type checker imports, say
        return {}


def _default(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _annotation(parameter: inspect.Parameter, said: object) -> object:
    """``Annotated[type, Spec]`` of one argument; None where it is nothing to turn."""
    if any(isinstance(m, Spec) for m in getattr(said, "__metadata__", ())) and parameter.default is not inspect.Parameter.empty:
        return said
    value, label = parameter.default, parameter.name.replace("_", " ").capitalize()
    if isinstance(value, bool):
        return Annotated[bool, Spec("", label, _HELP, EXTRA)]
    if isinstance(value, int):
        return Annotated[int, Spec(parameter.name, label, _HELP, _GROUP, min(0, 4 * value), _above(value), 1)]
    if isinstance(value, float) and math.isfinite(value):
        return Annotated[float, Spec(parameter.name, label, _HELP, _GROUP, min(0.0, 4 * value), 4 * abs(value) or 1.0, 0.05 if abs(value) <= 2 else 1.0)]
    if isinstance(value, (tuple, list)) and value and all(isinstance(v, int) and not isinstance(v, bool) for v in value):
        return Annotated[tuple[int, ...], Spec(parameter.name, label, _HELP, _GROUP, min(0, *value), _above(max(value)), 1)]
    return None


def _above(value: int) -> int:
    """The highest value of a knob whose default is this: room to turn, and no network that takes minutes to count."""
    return max(16, 4 * abs(value))
