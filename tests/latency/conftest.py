"""What the tests of the laboratory share: results as a worker would report them, and ledgers in both databases."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from blocks.latency.measure.experiment import Experiment
from blocks.latency.store.ledger import Ledger
from tests.latency import postgres


def reported(median: float = 0.0123, finished_at: float = 1.7e9, network: str = "resnet18", **conditions: Any) -> dict[str, Any]:
    """A measurement's reply, as plain values."""
    experiment = Experiment(network, **conditions)
    return {
        "experiment": experiment.to_dict(), "images": 3, "median": median, "low": median * 0.99, "high": median * 1.01, "n": 57, "converged": True,
        "reason": "converged", "joules_per_image": None, "samples": [median, median * 1.001], "finished_at": finished_at, "machine": {"node": "here"},
        "versions": {"torch": "9.9"}, "conditions": {"device_name": "a processor"},
    }  # fmt: skip


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A real server. Without one the test skips; where CI is set it fails."""
    if postgres.binaries() is None:
        if os.environ.get("CI"):
            pytest.fail(postgres.NO_SERVER)
        pytest.skip(postgres.NO_SERVER)
    with postgres.server() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def ledger(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Ledger]:
    """An empty ledger, once in a file and once on the server."""
    if request.param == "sqlite":
        yield Ledger(f"sqlite:///{tmp_path / 'ledger.sqlite'}", patience=0.3)
        return
    made = Ledger(request.getfixturevalue("postgres_url"), patience=0.3)
    yield made
    drop_all(made)


def drop_all(ledger: Ledger) -> None:
    """Take the ledger's tables away, as somebody might."""
    from blocks.latency.store.schema import metadata

    with ledger._engine.connect() as connection, connection.begin():
        metadata.drop_all(connection)


@pytest.fixture
def report() -> Callable[..., dict[str, Any]]:
    """:func:`reported`."""
    return reported
