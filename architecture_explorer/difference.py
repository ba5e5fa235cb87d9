"""``architecture-explorer diff A B``: what differs between two networks, and what each difference costs, as text or JSON."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from typing import Any

from architecture_explorer.start import NETWORK_FILE
from blocks import Analysis, analyse, catalog
from blocks.catalog import opened
from blocks.cost.diff import Diff, diff
from blocks.cost.diff_table import DIFF_COSTS, DIFF_LEVELS
from blocks.knobs import KnobError
from blocks.language import speaking, tr
from blocks.language.terminal import CommandParser, printed_table
from blocks.latency.terminal import network_input_shape, network_of, whole_numbers
from blocks.trace.errors import TraceError


def main(arguments: Sequence[str], program: str) -> int:
    """Print the difference; returns the exit status: 0, or 2 with a sentence on standard error for bad input."""
    options = _parser(program).parse_args(arguments)
    try:
        a, b = (_analysed(words, options) for words in (options.a, options.b))
    except (KnobError, TraceError) as error:
        print(error, file=sys.stderr)
        return 2
    found = diff(a, b)
    if options.json:
        with speaking("en"):  # data does not depend on who reads it
            print(_as_json(found, options))
    else:
        print(_as_text(a, b, found, options))
    return 0


def _parser(program: str) -> argparse.ArgumentParser:
    parser = CommandParser(prog=program, description=tr("Compare two networks operation by operation; the costliest difference comes first."))
    network = tr("a name of the catalog with knobs (resnet50,se_ratio=16), net.py:Class, net.pt2, timm:NAME or torchvision:NAME")
    parser.add_argument("a", metavar="A", help=network)
    parser.add_argument("b", metavar="B", help=tr("the other network, written the same way"))
    parser.add_argument("--by", choices=DIFF_COSTS, default="macs", help=tr("the cost to sort by (default: macs)"))
    parser.add_argument("--level", choices=DIFF_LEVELS, default="module", help=tr("one row per operation, module (the default) or class"))
    parser.add_argument("--input", help=tr("input shape of both, such as 1,3,192,192 (default: the published one of each)"))
    parser.add_argument("--batch", type=int, help=tr("batch size (default: 1)"))
    parser.add_argument("--dtype", default="float32", help=tr("type of weights and activations, for the bytes"))
    parser.add_argument("--json", action="store_true", help=tr("print JSON"))
    return parser


def _analysed(words: str, options: argparse.Namespace) -> Analysis:
    if NETWORK_FILE.search(words):
        name, knobs = opened.announce([words])[0], dict[str, Any]()
    else:
        name, knobs = network_of(words)
    given = whole_numbers(options.input, "input") if options.input else tuple(catalog.input_shape(name, **knobs))
    return analyse(name, network_input_shape(name, knobs, given, options.batch), dtype=options.dtype, **knobs)


def _as_json(found: Diff, options: argparse.Namespace) -> str:
    made = {
        "summary": found.summary.to_dict(orient="index"),
        "totals": {cost: dict(zip(("a", "b"), found.total(cost), strict=True)) for cost in DIFF_COSTS},
        "table": found.table(options.by, options.level).astype(object).where(lambda frame: frame.notna(), None).to_dict(orient="records"),
    }
    return json.dumps(made, indent=1)


def _as_text(a: Analysis, b: Analysis, found: Diff, options: argparse.Namespace) -> str:
    """Totals of both sides, and a table of what differs; each cost is B's less A's, in units (parameters, MACs, FLOPs, bytes)."""
    lines = [f"A  {options.a}  {_shapes(a)}", f"B  {options.b}  {_shapes(b)}", ""]
    for cost in DIFF_COSTS:
        left, right = found.total(cost)
        lines.append(f"  {cost:<8}{left:>20,}{right:>20,}{right - left:>+20,}")
    if not found:
        return "\n".join([*lines, "", tr("Nothing differs.")])
    table = found.table(options.by, options.level)
    table["status"] = table["status"].map(tr)
    table = table[["status", "what", "where", "operations", *DIFF_COSTS, "change"]]
    return "\n".join([*lines, "", printed_table(table, dict.fromkeys(DIFF_COSTS, "{:+,}".format), justify="left")])


def _shapes(analysis: Analysis) -> str:
    return " -> ".join("×".join(map(str, shape)) for shape in (analysis.input_shape, analysis.output_shape))
