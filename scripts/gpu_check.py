"""Everything that this project claims about a GPU, tried on one: python -m scripts.gpu_check

Needs CUDA (or --device cpu), Python 3.11 or newer, torch 2.11 or newer and the packages that README names; no network, no browser.
Each step runs in a process of its own and outlives the failure of the others. One JSON file is written, anew after each step:

    format      1
    device      name of the device, as its maker calls it
    started_at  UTC, ISO 8601
    seconds     taken so far; budget: at most
    quick       whether sizes were tiny, so that figures mean nothing
    steps       by name: status (done, skipped, failed, cut), seconds, budget, error (text or null), records (a list)

Records by step; times are in seconds, sizes in bytes:

    environment  device, memory_total, memory_free, cache, capability, machine, versions, driver, clocks, supported
    tests        exit_code, passed, failed, skipped, files, output (its last 6,000 characters)
    latency, compiled   one per measurement: network, batch, dtype, channels_last, cache, compile, quantity, median, low, high (95 %), n, converged,
                 settled, discarded, disturbed, images, joules_per_image; or error; a last one with not_measured where time was short
    calibration  one per comparison: pair ("A/A", "A/B": 5 % more work), verdict, ratio, covered, seconds
    roofline     the fields of blocks.latency.roofline.microbenchmarks.Microbenchmarks
    clocks       first, last and lowest flops_per_second of matrix products in a row, conditions (clocks, throttled), remarks, readings of the clocks
    estimates    as latency, and estimated, ratio (estimated / measured), each by roofline: "measured" or the published machine's name
    throughput   as latency, and image_size, images_per_second, published (images per second by setup)
    memory       one per network and mode: expected, allocated (torch.cuda.max_memory_allocated), ratio
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import math
import re
import time
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from scripts.step_runner import CheckStep, StepOutcome, StepRecord, StepTask, run_steps

BUDGET = 480.0  # seconds
FOLDER = Path(__file__).resolve().parents[1] / "docs" / "measured"

#: In the order in which they run; weights are about the seconds that each takes of :data:`BUDGET`.
CHECK_STEPS = tuple(
    CheckStep(name, f"scripts.gpu_steps:{name}_step", weight)
    for name, weight in (
        ("environment", 15), ("tests", 80), ("roofline", 40), ("latency", 130), ("estimates", 30), ("throughput", 45), ("memory", 25),
        ("clocks", 10), ("calibration", 40), ("compiled", 65),
    )
)  # fmt: skip


@dataclasses.dataclass
class CheckReport:
    """What the JSON file holds; ``path`` None until the device's name is known."""

    device: str
    budget: float
    quick: bool
    path: Path | None
    started_at: datetime = dataclasses.field(default_factory=lambda: datetime.now(UTC))
    steps: dict[str, StepOutcome] = dataclasses.field(default_factory=dict)
    _begin: float = dataclasses.field(default_factory=time.monotonic)

    def add(self, name: str, outcome: StepOutcome) -> None:
        """Take a step's outcome, say so, and write the file anew."""
        self.steps[name] = outcome
        if name == "environment" and outcome.records:
            self.device = outcome.records[0]["device"]
        print(f"{name:<14}{outcome.status:<10}{outcome.seconds:6.1f} s  {outcome.error or ''}", flush=True)
        self.write()

    def plain(self) -> dict[str, object]:
        """As JSON values."""
        steps = {name: dataclasses.asdict(outcome) for name, outcome in self.steps.items()}
        return {
            "format": 1, "device": self.device, "started_at": self.started_at.isoformat(timespec="seconds"), "seconds": time.monotonic() - self._begin,
            "budget": self.budget, "quick": self.quick, "steps": steps,
        }  # fmt: skip

    def write(self) -> Path:
        """Replace the file as a whole, so that a run that is stopped leaves a readable one."""
        slug = re.sub(r"[^a-z0-9]+", "-", self.device.lower()).strip("-")
        path = self.path or FOLDER / f"{slug}-{self.started_at:%Y-%m-%d}.json"
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_suffix(".part")
        draft.write_text(json.dumps(finite(self.plain()), indent=1, default=str) + "\n", encoding="utf-8")
        draft.replace(path)
        return path


