"""The command line: ``python -m blocks resnet50 --se-ratio 16`` prints headline figures and table; ``--json`` the same as JSON."""

from __future__ import annotations

import argparse
import importlib
import json
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any, NamedTuple

from blocks import Analysis, analyse, catalog
from blocks.catalog import opened
from blocks.checks.handler import check_by_name
from blocks.cost.check import Check
from blocks.cost.largest_batch import memory_bytes
from blocks.cost.recompute import RecomputePlan
from blocks.knobs import KnobError
from blocks.language import tr, translatable
from blocks.language.terminal import CommandParser, in_terminal_language, padded, printed_table
from blocks.trace.errors import TraceError

#: Words that stand before a network's name, and the module that does what they ask.
_COMMANDS = {"weights": "blocks.weights.__main__", "look": "blocks.look.__main__", "train": "blocks.train.__main__"}


@in_terminal_language
def main(arguments: Sequence[str] | None = None, program: str = "python -m blocks") -> int:
    """Run the command line; returns the exit status: 0, or 2 with a sentence on standard error for bad input."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words and words[0] in _COMMANDS:
        status: int = importlib.import_module(_COMMANDS[words[0]]).main(words[1:], f"{program} {words[0]}")
        return status
    options, rest = _parser(program).parse_known_args(words)
    if options.list:
        print("\n".join(catalog.search(options.name) if options.name else catalog.names()))
        return 0
    try:
        if options.name is None:
            raise KnobError("name", None, "say which network; --list shows all names")
        if re.search(r"\.pt2$|\.py:\w+(@[\d,]+)?$", options.name):
            (options.name,) = opened.announce([options.name])
        if options.recompute and not (options.training and options.memory):
            raise KnobError("recompute", True, "a plan needs --training, and --memory with the memory of the device, such as 16GiB")
        knobs = catalog.knobs_of_words(options.name, rest)
        shape = _shape(options, knobs)
        analysis = analyse(options.name, shape, dtype=options.dtype, training=options.training, symbolic=options.formulas, **knobs)
        checked = check_by_name(options.name, knobs, shape, options.training) if catalog.is_address(options.name) else None
        wanted = Wanted(options.formulas, options.optimizer, memory_bytes(options.memory) if options.memory else None, options.recompute, checked)
        said: str = json.dumps(as_json(analysis, wanted), indent=1) if options.json else as_text(analysis, wanted)
    except (KnobError, TraceError) as error:
        print(error, file=sys.stderr)
        return 2
    print(said)
    return 0


class Wanted(NamedTuple):
    """What is said beside the counts: ``formulas``, the ``optimizer`` of a training step, the largest batch for a ``memory`` in bytes, the blocks to
    ``recompute`` for it, and how far the count of a network that is not the catalog's was ``checked``."""

    formulas: bool = False
    optimizer: str = "adam"
    memory: int | None = None
    recompute: bool = False
    checked: Check | None = None


def _parser(program: str) -> argparse.ArgumentParser:
    parser = CommandParser(prog=program, description=tr("Count a network of the catalog. Its knobs are options too: --se-ratio 16."), allow_abbrev=False)
    parser.add_argument("name", nargs="?", help=tr("preset or block, such as resnet50; also net.py:Class, net.pt2, timm:NAME, torchvision:NAME"))
    parser.add_argument("--input", help=tr("input shape, such as 1,3,192,192 (default: the published one)"))
    parser.add_argument("--batch", type=int, help=tr("batch size (default: 1)"))
    parser.add_argument("--dtype", default="float32", help=tr("type of weights and activations, for the bytes"))
    parser.add_argument("--training", action="store_true", help=tr("trace in training mode"))
    parser.add_argument("--optimizer", default="adam", help=tr("of a training step: sgd, momentum, adam or adamw"))
    parser.add_argument("--memory", help=tr("memory of the device, such as 16GiB: says the largest batch that fits"))
    parser.add_argument("--recompute", action="store_true", help=tr("with --training and --memory: which blocks to checkpoint so that a step fits"))
    parser.add_argument("--formulas", action="store_true", help=tr("print the formulas as well"))
    parser.add_argument("--json", action="store_true", help=tr("print JSON"))
    parser.add_argument("--list", action="store_true", help=tr("print the names (those that mention NAME, if given)"))
    return parser


def _shape(options: argparse.Namespace, knobs: dict[str, object]) -> tuple[int, ...]:
    shape = list(catalog.input_shape(options.name, **knobs))
    if options.input:
        try:
            shape = [int(part) for part in options.input.split(",")]
        except ValueError:
            raise KnobError("input", options.input, "must be whole numbers such as 1,3,224,224", [",".join(map(str, shape))]) from None
    if options.batch is not None:
        shape[0] = options.batch
    return tuple(shape)


_COUNTS = Wanted()
_LABELS = {
    "params": translatable("parameters"),
    "macs": translatable("MACs"),
    "flops": translatable("FLOPs"),
    "bytes_moved": translatable("bytes moved"),
    "peak_memory": translatable("peak activation memory (bytes)"),
    "saved_memory": translatable("saved for the backward pass (bytes)"),
}
_BACKWARD = {"backward_macs": translatable("MACs of the backward pass"), "backward_flops": translatable("FLOPs of the backward pass")}
_FORMULAS = ("params", "macs", "flops", "saved_memory", "peak_memory")
_STEP = {
    "weights": translatable("weights (bytes)"),
    "buffers": translatable("buffers (bytes)"),
    "gradients": translatable("gradients (bytes)"),
    "optimizer_state": translatable("optimizer state (bytes)"),
    "peak": translatable("peak of a training step (bytes)"),
}


