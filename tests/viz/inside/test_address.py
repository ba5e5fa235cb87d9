"""The Inside page's address: what is written is read again, and what cannot be used is said."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from blocks.look.maps import ORDERS
from blocks.look.samples import sample_names
from blocks.look.seen_network import WHOLE
from blocks.look.swaps import EVERY, SWAPS
from blocks.look.what_if import NUMBER_TYPES, WhatIf
from viz.inside.address import BAR_ORDERS, PICTURE_OVERLAYS, InsideState, read_inside, state_of, with_network, write_inside
from viz.inside.weights import known_weights
from viz.kit.choice import Choice

NAMES = ("efficientnet_lite0", "resnet18", "mobilenet_v2", "basic_block")
numbers = st.integers(0, 5000)


@st.composite
def states(draw: st.DrawFn) -> InsideState:
    name = draw(st.sampled_from(NAMES))
    return InsideState(
        Choice(name, draw(st.sampled_from([{}, {"kernel_size": 5}])) if name == "mobilenet_v2" else {}),
        draw(st.sampled_from(["", *known_weights(name)])),
        draw(st.sampled_from([*sample_names(), "own"])),
        draw(st.integers(-1, 5000)),
        draw(numbers),
        draw(st.none() | st.tuples(numbers, numbers)),
        draw(st.sampled_from(ORDERS)),
        draw(st.sampled_from(list(PICTURE_OVERLAYS))),
        tuple(sorted(draw(st.sets(st.tuples(numbers, numbers | st.just(WHOLE)), max_size=5)))),
        draw(whats()),
        draw(st.none() | st.tuples(numbers, numbers)),
        draw(st.sampled_from(["", *sample_names(), "own"])),
        draw(st.sampled_from(BAR_ORDERS)),
    )


def whats() -> st.SearchStrategy[WhatIf]:
    kinds, percent = st.sampled_from(NUMBER_TYPES), st.integers(0, 99)
    swapped = st.dictionaries(numbers | st.just(EVERY), st.sampled_from(list(SWAPS)), max_size=4).map(lambda found: tuple(sorted(found.items())))
    return st.builds(WhatIf, kinds, st.booleans(), kinds, percent, st.integers(0, 20), percent, st.integers(0, 300), swapped)


@given(states())
def test_what_is_written_is_read_again(state: InsideState) -> None:
    assert read_inside(write_inside(state)) == (state, [])


def test_the_page_opens_trained_where_weights_come_with_a_package() -> None:
    assert read_inside({}) == (state_of(Choice("efficientnet_lite0")), [])
    assert state_of(Choice("efficientnet_lite0")).weights == "lite0"
    assert state_of(Choice("resnet18")).weights == ""


@pytest.mark.parametrize(
    ("params", "sentence"),
    [
        ({"net": "resnet18", "weights": "lite0"}, "weights"),
        ({"picture": "dog"}, "must be one of"),
        ({"at": "-1"}, "must be a whole number"),
        ({"px": "4"}, "4.7"),
        ({"px": "4.x"}, "must be a whole number"),
        ({"vs": "dog"}, "must be one of"),
        ({"bars": "colour"}, "must be one of"),
        ({"q": "token"}, "4.7"),
        ({"off": "1.2_x"}, "4.7"),
        ({"by": "size"}, "must be one of"),
        ({"why": "because"}, "must be one of"),
        ({"if": "pruned:100"}, "between 0 and 99"),
        ({"if": "weights:int2"}, "must be one of bfloat16, int8, int4"),
        ({"if": "colour:1"}, "must be one of weights, activations"),
        ({"if": "act:cube"}, "must be one of relu, relu6"),
        ({"if": "actx:relu"}, "must be a whole number"),
        ({"if": ""}, "must be one of weights, activations"),
    ],
)
def test_what_cannot_be_used_is_said(params: dict[str, str], sentence: str) -> None:
    state, [said] = read_inside(params)
    assert sentence in said
    assert state == state_of(state.choice)


def test_another_network_keeps_the_picture_and_leaves_what_was_open() -> None:
    state = InsideState(Choice("resnet18"), "", "coffee", 7, 3, (1, 2), "zeros", "gradient", ((7, 3),))
    turned = with_network(state, Choice("resnet18", {"width_per_group": 32}))
    assert (turned.picture, turned.order, turned.overlay) == ("coffee", "zeros", "gradient")
    assert (turned.node, turned.channel, turned.pixel, turned.off) == (-1, 0, None, ())
    assert with_network(state, Choice("resnet18")) is state
    swapped = with_network(replace(state, what=WhatIf(swapped=((EVERY, "silu"), (7, "gelu")))), Choice("resnet34"))
    assert swapped.what.swapped == ((EVERY, "silu"),)  # operation 7 is another one there
    assert with_network(state, Choice("efficientnet_lite0")).weights == "lite0"
