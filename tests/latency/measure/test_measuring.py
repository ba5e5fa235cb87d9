"""An experiment as a job of a pool."""

from __future__ import annotations

from blocks.latency.measure.experiment import Experiment, Limits
from blocks.latency.measure.measuring import experiment_payload, known_need, measuring_job, measuring_pool
from blocks.latency.measure.memory import needed_memory

E = Experiment("resnet18", input_shape=(2, 3, 64, 67), processes=3, limits=Limits(job_seconds=77.0, memory_mb=5))


def test_a_job_has_the_limits_of_its_experiment() -> None:
    job = measuring_job("measure", experiment_payload(E), E, "a session")
    assert (job.session, job.seconds, job.memory, job.processes) == ("a session", 77.0, 5 * 2**20, 3)
    assert job.combine is not None
    assert measuring_job("compare", {}, E, "s").processes == 1


def test_the_need_is_told_with_it_but_a_file_is_not_opened_here() -> None:
    assert experiment_payload(E) == {"experiment": E.to_dict(), "needed": [needed_memory(E)]}
    assert known_need(Experiment("/nowhere/net.py:Net", input_shape=(1, 3))) is None


def test_a_pool_starts_nothing_until_it_is_asked() -> None:
    assert measuring_pool("cpu").pids() == []
