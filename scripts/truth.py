"""``make truth``: every network of five libraries, run by torch and traced by us; a table of how many agree, and why the others do not.

MACs are held against torch's counter, parameters against ``numel``, shapes of the outputs against torch's. Each network has a process of its
own with a limit of time and memory. Results are kept as they come, a JSON line each; ``--resume`` goes on where a run ended.

    python -m scripts.truth --per-collection 40 --collection timm --collection torchvision
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import re
import resource
import time
import warnings
from collections import Counter, defaultdict
from collections.abc import Sequence
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import torch
from torch import nn

from blocks import analyse
from scripts.truth_check import MEMORY, held_against, real_run
from scripts.truth_networks import COLLECTIONS

STATES = ("right", "wrong", "refused", "unclear")
_NOT_RUN = "does not run"


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--collection", action="append", choices=list(COLLECTIONS), help="one collection; may be repeated (default: all)")
    parser.add_argument("--per-collection", type=int, default=0, metavar="N", help="networks per collection, evenly picked from its list (default: all)")
    parser.add_argument("--name", help="only names that contain this")
    parser.add_argument("--seconds", type=float, default=120.0, help="limit for one network (default: %(default)g)")
    parser.add_argument("--gigabytes", type=float, default=8.0, help="limit for one network (default: %(default)g)")
    parser.add_argument("--memory", type=int, default=0, metavar="N", help="for N networks per collection: our memory figures over torch's real ones")
    parser.add_argument("--out", type=Path, default=Path("build/truth.jsonl"), help="the results, a line each (default: %(default)s)")
    parser.add_argument("--resume", action="store_true", help="leave out what the results hold already")
    parser.add_argument("--table", action="store_true", help="only print the table of the results")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    torch.set_num_threads(1)
    analyse(nn.Sequential(nn.Linear(2, 2), nn.Identity()), (1, 2))  # what a first trace imports is then there for every network's process
    found = _read(options.out) if options.resume or options.table else []
    if not options.table:
        options.out.parent.mkdir(parents=True, exist_ok=True)
        with options.out.open("a" if options.resume else "w", encoding="utf-8") as kept:
            for collection in options.collection or COLLECTIONS:
                for record in run_collection(collection, options, {r["name"] for r in found if r["collection"] == collection}):
                    kept.write(json.dumps(record) + "\n")
                    kept.flush()
                    found.append(record)
    print(truth_table(found))


def _read(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()] if path.exists() else []


def run_collection(collection: str, options: Any, done: set[str]) -> Any:
    """A record for each network as it is checked."""
    names = evenly([n for n in COLLECTIONS[collection].names() if not options.name or options.name in n], options.per_collection)
    measured = set(evenly(names, options.memory)) if options.memory else set()
    for name in names:
        if name in done:
            continue
        begun = time.monotonic()
        record = {"collection": collection, "name": name} | _in_process(collection, name, name in measured, options.seconds, options.gigabytes)
        record["seconds"] = round(time.monotonic() - begun, 1)
        if record["status"] not in ("right", _NOT_RUN):
            print(f"{collection} {name}: {record['status']}: {record['reason'][:300]}", flush=True)
        yield record


def evenly(names: Sequence[str], count: int) -> list[str]:
    """``count`` of the names, from all over the list; all where ``count`` is 0."""
    if not count or count >= len(names):
        return list(names)
    return [names[i * len(names) // count] for i in range(count)]


def _in_process(collection: str, name: str, memory: bool, seconds: float, gigabytes: float) -> dict[str, Any]:
    """The record of one network, from a process that is ended at its limits."""
    context = multiprocessing.get_context("fork")  # the libraries are imported once
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(theirs, collection, name, memory, gigabytes))
    process.start()
    theirs.close()
    end, record = time.monotonic() + seconds, {"status": _NOT_RUN, "reason": f"more than {seconds:g} s or {gigabytes:g} GB"}
    while ours.poll(max(0.0, end - time.monotonic())):
        try:
            record = ours.recv()
        except EOFError:
            break
    process.kill()
    process.join()
    return record


def _work(answer: Connection, collection: str, name: str, memory: bool, gigabytes: float) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    os.dup2(1, 2)  # what the libraries print
    limit = int(gigabytes * 1e9)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    try:
        run = real_run(COLLECTIONS[collection], name, ("cpu",) if memory else None)
    except Exception as error:
        answer.send({"status": _NOT_RUN, "reason": f"{type(error).__name__}: {error}"[:500]})
        return
    answer.send({"status": "unclear", "reason": "the trace took longer than the limit, or ended the process"})
    answer.send(held_against(run, memory))


# --- The table -------------------------------------------------------------------------------------


def truth_table(records: Sequence[dict[str, Any]]) -> str:
    """How many agree by collection, and the reasons of the others, the commonest first."""
    by: dict[str, list[dict[str, object]]] = defaultdict(list)
    for record in records:
        by[record["collection"]].append(record)
    lines = [f"{'':14}{'tried':>8}{'right':>8}{'wrong':>8}{'refused':>9}{'unclear':>9}{'right of tried':>16}{'not run':>9}"]
    for collection, its in [*by.items(), ("all", list(records))]:
        count = Counter(r["status"] for r in its)
        tried = sum(count[s] for s in STATES)
        share = f"{100 * count['right'] / tried:.1f} %" if tried else ""
        lines.append(
            f"{collection:14}{tried:>8}{count['right']:>8}{count['wrong']:>8}{count['refused']:>9}{count['unclear']:>9}{share:>16}{count[_NOT_RUN]:>9}"
        )
    for state in ("wrong", "refused", "unclear", _NOT_RUN):
        lines += _reasons(state, [r for r in records if r["status"] == state])
    return "\n".join([*lines, *_uncounted(records), *_ratios(records)])


def kind_of(reason: str) -> str:
    """A reason without what differs from network to network: paths, numbers, lines of code."""
    reason = re.sub(r"^(?!\w*(Error|Exception|Unsupported)\b)[\w.]+: ", "", reason.split("\n")[0])
    return re.sub(r"\d+(\.\d+)?", "#", reason)[:220]


def _reasons(state: str, records: Sequence[dict[str, Any]]) -> list[str]:
    groups: dict[str, list[str]] = defaultdict(list)
    for record in records:
        groups[kind_of(record["reason"])].append(record["name"])
    found = sorted(groups.items(), key=lambda g: -len(g[1]))
    return [f"\n{state.capitalize()}:", *(f"  {len(names):4}  {kind}\n        {', '.join(names[:6])}" for kind, names in found)] if found else []


def _uncounted(records: Sequence[dict[str, Any]]) -> list[str]:
    count = Counter(op for r in records for op in r.get("not counted", ()))
    return [f"\nOperations without a rule: {', '.join(f'{op} (in {n})' for op, n in count.most_common())}"] if count else []


def _ratios(records: Sequence[dict[str, Any]]) -> list[str]:
    """Of each collection how many networks have a ratio of 1, of how many, with the least and the largest; then those that have not."""
    measured = [r for r in records if MEMORY[0] in r]
    if not measured:
        return []
    lines = ["\nOurs over torch's, equal to the byte of those measured, least and largest ratio:", f"{'':14}" + "".join(f"{name:>34}" for name in MEMORY)]
    for collection in dict.fromkeys(r["collection"] for r in measured):
        its = [r for r in measured if r["collection"] == collection]
        lines += [f"{collection:14}" + "".join(f"{_spread([r[name] for r in its]):>34}" for name in MEMORY)]
    for record in measured:
        off = [f"{name} {record[name]:.4f}" for name in MEMORY if isinstance(record[name], float) and record[name] != 1]
        lines += [f"  {record['collection']} {record['name']}: {', '.join(off)}"] if off else []
    return lines


def _spread(ratios: Sequence[float | str]) -> str:
    numbers = [r for r in ratios if isinstance(r, float)]
    return f"{sum(r == 1 for r in numbers)} of {len(numbers)}, {min(numbers):.3f} to {max(numbers):.3f}" if numbers else "none"


if __name__ == "__main__":
    main()
