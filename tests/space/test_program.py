"""Symbolic terms as array operations, against plain arithmetic."""

from __future__ import annotations

import numpy as np

from blocks.space.program import ArrayProgram
from blocks.trace.terms import Term


def sym(name: str) -> Term:
    return Term("sym", name)


def test_a_term_is_computed_for_every_row_and_shared_parts_once() -> None:
    program = ArrayProgram()
    total = Term("add", sym("a"), sym("b"))
    places = [program.add(Term("mul", total, total)), program.add(Term("floordiv", total, 3)), program.add(total)]
    assert len(program.steps) == 6  # a, b, 3, the sum, its square, the quotient
    a, b = np.array([2, 5, 11]), np.array([7, 4, 9])
    made, fine = program.run({"a": a, "b": b}, 3)
    assert fine.all()
    for place, expected in zip(places, ((a + b) ** 2, (a + b) // 3, a + b), strict=True):
        assert np.array_equal(made[place], expected)


def test_a_division_by_zero_spoils_its_row_only() -> None:
    program = ArrayProgram()
    place = program.add(Term("mod", sym("a"), sym("b")))
    made, fine = program.run({"a": np.array([7, 8]), "b": np.array([0, 3])}, 2)
    assert fine.tolist() == [False, True]
    assert made[place][1] == 2
