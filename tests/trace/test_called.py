"""One call of a function: what its rule says, what it wrote into, and why it failed."""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

from blocks.trace.called import AskedCall
from blocks.trace.fake import FakeTracer
from blocks.trace.proxy import Proxy


def test_the_rule_is_asked_with_what_the_function_was_called_with() -> None:
    x, weight = Proxy((2, 3)), Proxy((5, 3))
    call = AskedCall(F.linear, (x, weight), {}, [x, weight], [])
    out = call.ask()
    assert (call.name, out is not None and (tuple(out.shape), out.macs)) == ("linear", ((2, 5), 30))
    assert AskedCall(torch.logaddexp, (x, x), {}, [x, x], []).ask() is None  # no rule
    rule, out = call.priced([torch.empty(2, 5)], [], FakeTracer())
    assert rule is not None
    assert out.macs == 30
    rule, out = call.priced([torch.empty(2, 6)], [], FakeTracer())  # torch made another shape: what ran below counts
    assert (rule, out.macs) == (None, 0)


def test_what_is_written_into() -> None:
    x, real = Proxy((2, 3)), torch.zeros(2, 3)
    given: tuple[Tensor, ...] = (real,)
    assert AskedCall(Tensor.relu_, (x,), {}, [x], [real]).target(given, {}, [], FakeTracer()) is real
    assert AskedCall(torch.relu, (x,), {}, [x], [real]).target(given, {}, [], FakeTracer()) is None


def test_a_failure_is_said_in_the_rules_words() -> None:
    x, weight = Proxy((2, 3, 8, 8)), Proxy((5, 4, 3, 3))
    call = AskedCall(F.conv2d, (x, weight), {}, [x, weight], [])
    assert call.sentence(RuntimeError("inner words")) == "the convolution expects 4 channels and the input has 3"
    assert AskedCall(torch.logaddexp, (x,), {}, [x], []).sentence(RuntimeError("why\nmore")) == "why"
