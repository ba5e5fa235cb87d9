"""Running on meta tensors: what is counted below torch, what is returned, and what is said where it fails."""

from __future__ import annotations

from collections import namedtuple

import pytest
import torch

from blocks.trace.errors import TraceError
from blocks.trace.meta import run_on_meta
from blocks.trace.proxy import CURRENT, Proxy


def test_products_below_torch_are_counted() -> None:
    run = run_on_meta(torch.einsum, ("bij,bjk->bik", Proxy((2, 3, 5)), Proxy((2, 5, 7))), {}, "part")
    assert (run.macs, run.counted, run.kind) == (2 * 3 * 5 * 7, True, "linear")
    assert [tuple(t.shape) for t in run.tensors] == [(2, 3, 7)]


def test_one_stand_in_for_each_proxy() -> None:
    x = Proxy((3, 4), torch.float16)
    run = run_on_meta(torch.add, (x, x), {}, "")
    assert run.sources == [x]
    assert (run.inputs[0].dtype, run.inputs[0].is_meta) == (torch.float16, True)
    assert run.flops == 12


def test_real_tensors_are_taken_to_meta() -> None:
    held = torch.ones(4)
    run = run_on_meta(lambda x: x * held, (Proxy((3, 4)),), {}, "")
    assert [own is held for own, _ in run.lowered.values()] == [True]
    assert run.tensors[0].is_meta


def test_what_is_returned_keeps_its_form() -> None:
    pair = namedtuple("pair", "a b")
    run = run_on_meta(lambda x: {"both": pair(x + 1, 7), "last": [x.sum()]}, (Proxy((3, 4)),), {}, "")
    first, second = Proxy((3, 4)), Proxy(())
    made = run.rebuild([first, second])
    assert made["both"].a is first
    assert made["both"].b == 7
    assert made["last"][0] is second


def test_arguments_inside_lists_and_mappings() -> None:
    x = Proxy((3, 4))
    run = run_on_meta(lambda parts, named: torch.cat(parts, **named), ([x, x], {"dim": 1}), {}, "")
    assert tuple(run.tensors[0].shape) == (3, 8)


def test_what_is_unknown_is_not_counted() -> None:
    assert not run_on_meta(torch.linalg.svdvals, (Proxy((5, 4)),), {}, "").counted


def test_nothing_run_is_of_no_kind() -> None:
    run = run_on_meta(lambda x: x, (Proxy((3,)),), {}, "")
    assert (run.kind, run.macs, run.flops, run.counted) == ("other", 0, 0, True)


def test_torchs_own_sentence_where_it_cannot_run() -> None:
    with pytest.raises(RuntimeError) as of_torch:
        torch.add(torch.empty(3, device="meta"), torch.empty(4, device="meta"))
    with pytest.raises(TraceError) as caught:
        run_on_meta(torch.add, (Proxy((3,)), Proxy((4,))), {}, "stages.1")
    assert str(caught.value) == f"stages.1: {str(of_torch.value).splitlines()[0]}"
    assert CURRENT.get() is None
