"""The command line: ``python -m blocks resnet50 --se-ratio 16`` prints headline figures and table; ``--json`` the same as JSON."""

from __future__ import annotations

import argparse
import json
import re
import sys
from collections.abc import Sequence
from typing import Any

from blocks import Analysis, analyse, catalog
from blocks.catalog import opened
from blocks.knobs import KnobError, unknown_knob
from blocks.language import tr, translatable
from blocks.language.terminal import CommandParser, in_terminal_language, padded, printed_table
from blocks.trace.errors import TraceError


@in_terminal_language
def main(arguments: Sequence[str] | None = None, program: str = "python -m blocks") -> int:
    """Run the command line; returns the exit status: 0, or 2 with a sentence on standard error for bad input."""
    options, rest = _parser(program).parse_known_args(arguments)
    if options.list:
        print("\n".join(catalog.search(options.name) if options.name else catalog.names()))
        return 0
    try:
        if options.name is None:
            raise KnobError("name", None, "say which network; --list shows all names")
        if re.search(r"\.pt2$|\.py:\w+(@[\d,]+)?$", options.name):
            (options.name,) = opened.announce([options.name])
        knobs = _knobs(options.name, rest)
        shape = _shape(options, knobs)
        analysis = analyse(options.name, shape, dtype=options.dtype, training=options.training, symbolic=options.formulas, **knobs)
    except (KnobError, TraceError) as error:
        print(error, file=sys.stderr)
        return 2
    print(json.dumps(as_json(analysis, options.formulas), indent=1) if options.json else as_text(analysis, options.formulas))
    return 0


def _parser(program: str) -> argparse.ArgumentParser:
    parser = CommandParser(prog=program, description=tr("Count a network of the catalog. Its knobs are options too: --se-ratio 16."), allow_abbrev=False)
    parser.add_argument("name", nargs="?", help=tr("preset or block, such as resnet50; also net.py:Class, net.pt2, timm:NAME, torchvision:NAME"))
    parser.add_argument("--input", help=tr("input shape, such as 1,3,192,192 (default: the published one)"))
    parser.add_argument("--batch", type=int, help=tr("batch size (default: 1)"))
    parser.add_argument("--dtype", default="float32", help=tr("type of weights and activations, for the bytes"))
    parser.add_argument("--training", action="store_true", help=tr("trace in training mode"))
    parser.add_argument("--formulas", action="store_true", help=tr("print the formulas as well"))
    parser.add_argument("--json", action="store_true", help=tr("print JSON"))
    parser.add_argument("--list", action="store_true", help=tr("print the names (those that mention NAME, if given)"))
    return parser


def _knobs(name: str, rest: Sequence[str]) -> dict[str, Any]:
    """Knob values from what is left of the command line: ``--se-ratio 16`` or ``--se-ratio=16``."""
    known = {k.name: k for k in catalog.knobs(name)}
    given: dict[str, Any] = {}
    words = list(rest)
    while words:
        word = words.pop(0)
        option, equals, text = word.partition("=")
        knob = option.removeprefix("--").replace("-", "_")
        if not option.startswith("--") or knob not in known:
            raise unknown_knob(name, knob, text if equals else (words[0] if words else ""), known)
        if not equals:
            if not words or (words[0].startswith("--")):
                raise KnobError(knob, None, "needs a value", [known[knob].default])
            text = words.pop(0)
        given[knob] = known[knob].parse(text)
    return given


def _shape(options: argparse.Namespace, knobs: dict[str, Any]) -> tuple[int, ...]:
    shape = list(catalog.input_shape(options.name, **knobs))
    if options.input:
        try:
            shape = [int(part) for part in options.input.split(",")]
        except ValueError:
            raise KnobError("input", options.input, "must be whole numbers such as 1,3,224,224", [",".join(map(str, shape))]) from None
    if options.batch is not None:
        shape[0] = options.batch
    return tuple(shape)


_LABELS = {
    "params": translatable("parameters"),
    "macs": translatable("MACs"),
    "flops": translatable("FLOPs"),
    "bytes_moved": translatable("bytes moved"),
    "peak_memory": translatable("peak activation memory (bytes)"),
}


def as_json(analysis: Analysis, formulas: bool = False) -> dict[str, Any]:
    """Everything that the text says, as plain data."""
    made: dict[str, Any] = {
        "name": analysis.name,
        "knobs": dict(analysis.knobs or {}),
        "input": list(analysis.input_shape),
        "output": list(analysis.output_shape),
    }
    made |= {"dtype": analysis.dtype, "training": analysis.training} | {figure: getattr(analysis, figure) for figure in _LABELS}
    made["not_counted"] = [str(u) for u in analysis.not_counted]
    made |= {"trainable_params": analysis.trainable_params, "unused_parameters": list(analysis.unused_parameters), "saved_memory": analysis.saved_memory}
    if formulas:
        made["formulas"] = {
            of: {"expr": str(f.expr), "where": {str(k): str(v) for k, v in f.where.items()}, "latex": f.latex()} for of, f in _formulas(analysis).items()
        }
    made["table"] = analysis.table.to_dict(orient="records")
    return made


def _formulas(analysis: Analysis) -> dict[str, Any]:
    model = catalog.entry(analysis.name).kind == "model"
    return {of: analysis.formula(of).of_sizes() if model else analysis.formula(of) for of in ("params", "macs", "flops")}


def as_text(analysis: Analysis, formulas: bool = False) -> str:
    """Headline figures, formulas if wanted, and the table."""
    labels = {figure: tr(said) for figure, said in _LABELS.items()}
    lines = [f"{analysis.name}  {'×'.join(map(str, analysis.input_shape))} -> {'×'.join(map(str, analysis.output_shape))}  {analysis.dtype}"]
    lines += [f"  {padded(labels[figure], 32)}{getattr(analysis, figure):>20,}" for figure in _LABELS]
    if formulas:
        for of, formula in _formulas(analysis).items():
            lines.append(f"  {labels[of]} = {formula.expr}" + "".join(f", {k} = {v}" for k, v in formula.where.items()))
    if analysis.not_counted:
        lines.append("  " + tr("not counted: {operations}", operations="; ".join(map(str, analysis.not_counted))))
    lines += [f"  {note}" for note in analysis.notes]
    columns = ["module", "op", "setting", "output", "params", "macs", "flops", "bytes"]
    return "\n".join([*lines, "", printed_table(analysis.table[columns])])


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:  # the reader (head, less) has seen enough
        sys.stderr.close()
        sys.exit(0)
