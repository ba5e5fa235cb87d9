"""The annotated types: each has a meaning, a range that is not empty, and a group that pages know."""

from __future__ import annotations

import typing

import pytest

from blocks.knobs import types
from blocks.knobs.knob import Spec

TYPES = {name: value for name, value in vars(types).items() if hasattr(value, "__metadata__")}
GROUPS = {types.WIDTH, types.KERNEL, types.GROUPING, types.ATTENTION, types.DEPTH, types.EXTRA, types.TASK}


@pytest.mark.parametrize("name", sorted(TYPES))
def test_a_type_is_complete(name: str) -> None:
    spec = next(m for m in TYPES[name].__metadata__ if isinstance(m, Spec))
    base = typing.get_args(TYPES[name])[0]
    assert spec.group in GROUPS
    if base in (int, float):
        assert spec.low is not None
        assert spec.high is not None
        assert spec.low < spec.high
        assert spec.step
    elif base is str:
        assert spec.values
    assert spec.label or name == "Flag"
