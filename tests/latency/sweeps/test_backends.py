"""Where cells are measured: this machine's lab, or a cluster that does not answer."""

from __future__ import annotations

import pytest

from blocks.knobs import KnobError
from blocks.latency import lab
from blocks.latency.measure.experiment import Experiment
from blocks.latency.sweeps import backends
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


@pytest.mark.parametrize("address", ["ray://host:²", "host:70000", "host:", "host:-1", ":6379"])
def test_an_address_with_no_usable_port_is_answered_without_a_knock(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setattr(backends.socket, "create_connection", lambda *_, **__: pytest.fail("nobody is there to knock at"))
    with pytest.raises(KnobError, match="must end in a host and a port between 1 and 65535"):
        backends._reach(address)


def test_addresses_that_ray_finds_by_itself_are_left_to_it() -> None:
    for address in ("auto", "local", "ray://host"):
        backends._reach(address)
