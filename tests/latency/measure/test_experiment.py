"""An experiment as a value: checked, written as plain values and back, with a key that ignores the limits."""

from __future__ import annotations

from dataclasses import replace

import pytest

from blocks.knobs import KnobError
from blocks.latency.measure.experiment import CHOICES, Experiment, Limits, names_file

FULL = Experiment(
    "resnet50", (("depths", (3, 4, 6, 3)), ("se_ratio", 16)), (2, 3, 97, 101), "cuda:1", "tf32", "forward_backward", "amortised", "cold", "device",
    "compile", True, 3, 5, Limits(target=0.01, memory_mb=700),
)  # fmt: skip


def test_plain_values_and_back() -> None:
    plain = FULL.to_dict()
    assert Experiment.from_dict(plain) == FULL
    assert Experiment.from_dict(plain | {"of a later version": 1, "limits": plain["limits"] | {"later": 2}}) == FULL


def test_the_key_is_of_the_quantity_and_not_of_the_limits() -> None:
    assert replace(FULL, limits=Limits()).key() == FULL.key()
    keys = {replace(FULL, **{name: value}).key() for name, choices in CHOICES.items() for value in choices}
    assert len(keys) == sum(len(c) - 1 for c in CHOICES.values()) + 1
    assert Experiment("vgg16", (("a", 1), ("b", 2))).key() == Experiment("vgg16", (("b", 2), ("a", 1))).key()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"dtype": "float8"}, "dtype.*float32"),
        ({"input_shape": (0, 3, 5, 7)}, "input_shape.*at least 1"),
        ({"threads": 0}, "threads.*between 1 and 1024"),
        ({"processes": 51}, "processes.*between 1 and 50"),
        ({"limits": Limits(target=0)}, "target.*above 0"),
        ({"limits": Limits(min_samples=5)}, "min_samples.*at least 6"),
    ],
)
def test_what_cannot_be_is_refused(changed: dict[str, object], words: str) -> None:
    with pytest.raises(KnobError, match=words):
        replace(FULL, **changed)


@pytest.mark.parametrize(("name", "file"), [("resnet50", False), ("timm:resnet18", False), ("/a/net.py:Net", True), ("net.pt2", True), ("file:Net", False)])
def test_a_file_is_told_by_its_name(name: str, file: bool) -> None:
    assert names_file(name) is file
    assert Experiment(name).from_file is file


def test_its_words() -> None:
    assert FULL.title == "resnet50(depths=(3, 4, 6, 3), se_ratio=16)"
    assert FULL.batch == 2
    assert FULL.describe() == "amortised, cold cache, device clock, forward + backward, tf32, compile, channels-last, 3 threads"
