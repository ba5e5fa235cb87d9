"""Which numbers carry a symbol: knobs, sizes of the input, and what belongs to both."""

from __future__ import annotations

import pytest

from blocks import catalog
from blocks.formulas.symbols import Symbols, size_places
from blocks.knobs import KnobError
from blocks.trace.symbolic import is_symbolic, plain, term_of


def symbols_of(name: str, **settings: int) -> Symbols:
    return Symbols.of(catalog.entry(name), catalog.settings(name, **settings), catalog.input_shape(name, **settings))


@pytest.mark.parametrize(
    ("rank", "places"),
    [
        (5, {"batch": 0, "frames": 1, "height": 3, "width": 4}),
        (4, {"batch": 0, "height": 2, "width": 3}),
        (3, {"batch": 0, "tokens": 1}),
        (2, {"batch": 0}),
        (1, {}),
    ],
)
def test_named_sizes_by_the_number_of_dimensions(rank: int, places: dict[str, int]) -> None:
    assert size_places(rank) == places


def test_numbers_carry_symbols_and_choices_do_not() -> None:
    symbols = symbols_of("basic_block", c_in=6, c_out=10)
    assert is_symbolic(symbols.knobs["c_in"])
    assert isinstance(symbols.knobs["norm"], str)
    assert symbols.knobs["se_bias"] is True
    assert {plain(v) for v in (symbols.knobs["c_in"], symbols.knobs["c_out"])} == {6, 10}


def test_the_knob_that_gives_a_size_of_the_input_is_that_size() -> None:
    symbols = symbols_of("basic_block", c_in=6)
    batch, channels, height, width = symbols.input_shape
    assert term_of(channels) == term_of(symbols.knobs["c_in"])
    assert [str(term_of(s).args[0]) for s in (batch, height, width)] == ["B", "H", "W"]
    assert symbols.sizes == {"B", "H", "W"}


def test_lists_have_one_symbol_per_entry() -> None:
    symbols = symbols_of("resnet18")
    depths = symbols.knobs["depths"]
    assert tuple(map(plain, depths)) == (2, 2, 2, 2)
    names = [term_of(d).args[0] for d in depths]
    assert len(set(names)) == 4
    assert [symbols.arguments[n] for n in names] == [("depths", i) for i in range(4)]
    changed = symbols.substituted({"depths": (3, 5, 7, 9)})
    assert [changed[n] for n in names] == [3, 5, 7, 9]


def test_sizes_only_leaves_the_knobs_numbers() -> None:
    entry = catalog.entry("resnet18")
    symbols = Symbols.of(entry, catalog.settings("resnet18"), (2, 3, 64, 96), sizes_only=True)
    assert not any(is_symbolic(v) for v in symbols.knobs.values())
    assert symbols.values == {"B": 2, "H": 64, "W": 96}


def test_names_of_symbols_are_distinct_and_odd_knobs_known() -> None:
    symbols = symbols_of("basic_block")
    assert len(symbols.values) == len(symbols.arguments)
    assert {symbols.arguments[s][0] for s in symbols.odd} == {"kernel_size", "shortcut_kernel"}
    low, high = symbols.ranges[term_of(symbols.knobs["stride"]).args[0]]
    assert low == 1
    assert high is not None


def test_an_argument_that_there_is_not() -> None:
    with pytest.raises(KnobError, match="the formula has no such argument; it has alpha_in, "):
        symbols_of("basic_block").substituted({"depth": 3})
