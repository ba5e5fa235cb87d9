"""Fields are worked out once: another width takes no new ones, and what is kept is as if it were new."""

from __future__ import annotations

import numpy as np
import pytest

from blocks import analyse
from blocks.cost import receptive_field
from blocks.cost.fields import kept
from blocks.cost.receptive_field import FieldPair


def numbers(pair: FieldPair) -> list[object]:
    return [(f, f.dim, *(None if a is None else a.tolist() for a in (f.first, f.last))) for f in pair]


def test_another_width_works_no_field_out(monkeypatch: pytest.MonkeyPatch) -> None:
    worked_out = []
    described = receptive_field._described
    monkeypatch.setattr(receptive_field, "_described", lambda seen: worked_out.append(seen) or described(seen))
    kept.forget_fields()
    first = analyse("resnet50", width_per_group=70).receptive_fields
    assert 30 < len(worked_out) < len(first)
    worked_out.clear()
    second = analyse("resnet50", width_per_group=99).receptive_fields
    assert not worked_out
    assert all(a is b for i in first for a, b in zip(first[i], second[i], strict=True))
    _ = analyse("resnet50", kernel_size=5).receptive_fields
    assert worked_out


@pytest.mark.parametrize(
    ("name", "knob", "value"), [("densenet121", "growth_rate", 36), ("shufflenet_v2_x1_0", "kernel_size", 5), ("mobilenet_v2", "width_mult", 0.5)]
)
def test_what_was_kept_is_what_would_be_found_anew(name: str, knob: str, value: object) -> None:
    _ = analyse(name).receptive_fields
    again = analyse(name, **{knob: value}).receptive_fields
    kept.forget_fields()
    anew = analyse(name, **{knob: value}).receptive_fields
    assert again.keys() == anew.keys()
    assert all(numbers(again[i]) == numbers(anew[i]) for i in anew)


def test_what_is_kept_is_bounded_in_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    kept.forget_fields()
    monkeypatch.setattr(kept._kept, "most", 10_000)
    made = [kept.once(("test", i), None, lambda: np.zeros(400, np.int32), lambda array: [array]) for i in range(20)]
    assert len(made) == 20
    assert kept._kept.weight <= 10_000
    assert len(kept._kept) == 4
    kept.forget_fields()
