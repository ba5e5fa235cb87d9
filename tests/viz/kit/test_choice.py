"""A choice reads back from its address, for every name and whatever its knobs are set to."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from blocks import catalog
from blocks.analysis import DTYPES
from blocks.catalog import free_places
from blocks.knobs import Knob, KnobError
from viz.kit.choice import MAX_BATCH, MAX_SIDE, Choice, read_choice, write_choice

NAMES = catalog.names()


def values(knob: Knob) -> st.SearchStrategy[Any]:
    """Values that a knob's own check accepts."""
    if knob.kind == "bool":
        return st.booleans()
    if knob.kind == "choice":
        return st.sampled_from(list(knob.values or ()))
    low, high = knob.low, knob.high
    whole = st.integers(int(low) if low is not None else 0, int(high) if high is not None else 4096)
    if knob.kind == "ints":
        return st.lists(whole, min_size=len(knob.default), max_size=len(knob.default)).map(tuple)
    return whole if knob.kind == "int" else st.floats(low if low is not None else 0.0, high if high is not None else 100.0, allow_nan=False)


def accepted(knob: Knob, value: Any) -> bool:
    try:
        knob.check(value)
    except KnobError:
        return False
    return True


@st.composite
def choices(draw: st.DrawFn, name: str | None = None) -> Choice:
    """Choices of ``name``, or of any."""
    name = name or draw(st.sampled_from(NAMES))
    turned = draw(st.lists(st.sampled_from(catalog.knobs(name)), unique_by=lambda k: k.name, max_size=4)) if catalog.knobs(name) else []
    knobs = {k.name: v for k in turned if accepted(k, v := draw(values(k))) and v != k.default}
    side = draw(st.none() | st.integers(1, MAX_SIDE)) if free_places(name) else None
    return Choice(name, knobs, side, draw(st.integers(1, MAX_BATCH)), draw(st.sampled_from(list(DTYPES))), draw(st.booleans()))


def through_the_browser(params: dict[str, str]) -> dict[str, str]:
    return dict(parse_qsl(urlencode(params), keep_blank_values=True))


@pytest.mark.parametrize("name", NAMES)
def test_every_name_reads_back(name: str) -> None:
    @settings(max_examples=5, deadline=None, database=None)
    @given(choices(name))
    def reads_back(choice: Choice) -> None:
        assert read_choice(through_the_browser(write_choice(choice))) == (choice, [])

    reads_back()


@settings(max_examples=200, deadline=None)
@given(st.dictionaries(st.sampled_from(["net", "batch", "side", "dtype", "mode", "groups", "se_ratio", "x"]), st.text(max_size=12)))
def test_reading_never_fails(params: dict[str, str]) -> None:
    choice, problems = read_choice(params)
    assert choice.name in NAMES
    assert all(isinstance(p, str) for p in problems)