def finite(value: object) -> object:
    """The same with null in place of numbers that JSON does not have (nan, infinity)."""
    if isinstance(value, dict):
        return {str(k): finite(v) for k, v in value.items()}
    if isinstance(value, (list, tuple)):
        return [finite(v) for v in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


# --- The summary ---------------------------------------------------------------------------------------------------


def summary(steps: dict[str, StepOutcome]) -> list[str]:
    """Lines of a table: what each step found, in its own figure."""
    lines = []
    for name, outcome in steps.items():
        try:
            found = SUMMARIES[name](outcome.records) if name in SUMMARIES and outcome.records else ""
        except (KeyError, ValueError, TypeError) as error:  # a record cut short
            found = f"(not readable: {error!r})"
        lines.append(f"{name:<14}{outcome.status:<10}{len(outcome.records):>5} records   {found}")
    return lines


def _tests(records: list[StepRecord]) -> str:
    return ", ".join(f"{records[0][word]} {word}" for word in ("passed", "failed", "error", "skipped") if word in records[0]) or "collected only"


def _latency(records: list[StepRecord]) -> str:
    """Median over networks of the time under each condition over that of plain float32 with hot caches."""
    times = {(r["network"], _condition(r)): r["median"] for r in records if "median" in r}
    conditions = dict.fromkeys(condition for _, condition in times)
    said = []
    for condition in conditions:
        ratios = [t / times[n, "float32"] for (n, c), t in times.items() if c == condition and (n, "float32") in times]
        said.append(f"{condition} {median(ratios):.2f}" if ratios else f"{condition} {1e3 * median(t for (_, c), t in times.items() if c == condition):.3g} ms")
    failed = sum("error" in r for r in records)
    return "; ".join(said + ([f"{failed} failed"] if failed else []))


def _condition(record: StepRecord) -> str:
    marks = (record["channels_last"] and "channels-last", record["compile"] != "eager" and record["compile"], record["cache"] == "cold" and "cold")
    return " ".join([record["dtype"], *filter(None, marks)])


def _calibration(records: list[StepRecord]) -> str:
    equal, known = ([r["verdict"] for r in records if r["pair"] == pair] for pair in ("A/A", "A/B"))
    false = sum(verdict in ("faster", "slower") for verdict in equal)
    return f"A/A: {false} false verdicts of {len(equal)}; A/B (5 % more work): {known.count('faster')} of {len(known)} found"


def _roofline(records: list[StepRecord]) -> str:
    one = records[0]
    peaks = ", ".join(f"{dtype} {peak / 1e12:.3g}" for dtype, peak in one["peaks"].items())
    return f"{one['bandwidth'] / 1e9:.4g} GB/s; TFLOPS {peaks}; {1e6 * one['overhead']:.3g} µs per operation"


def _clocks(records: list[StepRecord]) -> str:
    one = records[0]
    lowered = ", ".join(f"{reason} ({n} of {one['readings']})" for reason, n in one["conditions"].get("throttled", {}).items()) or "none seen"
    return f"last / first rate {one['last_flops_per_second'] / one['first_flops_per_second']:.3f}; lowered clocks: {lowered}"


def _estimates(records: list[StepRecord]) -> str:
    return "; ".join(f"estimate / measured, {name}: {spread([r['ratio'][name] for r in records if 'ratio' in r])}" for name in _names(records, "ratio"))


def _throughput(records: list[StepRecord]) -> str:
    done = [r for r in records if r.get("images_per_second")]
    ratios = {s: [r["images_per_second"] / r["published"][s] for r in done if s in r["published"]] for s in _names(done, "published")}
    return "; ".join(f"measured / {setup}: {spread(values)}" for setup, values in ratios.items())


def _memory(records: list[StepRecord]) -> str:
    modes = {mode: [r["ratio"] for r in records if r["mode"] == mode and r["ratio"]] for mode in ("forward", "forward_backward")}
    return "; ".join(f"expected / allocated, {mode}: {spread(ratios)}" for mode, ratios in modes.items() if ratios) or "no allocator to compare with"


def _names(records: Iterable[StepRecord], column: str) -> list[str]:
    return list(dict.fromkeys(name for record in records for name in record.get(column, {})))


def spread(values: Sequence[float]) -> str:
    """Median, and smallest and largest in brackets."""
    return f"{median(values):.2f} ({min(values):.2f} to {max(values):.2f})" if values else "none"


SUMMARIES = {
    "environment": lambda records: records[0]["device"], "tests": _tests, "latency": _latency, "compiled": _latency, "calibration": _calibration,
    "roofline": _roofline, "clocks": _clocks, "estimates": _estimates, "throughput": _throughput, "memory": _memory,
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the steps; the exit code is 1 where one failed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--device", default="cuda:0", help="cuda:0 (default), cuda:1 ..., cpu")
    parser.add_argument("--budget", type=float, default=BUDGET, help=f"seconds at most (default {BUDGET:g})")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: tries the script, not the device")
    parser.add_argument("--out", type=Path, help="the JSON file (default docs/measured/<device>-<date>.json)")
    parser.add_argument("--steps", nargs="+", choices=[step.name for step in CHECK_STEPS], help="only these")
    asked = parser.parse_args(arguments)
    report = CheckReport(asked.device, asked.budget, asked.quick, asked.out)
    chosen = [step for step in CHECK_STEPS if not asked.steps or step.name in asked.steps]
    run_steps(chosen, StepTask(asked.device, asked.budget, asked.quick), asked.budget - 2, report.add)
    print("", *summary(report.steps), "", f"Written to {report.write()}", sep="\n")
    return int(any(outcome.status == "failed" for outcome in report.steps.values()))


if __name__ == "__main__":
    raise SystemExit(main())
