"""How a number's arithmetic is written."""

from __future__ import annotations

from typing import Any

import pytest

from viz.inside.arithmetic import equation, patch_html
from viz.inside.wording import written


def term(value: float, factor: float, position: list[int] | None = None) -> dict[str, Any]:
    return {"operand": 0, "position": position or [0, 0], "value": value, "factor": factor, "product": value * factor}


def step(way: str, terms: list[dict[str, Any]], value: float, **more: Any) -> dict[str, Any]:
    return {"operation": "relu6", "way": way, "terms": terms, "count": len(terms), "value": value, "offset": 0.0, "rest": 0.0, "position": [0, 1], **more}


@pytest.mark.parametrize(
    ("of", "text"),
    [
        (step("function", [term(-1.5, 1.0)], 0.0), r"$\operatorname{relu6}(−1.5) = 0$"),
        (step("sum", [term(-2.0, 0.5)], -0.75, offset=0.25), r"$(−2) \cdot 0.5 + 0.25 = −0.75$"),
        (step("sum", [term(2.0, 0.5)], 1.0), r"$2 \cdot 0.5 = 1$"),
        (step("sum", [term(2.0, 3.0), term(1.0, 1.0)], 6.0, offset=-1.0), r"$\sum_{i=1}^{2} x_i w_i + b = 7 − 1 = 6$"),
        (step("sum", [term(2.0, 3.0), term(1.0, 1.0)], 107.0, rest=100.0, count=90), r"$\sum_{i=1}^{90} x_i w_i = 107$"),
        (step("product", [term(2.0, -3.0), term(-3.0, 2.0)], -6.0), r"$2 \cdot (−3) = −6$"),
        (step("softmax", [term(1.0, 0.3, [0, 0]), term(2.0, 0.7, [0, 1])], 0.7), r"$\dfrac{e^{2}}{\sum_{j=1}^{2} e^{x_j}} = 0.7$"),
        (step("other", [term(1.0, 1.0)] * 3, 4.0), "$4$ follows from 3 inputs in a way that is no sum of products."),
    ],
)
def test_each_way_has_its_equation(of: dict[str, Any], text: str) -> None:
    assert equation(of) == text


def test_a_patch_is_three_grids_and_the_largest_product_is_marked() -> None:
    patch = {"channel": 2, "rows": [0, 1], "columns": [0, 1], "values": [[1.0, None], [2.0, -3.0]], "factors": [[1.0, None], [0.5, 2.0]], "sum": -4.0}
    html = patch_html(patch)
    assert html.count("<table>") == 3
    assert "<td class=most>−6</td>" in html
    assert html.count("<td></td>") == 3
    assert "Channel 2, the one that adds most: −4 of the sum" in html


def test_numbers_have_as_many_digits_as_asked_however_small() -> None:
    assert (written(1.23456789e-9), written(-0.5), written(12345678.0, 3)) == ("1.2346e−09", "−0.5", "1.23e+07")
