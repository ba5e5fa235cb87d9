"""The published networks, counted once for the whole app in the background."""

from __future__ import annotations

import threading

from blocks.space.published import points
from blocks.space.structure import FIGURES
from blocks.workers import counting_pool

_guard = threading.Lock()
_job: counting_pool.Job | None = None


def counting() -> counting_pool.Job:
    """The count of all published points, begun when first asked for, and begun again if it was cut short."""
    global _job
    with _guard:
        if _job is None or _job.state in ("cancelled", "failed"):
            _job = counting_pool.submit_all([p.item for p in points()])
        return _job


def counted_points(wait: float = 0.0) -> dict[tuple[str, int], dict[str, int]]:
    """Figures by name of every published point that is counted by now, or within ``wait`` seconds: by (preset, side)."""
    job = counting()
    job.wait(wait)
    return {(p.preset, p.side): dict(zip(FIGURES, map(int, row), strict=True)) for p, row in zip(points(), job.figures, strict=True) if row[0] >= 0}
