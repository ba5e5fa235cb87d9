"""``python -m blocks train resnet18 --width-mult 0.25 --data digits``: train a small network here, and keep its weights."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from blocks import catalog
from blocks.knobs import KnobError
from blocks.language import tr
from blocks.language.terminal import CommandParser, in_terminal_language
from blocks.trace.errors import TraceError
from blocks.train.bands import accuracy_bands
from blocks.train.data import load_samples
from blocks.train.run import EpochResult, Recipe, TrainingRun
from blocks.train.saving import read_checkpoint, save_checkpoint, save_weights

_MOST_RUNS = 20


@in_terminal_language
def main(arguments: Sequence[str] | None = None, program: str = "python -m blocks train") -> int:
    """Run the command; returns the exit status: 0, 2 with a sentence for bad input, 130 where the user has stopped it."""
    options, rest = _parser(program).parse_known_args(arguments)
    try:
        runs = _runs(options, catalog.knobs_of_words(options.name, rest))
        for run in runs:
            _train(run, options)
    except (KnobError, TraceError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print(tr("Stopped."), file=sys.stderr)
        return 130
    if options.json:
        print(json.dumps([_as_json(run) for run in runs], indent=1))
    elif len(runs) > 1:
        for band in accuracy_bands([run.results for run in runs]):
            print(
                tr(
                    "Pass {epoch} over {n} seeds: {low} to {high} right, middle {middle}.",
                    epoch=band.epoch + 1, n=len(runs), low=f"{band.low:.1%}", high=f"{band.high:.1%}", middle=f"{band.middle:.1%}",
                )
            )  # fmt: skip
    return 0


def _runs(options: argparse.Namespace, knobs: dict[str, object]) -> list[TrainingRun]:
    """A run per seed."""
    if not 1 <= options.seeds <= _MOST_RUNS:
        least, most = 1, _MOST_RUNS
        raise KnobError("seeds", options.seeds, f"must be from {least} to {most}", [min(max(options.seeds, least), most)])
    if options.seeds > 1 and (options.save or options.checkpoint):
        raise KnobError("seeds", options.seeds, "a file is kept of one run only", [1])
    samples = load_samples(options.data)
    recipe = Recipe(options.side, options.epochs, options.batch, options.lr, options.momentum, options.weight_decay, options.seed, options.device)
    return [TrainingRun(options.name, knobs, samples, replace(recipe, seed=recipe.seed + more)) for more in range(options.seeds)]


def _train(run: TrainingRun, options: argparse.Namespace) -> None:
    if options.checkpoint and Path(options.checkpoint).expanduser().exists():
        read_checkpoint(run, options.checkpoint)
    for result in run:
        if isinstance(result, EpochResult):
            if options.checkpoint:
                save_checkpoint(run, options.checkpoint)
            if not options.json:
                print(_sentence(run, result), flush=True)
    if options.save:
        save_weights(run, options.save)


def _sentence(run: TrainingRun, result: EpochResult) -> str:
    return tr(
        "seed {seed}, pass {epoch} of {epochs}: loss {loss}, right {right}; on the test part loss {test_loss}, right {test_right}",
        seed=run.recipe.seed, epoch=result.epoch + 1, epochs=run.recipe.epochs, loss=f"{result.train_loss:.4f}", right=f"{result.train_accuracy:.1%}",
        test_loss=f"{result.test_loss:.4f}", test_right=f"{result.test_accuracy:.1%}",
    )  # fmt: skip


def _as_json(run: TrainingRun) -> dict[str, object]:
    results = [{**result._asdict(), "layers": [layer._asdict() for layer in result.layers]} for result in run.results]
    return {"network": run.name, "knobs": run.knobs, "data": run.samples.name, "seed": run.recipe.seed, "passes": results}


def _parser(program: str) -> argparse.ArgumentParser:
    parser = CommandParser(prog=program, description=tr("Train a small network on small data. The network's knobs are options too."), allow_abbrev=False)
    usual = Recipe()
    parser.add_argument("name", help=tr("preset, such as resnet18"))
    parser.add_argument("--data", default="digits", help=tr("digits, shapes, or a folder with a folder of pictures per class (default: digits)"))
    parser.add_argument("--side", type=int, default=usual.side, help=tr("side of the pictures in pixels (default: {side})", side=usual.side))
    parser.add_argument("--epochs", type=int, default=usual.epochs, help=tr("passes over the data (default: {n})", n=usual.epochs))
    parser.add_argument("--batch", type=int, default=usual.batch, help=tr("pictures per step (default: {n})", n=usual.batch))
    parser.add_argument("--lr", type=float, default=usual.lr, help=tr("largest learning rate; it falls as a cosine (default: {lr})", lr=usual.lr))
    parser.add_argument("--momentum", type=float, default=usual.momentum, help=tr("momentum (default: {momentum})", momentum=usual.momentum))
    parser.add_argument("--weight-decay", type=float, default=usual.weight_decay, help=tr("weight decay (default: {decay})", decay=usual.weight_decay))
    parser.add_argument("--seed", type=int, default=usual.seed, help=tr("seed of the weights and of the order of the pictures (default: 0)"))
    parser.add_argument("--seeds", type=int, default=1, help=tr("how many runs, each with the next seed (default: 1)"))
    parser.add_argument("--device", default=usual.device, help=tr("cpu, cuda, or another device of torch (default: cpu)"))
    parser.add_argument("--save", metavar="FILE", help=tr("a .safetensors file for the trained weights"))
    parser.add_argument("--checkpoint", metavar="FILE", help=tr("a .pt file that is written after each pass, and gone on from where it exists"))
    parser.add_argument("--json", action="store_true", help=tr("print JSON"))
    return parser


if __name__ == "__main__":
    sys.exit(main())
