"""Every machine that an estimate can be made for: this computer's devices that were measured, then the published ones."""

from __future__ import annotations

import functools

from blocks.knobs import KnobError, nearest_names
from blocks.latency.measure.environment import machine_info
from blocks.latency.roofline.machines import Machine, published_machines
from blocks.latency.roofline.microbenchmarks import Microbenchmarks
from blocks.latency.store.ledger import LedgerError, ledger


def all_machines() -> list[Machine]:
    """This computer's devices that were measured (newest figures), then the published ones."""
    return [*measured_machines(), *published_machines()]


def machine(name: str) -> Machine:
    """The machine of that name; :class:`KnobError` where there is none."""
    found = next((m for m in published_machines() if m.name == name), None)
    if found is not None:  # published machines need no query of the ledger
        return found
    known = {m.name: m for m in all_machines()}
    if name not in known:
        raise KnobError("machine", name, f"is not in the table; it has {', '.join(known)}", nearest_names(name, known, 1, 0.3))
    return known[name]


def this_machine() -> str:
    """This computer's name, as the ledger's column "machine" has it."""
    return str(machine_info()["node"])


def measured_machines() -> list[Machine]:
    """This computer's devices with microbenchmarks in the ledger, the newest of each; [] where there are none or the ledger does not answer."""
    try:
        frame = ledger().frame(kind="probe", machine=this_machine(), limit=100)
        found: dict[str, Machine] = {}
        for identity in frame["id"]:
            one = _stored(str(identity)).as_machine()
            found.setdefault(one.name, one)
    except LedgerError:
        return []
    return list(found.values())


@functools.lru_cache(maxsize=256)
def _stored(identity: str) -> Microbenchmarks:
    payload = ledger().payload(identity)
    if payload is None:
        raise LedgerError("The result was deleted meanwhile.")
    return Microbenchmarks.from_dict(payload)
