"""A result as one row of the ledger."""

from __future__ import annotations

from typing import Any

from blocks.latency.measure.experiment import Experiment


def row_of(kind: str, identity: str, result: dict[str, Any], session: str = "") -> dict[str, object]:
    """The values of the columns of :data:`blocks.latency.store.schema.results_table` for a worker's reply."""
    common = {
        "id": identity, "kind": kind, "finished_at": float(result.get("finished_at", 0.0)), "session": session, "payload": result,
        "machine": str(result.get("machine", {}).get("node", "")), "torch": str(result.get("versions", {}).get("torch", "")),
        "device_name": str(result.get("conditions", {}).get("device_name", "")), "note": None,
    }  # fmt: skip
    return common | {"measure": _measured, "compare": _compared, "profile": _profiled}.get(kind, _other)(result)


def _measured(result: dict[str, Any]) -> dict[str, object]:
    e = Experiment.from_dict(result["experiment"])
    figures = {k: result.get(k) for k in ("median", "low", "high", "n", "converged", "reason", "joules_per_image")}
    return figures | {"network": e.title[:300], "experiment_key": e.key(), "device": e.device, "dtype": e.dtype, "mode": e.mode, "batch": result.get("images")}


def _compared(result: dict[str, Any]) -> dict[str, object]:
    first = _measured(result["each"][0])
    verdict = result["verdicts"][0]
    return first | {
        "network": " | ".join(Experiment.from_dict(e).title for e in result["experiments"])[:300], "median": verdict["ratio"], "low": verdict["low"],
        "high": verdict["high"], "n": result["episodes"], "converged": result["converged"], "reason": verdict["kind"], "joules_per_image": None,
    }  # fmt: skip


def _profiled(result: dict[str, object]) -> dict[str, object]:
    whole = {"median": result["whole"], "n": result["passes"], "low": None, "high": None, "converged": None, "reason": None, "joules_per_image": None}
    return _measured(result) | whole


def _other(result: dict[str, object]) -> dict[str, object]:
    return {
        "network": str(result.get("name", "")), "experiment_key": "", "device": str(result.get("device", "")), "dtype": str(result.get("dtype", "")), "mode": "",
        "batch": None, "median": None, "low": None, "high": None, "n": None, "converged": None, "reason": None, "joules_per_image": None,
    }  # fmt: skip
