"""Writing down operations by hand: bytes, parameters counted once, views, writes in place, and going back."""

from __future__ import annotations

import torch
from torch import nn

from blocks.trace.proxy import Proxy
from blocks.trace.recorder import NO_RULE, Recorder
from blocks.trace.rules import Out, Rule

TO_ROWS = Rule(NO_RULE, "rows", "reshape", False)
WRITES = Rule(NO_RULE, "scale", "multiply", True)


def given(recorder: Recorder, *shape: int) -> Proxy:
    x = Proxy(shape)
    recorder.source("input", x)
    return x


def test_costs_follow_from_what_a_rule_says() -> None:
    recorder = Recorder()
    x, made = given(recorder, 2, 3), Proxy((2, 5))
    node = recorder.append("linear", "linear", [x], [made], Out((2, 5), macs=30, flops=4, unit=2))
    assert (node.macs, node.flops, node.reads, node.writes) == (30, 60 + 4 + 2 * 10, 4 * 6, 4 * 10)
    assert made.ref == (1, 0)
    assert node.inputs == ((0, 0),)


def test_float32_counts_as_what_was_asked_for() -> None:
    recorder = Recorder(2, "bfloat16")
    x = given(recorder, 2, 3)
    node = recorder.append("both", "other", [x], [Proxy((2, 3)), Proxy((2, 3), torch.int64)])
    assert (node.dtype, node.reads, node.writes) == ("bfloat16", 2 * 6, 2 * 6 + 8 * 6)
    assert node.outputs == ((2, 3), (2, 3))


def test_a_parameter_counts_at_its_first_reader() -> None:
    recorder = Recorder()
    weight = Proxy((3, 5), name="fc.weight")
    weight._is_param = True
    x = given(recorder, 2, 3)
    first, second = (recorder.append("linear", "linear", [x, weight], [Proxy((2, 5))]) for _ in range(2))
    assert (first.params, second.params) == (15, 0)
    assert first.weights == second.weights == ("fc.weight",)
    assert first.reads == second.reads == 4 * (6 + 15)


def test_a_view_moves_nothing_and_knows_its_base() -> None:
    recorder = Recorder()
    x = given(recorder, 2, 3)
    view = recorder.write(TO_ROWS, Out((6,), view=True, dense=False), [x])
    again = recorder.write(TO_ROWS, Out((3, 2), view=True), [view])
    assert (recorder.nodes[1].reads, recorder.nodes[1].writes, recorder.nodes[1].alias) == (0, 0, (0, 0))
    assert (view.dense, view.base, again.base) == (False, x, x)


def test_a_write_through_a_view_is_a_new_state_of_the_whole() -> None:
    recorder = Recorder()
    x = given(recorder, 2, 3)
    view = recorder.write(TO_ROWS, Out((3,), view=True), [x])
    assert recorder.write_inplace(WRITES, Out((3,), unit=1), view, [view]) is view
    node = recorder.nodes[2]
    assert (view.ref, x.ref, node.outputs, node.alias) == ((2, 0), (2, 1), ((3,), (2, 3)), (1, 0))


def test_a_constant_is_one_source_however_often_it_is_read() -> None:
    recorder = Recorder()
    value = torch.ones(3)
    x = given(recorder, 2, 3)
    for _ in range(2):
        recorder.append("add", "add", [x, recorder.stand_in(value)], [Proxy((2, 3))])
    assert [n.op for n in recorder.nodes] == ["input", "constant", "add", "add"]
    assert recorder.stand_in(x) is x


def test_a_module_called_again_has_a_number() -> None:
    recorder = Recorder()
    module, x = nn.ReLU(), given(recorder, 2, 3)
    for _ in range(2):
        recorder.scope = recorder.enter_module("act", module, (x,))
    assert [c.label for c in recorder.calls] == ["act", "act#2"]
    graph = recorder.graph(5)
    assert (graph.params, graph.unused_params, graph.error) == (5, 5, "")
