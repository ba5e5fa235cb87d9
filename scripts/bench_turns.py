"""A turn's own work, for all names and all their knobs: analysis, fold and formulas, beside torchinfo's summary of ResNet-50 in the same run.

Processor time of this process. Each name is looked at as published, then each of its knobs is turned to up to three values that work; what was analysed before is kept,
as in a session. Aim: 99 % of the turns take less than torchinfo.
"""

from __future__ import annotations

import argparse
import random
import statistics
import time
from collections.abc import Iterator

from blocks import catalog
from blocks.knobs import Knob, KnobError
from blocks.trace.errors import TraceError
from scripts.bench import plain_meta, summarised
from scripts.load import percentile
from viz.explore.formulas import model_formulas_text
from viz.graph.fold import TooManyBoxes, fold_of
from viz.kit.choice import Choice, analysed
from viz.kit.garbage import search_when_idle

_VALUES = 3


def tried_values(knob: Knob) -> list[object]:
    """Some values of a knob besides the published one."""
    if knob.kind == "bool":
        return [not knob.default]
    if knob.kind == "choice":
        return [value for value in knob.values or () if value != knob.default][:_VALUES]
    if knob.kind in ("int", "float") and isinstance(knob.default, (int, float)):
        step = knob.step or 1
        return [type(knob.default)(round(knob.default + i * step, 9)) for i in (1, 2, 4, -1, 8)]
    return []


def turns(name: str) -> Iterator[Choice]:
    """The choices that one turn of a knob makes of ``name`` as published."""
    for knob in catalog.knobs(name):
        left = _VALUES
        for value in tried_values(knob):
            choice = Choice(name, {knob.name: value})
            try:
                knob.check(value)
                catalog.settings(name, **choice.knobs)
            except KnobError:
                continue
            yield choice
            left -= 1
            if not left:
                break


def taken(choice: Choice) -> float:
    """Processor seconds until everything that the page shows of ``choice`` is computed; nan where it cannot run."""
    start = time.process_time()
    try:
        analysis = analysed(choice)
        fold_of(analysis.graph)
        _ = analysis.params, analysis.macs, analysis.flops, analysis.bytes_moved, analysis.peak_memory
        if catalog.entry(choice.name).kind == "block":
            for of in ("params", "macs", "flops"):
                analysed(choice, symbolic=True).formula(of)
        else:
            model_formulas_text(choice, "macs")
    except (KnobError, TraceError, TooManyBoxes):
        return float("nan")
    return time.process_time() - start


def main() -> None:
    """Print the percentiles, and the slowest turns."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--names", type=int, default=0, help="look at so many names, drawn by chance (default: all)")
    options = parser.parse_args()
    names = list(catalog.names())
    if options.names:
        names = random.Random(0).sample(names, options.names)
    search_when_idle()
    net, shape = plain_meta("resnet50"), catalog.input_shape("resnet50")
    theirs, ours = [], []
    for name in names:
        start = time.process_time()
        summarised(net, shape)
        theirs.append(time.process_time() - start)
        taken(Choice(name))
        ours += [(cost, choice) for choice in turns(name) if (cost := taken(choice)) == cost]
    costs = [cost for cost, _ in ours]
    limit = statistics.median(theirs)
    print(f"{len(names)} names, {len(ours)} turns; torchinfo on ResNet-50: median {limit * 1e3:.0f} ms")
    shares = ((0.5, "50 %"), (0.95, "95 %"), (0.99, "99 %"), (1.0, "longest"))
    print("; ".join(f"{words} {percentile(costs, share) * 1e3:.0f} ms ({percentile(costs, share) / limit:.2f} of it)" for share, words in shares))
    for cost, choice in sorted(ours, key=lambda one: -one[0])[:8]:
        print(f"  {cost * 1e3:6.0f} ms  {choice.name} {dict(choice.knobs)}")


if __name__ == "__main__":
    main()
