"""The latency lab from a terminal: ``python -m blocks.latency measure resnet50,se_ratio=16 --batch 8``; ``--help`` lists the rest."""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from blocks import analyse
from blocks.analysis import Analysis
from blocks.knobs import KnobError
from blocks.language import retell, tr, translatable
from blocks.language.terminal import CommandParser, in_terminal_language, printed_table
from blocks.latency import lab, terminal
from blocks.latency.devices.pasted import probes_of_file
from blocks.latency.devices.prediction import known_devices, predict_known, predict_probed
from blocks.latency.devices.tables import DEVICE_TABLES
from blocks.latency.devices.words import devices_text, estimate_json, estimate_text, sheet_text
from blocks.latency.measure.experiment import CHOICES, Experiment, Limits, names_file
from blocks.latency.measure.traced import trace_of
from blocks.latency.roofline.data_sheet import sheet_estimate, sheet_machine
from blocks.latency.roofline.known_machines import all_machines, machine
from blocks.latency.store.ledger import ledger
from blocks.latency.store.queries import Filter, LedgerError, as_csv, as_parquet
from blocks.latency.sweeps import sweep
from blocks.trace.errors import TraceError

_NETWORK_HELP = translatable("a name of the catalog with knobs (resnet50,se_ratio=16), path.py:Class with its arguments, or path.pt2")


class Failed(Exception):
    """A job ended without a result; the message says why."""


