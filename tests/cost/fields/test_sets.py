"""Sets of positions: unions that stay small, and which elements of two shapes are the same."""

from __future__ import annotations

import numpy as np

from blocks.cost.fields import mixes
from blocks.cost.fields.moves import blocks_of
from blocks.cost.fields.sets import EVERYTHING, Line, everything, joined
from blocks.cost.fields.step import MAPS
from blocks.cost.fields.walk import fields_of_picture, hull_axes, picture_input
from blocks.cost.fields.windows import line_of_slice
from blocks.trace.graph import Graph, Node
from blocks.trace.rules.unpriced import unpriced_places
from tests.tracing import traced


def test_rows_and_columns_together_stay_apart() -> None:
    ((vertical, _),) = [fields_of_picture(Node(0, "input", "input", -1, (), ((1, 3, 5, 4),), "float32", 4), hull_axes((5, 4)))]
    turned = vertical.mapped(lambda t: t.transpose(0, 1, 2, 4, 3), 3, vertical.line)
    both = joined([vertical, turned], 4)
    assert both is not None
    assert [t.shape for t in both.terms] == [(2, 1, 1, 5, 1), (2, 1, 1, 1, 5)]
    assert both.dim is None
    together = joined([both, everything(vertical.axis, 4)], 4)
    assert together is not None
    assert together.is_everything
    assert together.line is EVERYTHING
    assert np.array_equal(vertical.over([2], (1, 3, 5, 4)).single().ravel(), [0, 4])


def test_a_line_follows_slices() -> None:
    assert line_of_slice(Line(5, 2, -1), 3, 4) == Line(5, 8, 5)
    assert line_of_slice(None, 3, 4) is None


def test_runs_of_dimensions_that_hold_the_same_elements() -> None:
    assert blocks_of((2, 3, 4, 5), (6, 4, 5)) == [([0, 1], [0]), ([2], [1]), ([3], [2])]
    assert blocks_of((2, 12), (2, 1, 3, 4)) == [([0], [0]), ([1], [1, 2, 3])]


def test_every_map_that_mixes_is_in_the_table() -> None:
    assert {name for name, function in MAPS.items() if function.__module__ == mixes.__name__} >= {"linear", "matmul", "add", "softmax", "einsum"}


def test_what_runs_over_an_input_says_what_it_is() -> None:
    pair = traced(lambda x: x[:, 0], (1, 2, 1, 9, 8)).graph
    assert picture_input(pair)[1] == (9, 8)
    assert picture_input(traced(lambda x: x.exp(), (1, 7, 9)).graph) is None
    assert picture_input(Graph([], [], 0)) is None


def test_functions_without_a_rule_say_what_they_read() -> None:
    x = np.zeros((2, 3, 4))
    assert unpriced_places("fft_rfft2", (x,), {}) == {"over": (1, 2)}
    assert unpriced_places("einsum", ("b i j -> b j", x), {}) == {"equation": "bij->bj"}
    assert unpriced_places("sort", (x,), {}) is None
