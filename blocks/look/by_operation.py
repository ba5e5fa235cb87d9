"""Statistics of what every operation of a trained network gives for one picture, as plain values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch

from blocks.analysis import analyse
from blocks.look.activations import watched_run
from blocks.look.answer import prepared
from blocks.look.maps import statistics


def operation_statistics(network: str, picture: str | Path, weights: str, *, partly: bool = False, **knobs: Any) -> list[dict[str, Any]]:
    """A row for each operation of the trace of ``network``: its number, name, module and shape, and :class:`blocks.look.maps.ValueStatistics` of what it gives.

    The file ``picture`` is read as by :func:`blocks.look.classify`; raises what that raises, and what the network raises.
    """
    net, _, pixels = prepared(network, picture, weights, partly=partly, **knobs)
    analysis = analyse(network, tuple(pixels.shape), **knobs)
    with torch.no_grad():
        run = watched_run(analysis, net, pixels, lambda _, given: statistics(given)._asdict())
    if run.error is not None:
        raise run.error
    nodes, label = analysis.graph.nodes, analysis.graph.label
    return [{"node": i, "operation": nodes[i].op, "module": label(nodes[i]), "shape": list(nodes[i].shape), **found} for i, found in sorted(run.notes.items())]