@in_terminal_language
def main(arguments: Sequence[str] | None = None, program: str = "python -m blocks.latency") -> int:
    """Run one command; returns the exit status: 0, 1 where a job failed, 2 with a sentence on standard error for what cannot be asked."""
    options = _parser(program).parse_args(arguments)
    try:
        print(options.run(options))
    except (KnobError, TraceError, LedgerError) as error:
        print(error, file=sys.stderr)
        return 2
    except Failed as error:
        print(error, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(tr("Cancelled."), file=sys.stderr)
        return 130
    return 0


# --- Commands --------------------------------------------------------------------------------------


def _experiment(words: str, o: argparse.Namespace) -> Experiment:
    name, knobs = terminal.network_of(words)
    shape = terminal.network_input_shape(name, knobs, terminal.whole_numbers(o.input, "input") if o.input else None, o.batch)
    return Experiment(
        name,
        tuple(knobs.items()),
        shape,
        o.device,
        o.dtype,
        o.mode,
        o.quantity,
        o.cache,
        o.clock,
        o.compile,
        o.channels_last,
        o.threads,
        o.processes,
        _limits(o),
    )


def _limits(o: argparse.Namespace) -> Limits:
    return Limits(target=o.target / 100, max_seconds=o.seconds, job_seconds=max(180.0, 6 * o.seconds * o.processes), memory_mb=o.memory_mb)


def _finished(job: str, quiet: bool) -> object:
    """Wait for a job, saying how it stands on standard error where that is a terminal; cancel it on Ctrl-C."""
    shown = sys.stderr.isatty() and not quiet
    try:
        while not (status := lab.wait(job, 0.5)).over:
            if shown:
                print(f"\r\033[K{terminal.status_line(status)}", end="", file=sys.stderr, flush=True)
    except KeyboardInterrupt:
        lab.cancel(job)
        lab.wait(job, 2)
        raise
    finally:
        if shown:
            print("\r\033[K", end="", file=sys.stderr)
    if status.state != "done":
        raise Failed(retell(status.message) or tr(status.state))
    if status.message:
        print(retell(status.message), file=sys.stderr)
    return lab.result(job)


def _out(o: argparse.Namespace, job: str, text: Callable[[Any], str]) -> str:
    result = _finished(job, o.json)
    return json.dumps(lab.reply(job), indent=1) if o.json else text(result)


def _measure(o: argparse.Namespace) -> str:
    return "\n".join(_out(o, lab.submit(_experiment(words, o)), terminal.measurement_text) for words in o.networks)


def _compare(o: argparse.Namespace) -> str:
    return _out(o, lab.compare([_experiment(words, o) for words in o.networks]), terminal.comparison_text)


def _profile(o: argparse.Namespace) -> str:
    experiment = _experiment(o.network, o)
    return _out(o, lab.profile(experiment), lambda found: terminal.profile_text(found, trace_of(experiment), o.rows))


def _probe(o: argparse.Namespace) -> str:
    return _out(o, lab.probe(o.device, threads=o.threads), lambda found: terminal.machines_text([found.as_machine()]))


def _machines(_: argparse.Namespace) -> str:
    return terminal.machines_text(all_machines())


def _roofline(o: argparse.Namespace) -> str:
    known = all_machines()
    return terminal.roofline_text(_analysis(o), machine(o.machine) if o.machine else known[0], known, o.dtype, o.rows)


def _predict(o: argparse.Namespace) -> str:
    name, knobs = terminal.network_of(o.network)
    if names_file(name):
        raise KnobError("network", name, "must be a name of the catalog")
    if o.sheet:
        if o.device or o.probe or o.probes:
            raise KnobError("sheet", o.sheet, "a data sheet stands alone, without a device and probes")
        on_sheet = sheet_estimate(sheet_machine(o.sheet), name, knobs)
        return json.dumps({"kind": "estimated", "unit": "pictures/s", "level": 0.9} | asdict(on_sheet), indent=1) if o.json else sheet_text(on_sheet)
    settings: dict[str, str] = dict(terminal.pair(text, "setting", "threads=4") for text in o.setting)
    probes: dict[str, object] = probes_of_file(Path(o.probes), o.table or DEVICE_TABLES[0]) if o.probes else {}
    probes.update(terminal.pair(text, "probe", "mobilenet_v2=12.3") for text in o.probe)
    if bool(o.device) == bool(probes):
        raise KnobError("device", o.device, "say a known device or the times of probes, one of the two", ["--probe mobilenet_v2=12.3"])
    if o.device:
        found = predict_known(o.device, name, knobs, settings=settings, precision=o.precision, table=o.table)
    else:
        found = predict_probed(probes, name, knobs, settings=settings, precision=o.precision, table=o.table or DEVICE_TABLES[0])
    return estimate_json(found) if o.json else estimate_text(found)


def _devices(o: argparse.Namespace) -> str:
    rows = known_devices(" ".join(o.text))
    return rows.to_json(orient="records", indent=1, force_ascii=False) if o.json else devices_text(rows)


def _analysis(o: argparse.Namespace) -> Analysis:
    name, knobs = terminal.network_of(o.network)
    shape = terminal.network_input_shape(name, knobs, terminal.whole_numbers(o.input, "input") if o.input else None, o.batch)
    if names_file(name):
        return trace_of(Experiment(name, tuple(knobs.items()), shape))
    return analyse(name, shape, dtype="float32", **knobs)


def _sweep(o: argparse.Namespace) -> str:
    if o.list:
        return printed_table(sweep.known_sweeps())
    if o.resume:
        sweep.resume_sweep(o.resume, again=o.again)
        return _swept(o.resume, o)
    if not o.networks:
        raise KnobError("networks", None, "say what to measure, or --list or --resume ID", ["mobilenet_v2 --vary width_mult=0.5,1"])
    base = Experiment(
        o.networks[0], (), None, o.device, "float32", o.mode, o.quantity, o.cache, o.clock, o.compile, o.channels_last, o.threads, o.processes, _limits(o)
    )
    return _swept(sweep.start_sweep(terminal.grid_of(o.networks, o.vary, o.batches, o.dtypes, base), cluster=o.cluster), o)


def _swept(identity: str, o: argparse.Namespace) -> str:
    shown = sys.stderr.isatty()
    try:
        while (progress := sweep.sweep_progress(identity)).state == "running":
            if shown:
                said = tr("{done} of {total} done", done=progress.done, total=progress.total)
                if progress.left is not None:
                    said = tr("{said}, about {seconds} s left", said=said, seconds=f"{progress.left:.0f}")
                print(f"\r\033[K{said}", end="", file=sys.stderr, flush=True)
            time.sleep(0.3)
    except KeyboardInterrupt:
        sweep.pause_sweep(identity)
        sweep.wait_for_sweep(identity, 10)
        print("\n" + tr("Paused; go on with: {command}", command=f"python -m blocks.latency sweep --resume {identity}"), file=sys.stderr)
        raise
    if shown:
        print("\r\033[K", end="", file=sys.stderr)
    if progress.state == "failed":
        raise Failed(retell(progress.message))
    return progress.table.to_json(orient="records", indent=1) if o.json else terminal.sweep_text(progress)


def _filter(o: argparse.Namespace) -> Filter:
    return Filter(text=o.text or "", kinds=tuple(o.kind or ()), dtypes=tuple(o.only_dtype or ()), limit=o.limit)


def _ledger_list(o: argparse.Namespace) -> str:
    return terminal.ledger_text(ledger().rows(_filter(o)))


def _ledger_show(o: argparse.Namespace) -> str:
    found = ledger().payload(o.id)
    if found is None:
        raise KnobError("id", o.id, "is not in the ledger; `ledger list` shows the ids")
    return json.dumps(found, indent=1)


def _ledger_export(o: argparse.Namespace) -> str:
    path = Path(o.file)
    forms = {".csv": as_csv, ".parquet": as_parquet}
    if path.suffix not in forms:
        raise KnobError("file", o.file, "must end in .csv or .parquet", [f"{path.stem or 'ledger'}.csv"])
    rows = ledger().rows(_filter(o))
    try:
        path.write_bytes(forms[path.suffix](rows))
    except OSError as error:
        raise KnobError("file", o.file, f"cannot be written: {error.strerror}") from None
    return tr("{n} results in {file}", n=len(rows), file=path)


def _ledger_delete(o: argparse.Namespace) -> str:
    if not o.yes:
        raise KnobError("yes", False, f"deleting {len(o.ids)} result(s) cannot be undone; add --yes")
    return tr("{n} deleted", n=ledger().delete(o.ids))


# --- Options ---------------------------------------------------------------------------------------


def _parser(program: str) -> argparse.ArgumentParser:
    parser = CommandParser(prog=program, description=tr("Measure, compare, profile, sweep and estimate the latency of networks."))
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _command(commands, "measure", tr("measure each network separately"), _measure, "networks")
    _command(commands, "compare", tr("compare networks with the first one, in interleaved rounds"), _compare, "networks")
    _command(commands, "profile", tr("the time of each operation"), _profile, "network").add_argument(
        "--rows", type=int, default=20, help=tr("operations to list")
    )
    probe = _command(commands, "probe", tr("run microbenchmarks: this device's peaks and efficiencies, for roofline and estimates"), _probe, "")
    probe.description = tr("Half a minute of matrix products, copies, single operations and six networks; kept in the ledger.")
    commands.add_parser("machines", help=tr("the table of machines")).set_defaults(run=_machines)
    roofline = commands.add_parser("roofline", help=tr("a network under a machine's roof, and its estimate on every machine"))
    roofline.add_argument("network", help=tr(_NETWORK_HELP))
    roofline.add_argument("--machine", help=tr("a name of `machines` (default: this device if it was probed)"))
    roofline.add_argument("--dtype", choices=[d for d in CHOICES["dtype"] if d != "autocast"])
    roofline.add_argument("--rows", type=int, default=20, help=tr("operations to list"))
    _input_options(roofline)
    roofline.set_defaults(run=_roofline)
    _device_options(commands)
    _sweep_options(commands)
    _ledger_options(commands)
    return parser


def _device_options(commands: Any) -> None:
    made = commands.add_parser("predict", help=tr("estimate a network on a published device, or on any from a few timed networks"))
    made.add_argument("network", help=tr("a name of the catalog with knobs (resnet50,se_ratio=16)"))
    made.add_argument("--device", help=tr("words of the name of a device that `devices` lists"))
    made.add_argument("--probe", action="append", default=[], metavar="NETWORK=MS", help=tr("a time measured on the device, in milliseconds; repeat for more"))
    made.add_argument(
        "--probes",
        metavar="FILE",
        help=tr("a file of such times: a CSV with the columns network and ms, or the output of benchncnn, trtexec or timm's benchmark.py at batch 1"),
    )
    made.add_argument(
        "--sheet",
        metavar="NAME=VALUE,...",
        help=tr("a GPU's data sheet: float16 and float32 in dense TFLOPS and bandwidth in GB/s, such as float16=165,float32=82.6,bandwidth=1008"),
    )
    made.add_argument(
        "--setting", action="append", default=[], metavar="NAME=VALUE", help=tr("of the run, such as threads=4, gpu=yes or runtime=onnx; repeat for more")
    )
    made.add_argument("--table", choices=DEVICE_TABLES, help=tr("published table whose devices are compared with (default with probes: ncnn)"))
    made.add_argument("--precision", default="float", choices=["float", "int8"])
    made.add_argument("--json", action="store_true", help=tr("print everything that is known, as JSON"))
    made.set_defaults(run=_predict)
    listed = commands.add_parser("devices", help=tr("the devices of the published tables"))
    listed.add_argument("text", nargs="*", help=tr("words of a device's name"))
    listed.add_argument("--json", action="store_true", help=tr("print everything that is known, as JSON"))
    listed.set_defaults(run=_devices)


def _command(commands: Any, name: str, words: str, run: Callable[[argparse.Namespace], str], networks: str) -> argparse.ArgumentParser:
    made: argparse.ArgumentParser = commands.add_parser(name, help=words)
    if networks:
        made.add_argument(networks, nargs="+" if networks == "networks" else None, help=tr(_NETWORK_HELP))
        _input_options(made)
        made.add_argument("--dtype", choices=CHOICES["dtype"], default="float32")
    _condition_options(made)
    made.set_defaults(run=run)
    return made


def _input_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--input", help=tr("shape such as 1,3,192,192 (default: the published one)"))
    parser.add_argument("--batch", type=int, help=tr("images per pass (default: 1)"))


def _condition_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--device", default=lab.devices()[0].device, help=tr("one of {devices} (default: the first)", devices=", ".join(d.device for d in lab.devices()))
    )
    for name in ("mode", "quantity", "cache", "clock", "compile"):
        words = "; ".join(f"{value}: {tr(text)}" for value, text in CHOICES[name].items())
        parser.add_argument(f"--{name}", choices=CHOICES[name], default=next(iter(CHOICES[name])), help=words.replace("%", "%%"))
    parser.add_argument("--channels-last", action="store_true", help=tr("memory laid out as (B, H, W, C)"))
    parser.add_argument("--threads", type=int, help=tr("of the processor (default: torch's)"))
    parser.add_argument("--processes", type=int, default=1, help=tr("repeat in so many fresh processes, for the spread between them"))
    parser.add_argument("--seconds", type=float, default=20.0, help=tr("of measuring at most (default: 20)"))
    parser.add_argument("--target", type=float, default=2.0, help=tr("per cent of half-width at which a measurement has converged (default: 2)"))
    parser.add_argument("--memory-mb", type=int, help=tr("memory that a job may use (default: 80 %% of what is free)"))
    parser.add_argument("--json", action="store_true", help=tr("print everything that is known, as JSON"))


