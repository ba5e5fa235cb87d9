"""What the page says of an operation's weights."""

from __future__ import annotations

from streamlit.testing.v1 import AppTest


def _app() -> None:
    from viz.inside.address import InsideState
    from viz.inside.weights_view import weights_view
    from viz.kit.choice import Choice

    many = {"name": "a.weight", "shape": [300, 8, 3, 3], "mosaic": "", "edges": [-1.0, 0.0, 1.0], "counts": [3, 5], "singular": [3.0, 1.0, 0.5, 0.1]}
    weights_view(many, InsideState(Choice("resnet18")))


def _too_large() -> None:
    from viz.inside.address import InsideState
    from viz.inside.weights_view import weights_view
    from viz.kit.choice import Choice

    large = {"name": "b.weight", "shape": [4096, 25088], "mosaic": "", "edges": [-1.0, 0.0, 1.0], "counts": [3, 5], "singular": []}
    weights_view(large, InsideState(Choice("vgg16")))


def test_the_largest_singular_values_are_counted_by_their_squares() -> None:
    at = AppTest.from_function(_app, default_timeout=60).run()
    assert not at.exception
    said = [c.value for c in at.caption]
    assert "2 of 4 singular values make 90 % of the squared norm; the largest is 3." in said  # 9 + 1 of 10.26
    assert at.markdown[0].value == "`a.weight` · 300 × 8 × 3 × 3"


def test_a_matrix_that_is_too_large_says_so() -> None:
    at = AppTest.from_function(_too_large, default_timeout=60).run()
    assert not at.exception
    assert "The matrix has more than 2048 rows and columns: its singular values are not computed." in [c.value for c in at.caption]
