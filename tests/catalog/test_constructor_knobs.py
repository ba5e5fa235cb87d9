"""The arguments of an arbitrary constructor as knobs."""

from __future__ import annotations

import math
from typing import Annotated, Any

import pytest

from blocks.catalog.constructor_knobs import signature_of
from blocks.knobs import Spec

SAID = Spec("g", "Growth", "What the file says.", "Width", 1, 64, 1)


class Made:
    def __init__(
        self, required, width=32, rate=0.1, flag=True, depths=[2, 3], name="x", other=None, batch=4, _hidden=3, far=math.inf, nothing=(),  # noqa: B006
        *, growth: Annotated[int, SAID] = 12, **rest,
    ) -> None: ...  # fmt: skip


def test_what_can_be_turned() -> None:
    signature, annotations = signature_of(Made)
    assert list(signature.parameters) == ["self", "width", "rate", "flag", "depths", "growth"]
    assert signature.parameters["depths"].default == (2, 3)
    assert list(annotations) == ["width", "rate", "flag", "depths", "growth"]


def test_a_files_own_word_is_accepted() -> None:
    assert signature_of(Made)[1]["growth"].__metadata__ == (SAID,)


@pytest.mark.parametrize(
    ("value", "kind", "low", "high"),
    [(32, int, 0, 128), (2, int, 0, 16), (-5, int, -20, 20), (0.25, float, 0.0, 1.0), (0.0, float, 0.0, 1.0), ([2, 9], tuple[int, ...], 0, 36)],
)
def test_ends_leave_room_around_the_default(value: Any, kind: type, low: float, high: float) -> None:
    def make(size=value) -> None: ...

    annotation = signature_of(make)[1]["size"]
    (spec,) = annotation.__metadata__
    assert annotation.__origin__ == kind
    assert (spec.low, spec.high, spec.label) == (low, high, "Size")


def test_what_says_nothing_of_its_arguments() -> None:
    signature, annotations = signature_of(print.__class__)
    assert annotations == {}
    assert list(signature.parameters) == ["self"]


def test_annotations_that_cannot_be_read() -> None:
    def make(width: "NoSuchName" = 8) -> None: ...  # type: ignore[name-defined]  # noqa: F821, UP037

    assert list(signature_of(make)[1]) == ["width"]
