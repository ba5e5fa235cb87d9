"""The Latency page's state and its address: networks, conditions and section."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace

from blocks.knobs import brief
from blocks.language import tr, translatable
from viz.kit.address import Address, Query
from viz.kit.board import Board, board_of
from viz.kit.choice import Choice
from viz.kit.links import latency_link
from viz.latency.settings import Conditions, first_device, read_conditions

#: The sections with their titles.
SECTIONS = {
    "measure": translatable("Measure"),
    "versus": translatable("A against B"),
    "profile": translatable("Where the time goes"),
    "roofline": translatable("Roofline"),
    "predict": translatable("What predicts latency"),
    "sweep": translatable("Sweep"),
    "ledger": translatable("Ledger"),
}
_FIRST = 1000  # number of the first variant here: its widgets are not those of the Compare page


@dataclass
class LatencyState:
    """What the page is about; ``generation`` is a part of the conditions' keys: a new address gets new widgets."""

    board: Board = field(default_factory=lambda: Board(numbers=_FIRST))
    conditions: Conditions = field(default_factory=Conditions)
    section: str = "measure"
    generation: int = 0


def read_latency(query: Query) -> tuple[LatencyState, list[str]]:
    """The state of an address, ResNet-50 where it names no network, and a sentence for each part that could not be used."""
    params = dict(query)
    board, problems = board_of(query, _FIRST, (*(f.name for f in fields(Conditions)), "section"))
    conditions, refused = read_conditions(params)
    section = params.get("section", "measure")
    if section not in SECTIONS:
        refused.append(tr("There is no section {section}; there are {known}.", section=brief(section), known=", ".join(SECTIONS)))
        section = "measure"
    if not board.slots:
        board.add(Choice())
    return LatencyState(board, conditions, section), refused + problems


def write_latency(state: LatencyState) -> Query:
    """The address of a state."""
    conditions = state.conditions.write()
    if state.conditions.device == first_device():
        conditions.pop("device", None)
    return tuple(latency_link(state.board.variants(), "" if state.section == "measure" else state.section, **conditions).query)


def _continue(state: LatencyState, before: LatencyState | None) -> None:
    if before is not None and before is not state:
        state.board.number_after(before.board)
        state.generation = before.generation + 1


def _network(state: LatencyState) -> Choice | None:
    """The network where there is one; several are a comparison of their own."""
    slots = state.board.slots
    return (slots[0].good or slots[0].choice) if len(slots) == 1 else None


def _follow(state: LatencyState, network: Choice) -> LatencyState:
    if _network(state) in (None, network):
        return state
    board = Board(numbers=_FIRST)
    board.add(network)
    return replace(state, board=board)


LATENCY = Address("pages/latency.py", read_latency, write_latency, _continue, spelled=True, network=_network, follow=_follow)
