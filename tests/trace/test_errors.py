"""What goes wrong in a trace, as sentences."""

from __future__ import annotations

import pytest
from torch import nn

from blocks import analyse
from blocks.trace.errors import DependsOnData, TraceError
from tests.tracing import traced


def test_an_error_names_its_module_and_keeps_the_reason() -> None:
    error = TraceError("it does not fit", "stages.0")
    assert (str(error), error.reason, error.module, error.graph) == ("stages.0: it does not fit", "it does not fit", "stages.0", None)
    assert str(TraceError("it does not fit")) == "it does not fit"


@pytest.mark.parametrize(
    ("what", "said"), [("__bool__", "(if, while, bool)"), ("__float__", "(float(tensor))"), ("item", "(item)"), ("__contains__", "(contains)")]
)
def test_a_look_at_values_is_named_as_it_is_written(what: str, said: str) -> None:
    assert said in str(DependsOnData(what))
    assert "no single graph or count exists" in str(DependsOnData(what))


def test_the_part_before_comes_with_the_error() -> None:
    net = nn.Sequential(nn.Conv2d(3, 5, 2), nn.Sequential(nn.Conv2d(4, 6, 1)))
    with pytest.raises(TraceError, match="expects 4 channels and the input has 5") as caught:
        analyse(net, (1, 3, 7, 8))
    assert caught.value.module == "1.0"
    assert [n.op for n in caught.value.graph.nodes][:2] == ["input", "conv2d"]
    assert caught.value.graph.error == str(caught.value)


def test_values_in_a_forward_pass() -> None:
    with pytest.raises(TraceError, match="if, while, bool"):
        traced(lambda x: x if x.sum() > 0 else -x, (2, 3))