def _sweep_options(commands: Any) -> None:
    made = commands.add_parser("sweep", help=tr("a grid of knobs, batches and types; can be paused (Ctrl-C) and resumed"))
    made.add_argument("networks", nargs="*", help=tr("names of the catalog"))
    made.add_argument("--vary", action="append", default=[], metavar="KNOB=V1,V2", help=tr("values of a knob; repeat for more knobs"))
    made.add_argument("--batches", default="1", help=tr("such as 1,8,32"))
    made.add_argument("--dtypes", default="float32", help=tr("such as float32,bfloat16"))
    made.add_argument("--cluster", help=tr("address of a Ray cluster, or auto (default: EXPLORER_RAY_ADDRESS, else this machine)"))
    made.add_argument("--list", action="store_true", help=tr("the sweeps that the ledger knows"))
    made.add_argument("--resume", metavar="ID", help=tr("go on with a sweep"))
    made.add_argument("--again", action="store_true", help=tr("with --resume: try again what failed"))
    _condition_options(made)
    made.set_defaults(run=_sweep)


def _ledger_options(commands: Any) -> None:
    actions = commands.add_parser("ledger", help=tr("list, show, export or delete results")).add_subparsers(required=True, metavar="ACTION")
    for name, words, run in (("list", tr("newest first"), _ledger_list), ("export", tr("as a .csv or .parquet file"), _ledger_export)):
        made = actions.add_parser(name, help=words)
        if name == "export":
            made.add_argument("file", help=tr("where to write"))
        made.add_argument("--text", help=tr("part of a network's name or of a note"))
        made.add_argument("--kind", action="append", choices=["measure", "compare", "profile", "probe"], help=tr("only such results; may be repeated"))
        made.add_argument("--only-dtype", action="append", choices=CHOICES["dtype"], help=tr("only this type; may be repeated"))
        made.add_argument("--limit", type=int, default=100 if name == "list" else 1_000_000, help=tr("maximum number of results"))
        made.set_defaults(run=run)
    show = actions.add_parser("show", help=tr("everything that was reported of one result, as JSON"))
    show.add_argument("id")
    show.set_defaults(run=_ledger_show)
    gone = actions.add_parser("delete", help=tr("delete results by id"))
    gone.add_argument("ids", nargs="+")
    gone.add_argument("--yes", action="store_true", help=tr("delete without asking again"))
    gone.set_defaults(run=_ledger_delete)


if __name__ == "__main__":
    try:
        sys.exit(main())
    except BrokenPipeError:  # the reader (head, less) has seen enough
        sys.stderr.close()
        sys.exit(0)
