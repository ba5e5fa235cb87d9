"""A reply as a row of the ledger."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from blocks.latency.measure.experiment import Experiment
from blocks.latency.store.queries import RESULT_COLUMNS
from blocks.latency.store.rows import row_of


def test_every_kind_fills_every_column(report: Callable[..., dict[str, Any]]) -> None:
    one = report(0.02, network="resnet34")
    verdict = {"ratio": 1.5, "low": 1.4, "high": 1.6, "kind": "faster"}
    both = {"each": [one, one], "verdicts": [verdict], "experiments": [one["experiment"]] * 2, "episodes": 14, "converged": True, "finished_at": 5.0}
    replies = {"measure": one, "compare": both, "profile": one | {"whole": 0.03, "passes": 8}, "probe": {"name": "a probe", "device": "cpu"}}
    rows = {kind: row_of(kind, kind, reply, "a session") for kind, reply in replies.items()}
    for kind, row in rows.items():
        assert set(row) == {c.name for c in RESULT_COLUMNS} | {"payload"}
        assert (row["id"], row["kind"], row["session"], row["payload"]) == (kind, kind, "a session", replies[kind])
    assert (rows["measure"]["median"], rows["measure"]["experiment_key"]) == (0.02, Experiment("resnet34").key())
    assert (rows["compare"]["network"], rows["compare"]["median"], rows["compare"]["n"]) == ("resnet34 | resnet34", 1.5, 14)
    assert (rows["profile"]["median"], rows["profile"]["n"]) == (0.03, 8)
    assert rows["probe"]["network"] == "a probe"
