"""The collector is left out of a trace, and runs again afterwards, whatever happens."""

from __future__ import annotations

import gc

import pytest

from blocks import analyse
from blocks.knobs import KnobError
from blocks.trace.errors import TraceError
from blocks.trace.garbage import uncollected


@pytest.fixture(autouse=True)
def _restored():
    running = gc.isenabled()
    yield
    gc.enable() if running else gc.disable()


def test_it_runs_again_afterwards_also_when_nested():
    gc.enable()
    with uncollected():
        assert not gc.isenabled()
        with uncollected():
            assert not gc.isenabled()
        assert not gc.isenabled()
    assert gc.isenabled()


def test_who_has_switched_it_off_finds_it_off():
    gc.disable()
    analyse("bottleneck")
    assert not gc.isenabled()


@pytest.mark.parametrize(("error", "network"), [(KnobError, {"groups": 7}), (TraceError, {"input_shape": (1, 3, 56, 56)})])
def test_it_runs_again_after_an_error(error, network):
    gc.enable()
    with pytest.raises(error):
        analyse("bottleneck", **network)
    assert gc.isenabled()
