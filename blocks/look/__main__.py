"""``python -m blocks look efficientnet_lite0 --picture cat.jpg --weights lite0``: what a trained network sees in a picture."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from blocks import catalog
from blocks.knobs import KnobError
from blocks.language import tr
from blocks.language.terminal import CommandParser, in_terminal_language
from blocks.look.answer import classify
from blocks.look.by_operation import operation_statistics


@in_terminal_language
def main(arguments: Sequence[str] | None = None, program: str = "python -m blocks look") -> int:
    """Run the command; returns the exit status: 0, or 2 with a sentence on standard error for bad input."""
    options, rest = _parser(program).parse_known_args(arguments)
    try:
        knobs = catalog.knobs_of_words(options.name, rest)
        found = classify(options.name, options.picture, options.weights, most=options.top, partly=options.partly, **knobs)
        inside = operation_statistics(options.name, options.picture, options.weights, partly=options.partly, **knobs) if options.json else []
    except KnobError as error:
        print(error, file=sys.stderr)
        return 2
    if options.json:
        rows = [{"index": c.index, "name": c.name, "probability": c.probability} for c in found.classes]
        said = {"network": options.name, "knobs": knobs, "classes": rows, "trained": len(found.fit.names), "seeded": len(found.fit.missing)}
        print(json.dumps(said | {"operations": inside}, indent=1))
        return 0
    if found.fit.missing:
        print(tr("{n} of {total} tensors are trained; the others are random, and so are the probabilities.", n=len(found.fit.names), total=found.fit.total))
    print("\n".join(f"{c.probability:>7.1%}  {c.name}" for c in found.classes))
    return 0


def _parser(program: str) -> argparse.ArgumentParser:
    parser = CommandParser(prog=program, description=tr("Classify a picture with trained weights. The network's knobs are options too."), allow_abbrev=False)
    parser.add_argument("name", help=tr("preset, such as efficientnet_lite0"))
    parser.add_argument("--picture", required=True, help=tr("a PNG, JPEG or WebP file"))
    parser.add_argument("--weights", required=True, help=tr("a .safetensors, .pth or .pt file, or lite0, which comes with a package"))
    parser.add_argument("--top", type=int, default=5, help=tr("how many classes to print (default: 5)"))
    parser.add_argument("--partly", action="store_true", help=tr("go on where some tensors do not fit: those stay random"))
    parser.add_argument("--json", action="store_true", help=tr("print JSON, with statistics of what every operation gives"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
