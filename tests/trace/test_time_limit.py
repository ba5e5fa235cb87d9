"""A forward pass that never ends is interrupted with a sentence, and the next trace of the same thread is whole."""

from __future__ import annotations

import threading
import time

import pytest
import torch
from torch import nn

from blocks import analyse
from blocks.trace import time_limit
from blocks.trace.errors import TraceError
from blocks.trace.time_limit import ended_in_time


class Grows(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:
        while True:
            x = x + 1


class Spins(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:  # noqa: ARG002
        while True:
            pass


class Stubborn(nn.Module):
    def forward(self, x: torch.Tensor) -> torch.Tensor:  # noqa: ARG002
        for _ in range(2):
            try:
                while True:
                    pass
            except BaseException:
                continue
        while True:
            pass


@pytest.mark.parametrize("network", [Grows, Spins, Stubborn])
def test_an_endless_forward_ends_with_a_sentence(network: type[nn.Module], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_limit, "LONGEST_TRACE", 1.0)
    monkeypatch.setattr(time_limit, "_AGAIN", 0.2)
    with pytest.raises(TraceError, match="the forward pass has not ended after 1 s"):
        analyse(nn.Sequential(nn.Conv2d(3, 5, 1), network()), (1, 3, 7, 7))
    monkeypatch.undo()
    assert analyse(nn.Sequential(nn.Conv2d(3, 5, 1)), (1, 3, 7, 7)).params == 20


def test_an_interruption_while_another_unwinds_is_the_same_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_limit, "LONGEST_TRACE", 0.01)
    monkeypatch.setattr(time_limit, "_AGAIN", 0.0)

    def deep(levels: int) -> None:
        if levels:
            try:
                deep(levels - 1)
            finally:
                sum(range(20_000))
        while True:
            pass

    for _ in range(30):
        with pytest.raises(TraceError, match="has not ended"):
            ended_in_time(lambda: deep(20))


def test_code_that_ends_is_left_alone_and_no_thread_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time_limit, "LONGEST_TRACE", 0.3)
    assert ended_in_time(lambda: 7) == 7
    end = time.monotonic() + 1.0
    while time.monotonic() < end:
        assert sum(range(1000)) == 499500
    assert not [thread for thread in threading.enumerate() if thread.name == "time limit of a trace"]
