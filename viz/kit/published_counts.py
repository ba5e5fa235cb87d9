"""The published networks, counted once for the whole app in the background."""

from __future__ import annotations

import threading

from blocks.space.counting import count_all_in_background
from blocks.space.published import points
from blocks.space.structure import COUNTED_FIGURES
from viz.kit.count_task import CountTask
from viz.kit.wanted import connected, want

_guard = threading.Lock()
_task: CountTask | None = None


def published_count() -> CountTask:
    """The count of all published points, begun when first asked for, and begun again if it was cut short."""
    global _task
    with _guard:
        if _task is None or _task.state in ("stopped", "failed"):
            _task = CountTask(count_all_in_background([p.item for p in points()]))
        want(_task, connected())
        return _task


def counted_points(wait: float = 0.0) -> dict[tuple[str, int], dict[str, int]]:
    """Figures by name of every published point that is counted by now, or within ``wait`` seconds: by (preset, side)."""
    job = published_count().job
    job.wait(wait)
    return {(p.preset, p.side): dict(zip(COUNTED_FIGURES, map(int, row), strict=True)) for p, row in zip(points(), job.figures, strict=True) if row[0] >= 0}
