"""What a page says of a choice that cannot be analysed."""

from __future__ import annotations

import pytest

from blocks.knobs import KnobError
from blocks.trace.errors import TraceError
from viz.kit.choice import Choice, analysed
from viz.kit.refusal import refusal_sentence, smallest_side


def test_a_knob_error_speaks_for_itself() -> None:
    error = KnobError("groups", 3, "must divide the channels", [2, 4])
    assert refusal_sentence(error, Choice("resnet18")) == str(error)


def test_the_smallest_resolution_runs_and_the_next_smaller_does_not() -> None:
    small = Choice("alexnet", side=9)
    with pytest.raises(TraceError) as refused:
        analysed(small)
    least = smallest_side(small)
    assert least is not None
    assert least > 9
    assert analysed(Choice("alexnet", side=least)).macs > 0
    with pytest.raises(TraceError):
        analysed(Choice("alexnet", side=least - 1))
    sentence = refusal_sentence(refused.value, small)
    assert sentence.endswith(f". The smallest resolution that works is {least}.")


def test_no_hint_where_the_input_has_no_free_side(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("viz.kit.refusal.free_places", lambda _: ())
    monkeypatch.setattr("viz.kit.refusal.analysed", _refuse)
    assert smallest_side(Choice("alexnet")) is None
    assert refusal_sentence(TraceError("It broke"), Choice("alexnet")) == "It broke."


def _refuse(_: Choice) -> None:
    raise TraceError("It broke")
