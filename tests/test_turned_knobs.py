"""Every model with knobs turned at random: counted as torch counts it, or refused by a sentence about one of its own knobs that helps."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import torch
from counting import macs, params
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks import analyse, catalog
from blocks.knobs import Knob, KnobError
from blocks.trace.errors import TraceError


def one_preset_a_class() -> Iterator[str]:
    seen = set()
    for name in sorted(catalog.names(kind="model"), key=lambda name: analyse(name).params):
        cls = catalog.entry(name).cls
        if cls not in seen:
            seen.add(cls)
            yield name


def values_of(knob: Knob) -> st.SearchStrategy[Any]:
    """Values in and around what the knob's network is published with; lists shorter, longer, and with another entry."""
    if knob.kind == "bool":
        return st.booleans()
    if knob.kind == "choice":
        return st.sampled_from(knob.values or ())
    if knob.kind == "ints":
        given_ints = list(knob.default)
        low, high = int(knob.low or 1), int(knob.high or 512)
        changed = st.tuples(st.integers(0, len(given_ints) - 1), st.sampled_from([-1, 1, 3])).map(
            lambda at: tuple(min(max(v + at[1], low), high) if i == at[0] else v for i, v in enumerate(given_ints))
        )
        return st.one_of(
            changed, st.sampled_from([tuple(given_ints[:-1] or given_ints), (*given_ints, given_ints[-1]), tuple(max(v // 2, low) for v in given_ints)])
        )
    step = knob.step or 1
    cast = float if knob.kind == "float" else int
    near = {knob.low, knob.default - step, knob.default, knob.default + step, knob.default * 2, 1, 2, 3, 5}
    fit = {cast(v) for v in near if v is not None and (knob.low or v) <= v <= min(knob.high or v, 1024)}
    return st.sampled_from(sorted(fit) or [knob.default])


@pytest.mark.parametrize("name", list(one_preset_a_class()))
@settings(max_examples=3)
@given(data=st.data())
def test_a_turned_model_is_counted_right_or_refused_helpfully(name: str, data: st.DataObject) -> None:
    turned = data.draw(st.lists(st.sampled_from(catalog.knobs(name)), min_size=1, max_size=3, unique_by=lambda k: k.name))
    knobs = {k.name: data.draw(values_of(k), label=k.name) for k in turned}
    refused = refusal(name, knobs)
    if refused is not None:
        assert refused.argument in {k.name for k in catalog.knobs(name)}
        assert [refusal(name, knobs | {refused.argument: nearest}) for nearest in refused.nearest] == [None] * len(refused.nearest)
        return
    try:
        found = analyse(name, **knobs)
    except TraceError as error:
        pytest.fail(f"{name} builds with {knobs} and then fails on its own input: {error}")
    with torch.device("meta"):
        net = catalog.build(name, **knobs)
    assert found.not_counted == []
    assert found.params == params(net)
    assert found.macs == macs(net, *catalog.input_shape(name, **knobs))


def refusal(name: str, knobs: dict[str, Any]) -> KnobError | None:
    try:
        with torch.device("meta"):
            catalog.build(name, **knobs)
    except KnobError as error:
        return error
    return None
