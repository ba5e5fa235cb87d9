"""The spread between processes: the same experiment in several fresh ones, as one result that says how far their medians lie apart.

Within a process the median is known to a per cent; a new process places code and data elsewhere and gives another median. An interval
from one process does not hold the next one's, so the result's interval is that of the processes' medians.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from blocks.language import translatable
from blocks.latency.measure.statistics import median_interval


def combine(parts: Sequence[dict[str, Any]]) -> dict[str, object]:
    """One measurement's fields from those of each process.

    ``median`` is that of the processes' medians; its interval is distribution-free where there are six processes, else it reaches over
    the intervals of all. Samples are pooled; tails are left out, as they would be of a mixture.
    """
    medians = [float(p["median"]) for p in parts]
    found = median_interval(medians, n_eff=len(medians))
    bounds = [b for p in parts for b in (p["low"], p["high"], p["median"]) if b is not None]
    low, high = (found.low, found.high) if found else (min(bounds), max(bounds))
    apart = (max(medians) - min(medians)) / float(np.median(medians))
    how = translatable("interval of their medians") if found else translatable("interval over all of theirs, as six are needed for one of their medians")
    said = translatable(
        f"{len(parts)} fresh processes: their medians lie {100 * apart:.2g} % apart ({min(medians) * 1e3:.4g} to {max(medians) * 1e3:.4g} ms); {how}."
    )
    joules = [p["joules_per_image"] for p in parts if p.get("joules_per_image") is not None]
    remarks = list(dict.fromkeys(remark for p in parts for remark in p["remarks"]))
    return parts[-1] | {
        "median": float(np.median(medians)), "low": low, "high": high, "process_medians": medians, "p90": None, "p99": None,
        "n": sum(p["n"] for p in parts), "n_eff": sum(p["n_eff"] for p in parts), "minimum": min(p["minimum"] for p in parts),
        "maximum": max(p["maximum"] for p in parts), "samples": [s for p in parts for s in p["samples"]][:20_000], "converged": all(p["converged"] for p in parts),
        "warmup": sum(p["warmup"] for p in parts), "settled": all(p["settled"] for p in parts), "discarded": sum(p["discarded"] for p in parts),
        "disturbed": sum(p["disturbed"] for p in parts), "joules_per_image": float(np.median(joules)) if joules else None, "remarks": [said, *remarks],
    }  # fmt: skip