def as_json(analysis: Analysis, wanted: Wanted = _COUNTS) -> dict[str, object]:
    """Everything that the text says, as plain data."""
    made: dict[str, object] = {
        "name": analysis.name,
        "knobs": dict(analysis.knobs or {}),
        "input": list(analysis.input_shape),
        "output": list(analysis.output_shape),
    }
    made |= {"dtype": analysis.dtype, "training": analysis.training} | {figure: getattr(analysis, figure) for figure in _LABELS}
    made["not_counted"] = [str(u) for u in analysis.not_counted]
    if wanted.checked is not None:
        made["check"] = wanted.checked.as_json()
    made |= {"trainable_params": analysis.trainable_params, "unused_parameters": list(analysis.unused_parameters)}
    made |= {figure: getattr(analysis, figure) for figure in _BACKWARD}
    if analysis.training:
        step = analysis.training_memory(wanted.optimizer)
        made["training_memory"] = {"optimizer": step.optimizer, **{part: getattr(step, part) for part in _STEP}, "where": step.where}
    if wanted.memory is not None:
        made["largest_batch"] = analysis.largest_batch(wanted.memory, optimizer=wanted.optimizer)._asdict()
    if wanted.recompute and wanted.memory is not None:
        made["recompute_plan"] = asdict(analysis.recompute_plan(wanted.memory, wanted.optimizer))
    if wanted.formulas:
        made["formulas"] = {
            of: {"expr": str(f.expr), "where": {str(k): str(v) for k, v in f.where.items()}, "latex": f.latex()} for of, f in _formulas(analysis).items()
        }
    made["table"] = analysis.table.to_dict(orient="records")
    return made


def _formulas(analysis: Analysis) -> dict[str, Any]:
    model = catalog.entry(analysis.name).kind == "model"
    return {of: analysis.formula(of).of_sizes() if model else analysis.formula(of) for of in _FORMULAS}


def as_text(analysis: Analysis, wanted: Wanted = _COUNTS) -> str:
    """Headline figures, formulas if wanted, and the table."""
    labels = {figure: tr(said) for figure, said in _LABELS.items()}
    lines = [f"{analysis.name}  {'×'.join(map(str, analysis.input_shape))} -> {'×'.join(map(str, analysis.output_shape))}  {analysis.dtype}"]
    lines += [_line(labels[figure], getattr(analysis, figure)) for figure in _LABELS]
    lines += _memory_lines(analysis, wanted)
    if wanted.formulas:
        for of, formula in _formulas(analysis).items():
            lines.append(f"  {labels[of]} = {formula.expr}" + "".join(f", {k} = {v}" for k, v in formula.where.items()))
    if analysis.not_counted:
        lines.append("  " + tr("not counted: {operations}", operations="; ".join(map(str, analysis.not_counted))))
    lines += [f"  {said}" for said in [*(wanted.checked.sentences() if wanted.checked is not None else []), *analysis.notes]]
    columns = ["module", "op", "setting", "output", "params", "macs", "flops", "bytes"]
    return "\n".join([*lines, "", printed_table(analysis.table[columns])])


def _line(label: str, value: int) -> str:
    return f"  {padded(label, 36)}{value:>20,}"


def _memory_lines(analysis: Analysis, wanted: Wanted) -> list[str]:
    """The memory of a training step, where the trace is one of training, and the largest batch, where a memory is given."""
    lines: list[str] = []
    if analysis.training:
        step = analysis.training_memory(wanted.optimizer)
        lines += [_line(tr(label), getattr(analysis, figure)) for figure, label in _BACKWARD.items()]
        lines += [_line(tr(label), getattr(step, part)) for part, label in _STEP.items()]
        lines.append("  " + tr("the peak of a step with {optimizer} is met at: {where}", optimizer=step.optimizer, where=step.where))
    if wanted.memory is not None:
        found = analysis.largest_batch(wanted.memory, optimizer=wanted.optimizer)
        if not found.batch:
            lines.append("  " + tr("largest batch that fits: none; the smallest needs {needed} bytes", needed=f"{found.next_needed:,}"))
        elif found.next_needed is None:
            lines.append("  " + tr("largest batch that fits: {batch} or more, {needed} bytes", batch=found.batch, needed=f"{found.needed:,}"))
        else:
            text = tr(
                "largest batch that fits: {batch}, {needed} bytes; one more needs {more}",
                batch=found.batch,
                needed=f"{found.needed:,}",
                more=f"{found.next_needed:,}",
            )
            lines.append("  " + text)
    if wanted.recompute and wanted.memory is not None:
        lines += _plan_lines(analysis.recompute_plan(wanted.memory, wanted.optimizer))
    return lines


def _plan_lines(plan: RecomputePlan) -> list[str]:
    """The blocks to checkpoint, one a line."""
    if not plan.blocks:
        return ["  " + tr("recompute: nothing; a step of {peak} bytes fits as it is", peak=f"{plan.peak:,}")]
    said = tr(
        "recompute {n} blocks: a step then needs {peak} bytes and saves {saved}, for {flops} more FLOPs:",
        n=len(plan.blocks), peak=f"{plan.peak:,}", saved=f"{plan.saved:,}", flops=f"{plan.extra_flops:,}",
    )  # fmt: skip
    return ["  " + said, *(f"    {path}" for path in plan.blocks)]


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:  # the reader (head, less) has seen enough
        sys.stderr.close()
        sys.exit(0)
