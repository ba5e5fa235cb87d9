"""``python -m blocks weights resnet50 --check FILE``: which tensors of a file fit a network of the catalog."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence

from blocks import catalog
from blocks.knobs import KnobError
from blocks.language import retell, tr
from blocks.language.terminal import CommandParser, in_terminal_language
from blocks.trace.errors import TraceError
from blocks.weights.bundled import weights_path
from blocks.weights.fit import WeightFit
from blocks.weights.load import fitted_network, misfits_sentence
from blocks.weights.original import against_original
from blocks.weights.read import read_weights


@in_terminal_language
def main(arguments: Sequence[str] | None = None, program: str = "python -m blocks weights") -> int:
    """Run the command; returns the exit status: 0 where every tensor has its place, 1 where not, 2 with a sentence for bad input."""
    options, rest = _parser(program).parse_known_args(arguments)
    try:
        catalog.entry(options.name)
        knobs = catalog.knobs_of_words(options.name, rest)
        difference = None
        if catalog.is_address(options.check):
            fit, difference = against_original(options.name, options.check, knobs)
        else:
            _, fit = fitted_network(options.name, read_weights(weights_path(options.check)), knobs)
    except (KnobError, TraceError) as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(fit_as_json(fit, difference), indent=1) if options.json else "\n".join(fit_sentences(fit, options.name, difference)))
    return 0 if fit.whole else 1


def _parser(program: str) -> argparse.ArgumentParser:
    parser = CommandParser(
        prog=program, description=tr("Hold trained weights against a network of the catalog. Its knobs are options too."), allow_abbrev=False
    )
    parser.add_argument("name", help=tr("preset, such as resnet50"))
    parser.add_argument(
        "--check", required=True, metavar="FILE", help=tr("a .safetensors, .pth or .pt file, lite0, or another implementation such as torchvision:resnet50")
    )
    parser.add_argument("--json", action="store_true", help=tr("print JSON"))
    return parser


def fit_sentences(fit: WeightFit, name: str, difference: float | None) -> list[str]:
    """What was found, as text."""
    way = {"names": tr("by their names"), "order": tr("by shape, in order"), "trace": tr("by walking both networks' traces")}[fit.way]
    said = [tr("{n} of {total} tensors of {name} fit, found {way}.", n=len(fit.names), total=fit.total, name=name, way=way)]
    if fit.missing:
        said.append(tr("The file {sentence}.", sentence=retell(misfits_sentence(fit, name, most=10))))
    if fit.unused:
        said.append(tr("Unused in the file: {names}.", names=", ".join(fit.unused[:10]) + (" …" if len(fit.unused) > 10 else "")))
    if difference is not None:
        said.append(tr("The same weights in both give outputs that differ by {difference} of the largest.", difference=f"{difference:.2g}"))
    return said


def fit_as_json(fit: WeightFit, difference: float | None) -> dict[str, object]:
    """What was found, for a program: ``names`` gives the file's name for each of ours."""
    return {
        "way": fit.way,
        "whole": fit.whole,
        "names": dict(fit.names),
        "missing": [m._asdict() for m in fit.missing],
        "unused": list(fit.unused),
        "difference": difference,
    }


if __name__ == "__main__":
    sys.exit(main())
