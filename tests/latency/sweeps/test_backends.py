"""Where cells are measured: this machine's lab, or a cluster that does not answer."""

from __future__ import annotations

import pytest

from blocks.knobs import KnobError
from blocks.latency import lab
from blocks.latency.measure.experiment import Experiment
from blocks.latency.sweeps.backends import LocalBackend, open_backend


def test_this_machine_measures_one_at_a_time_through_the_lab() -> None:
    backend = open_backend("", "cpu", "sweep-of-a-test")
    assert isinstance(backend, LocalBackend)
    assert (backend.places, backend.keeps) == (1, True)
    handle = backend.start(Experiment("squeezenet1_1", input_shape=(1, 3, 33, 33), threads=1))
    backend.cancel(handle)
    assert lab.wait(handle, 120).over
    outcome = backend.outcome(handle)
    assert outcome is not None
    assert outcome[0] in ("failed", "done")
    backend.close()
    lab.shutdown()


def test_a_cluster_that_does_not_answer_is_said() -> None:
    with pytest.raises(KnobError, match=r"does not answer|needs ray|package ray|not installed"):
        open_backend("127.0.0.1:9", "cpu", "sweep-of-a-test")
