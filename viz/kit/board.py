"""The variants on the Compare page: what a session keeps between reruns, and what a user does with them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from urllib.parse import urlencode

from blocks import catalog
from blocks.analysis import Analysis
from blocks.knobs import KnobError
from blocks.language import tr
from blocks.trace.errors import TraceError
from viz.kit.address import Query
from viz.kit.choice import Choice, analysed
from viz.kit.links import MAX_VARIANTS, Variant, compare_link, read_variants
from viz.kit.refusal import refusal_sentence

LETTERS = "ABCDEF"


@dataclass
class Slot:
    """One variant on the board. ``number`` never changes, so that its widgets stay its own when the order does.

    ``good`` is the last choice that could be analysed, ``problem`` the sentence why the present one cannot.
    """

    number: int
    choice: Choice
    label: str = ""
    colour: int = 0
    good: Choice | None = None
    problem: str = ""
    edits: int = 0  # part of its widgets' keys: a variant that was set from outside gets new ones

    def settle(self) -> None:
        """Try the choice; the last good one stays where it fails."""
        try:
            analysed(self.choice)
        except (KnobError, TraceError) as error:
            self.problem = refusal_sentence(error, self.choice)
        else:
            self.good, self.problem = self.choice, ""


@dataclass
class Board:
    """The variants in order; ``numbers`` is the highest number that one has had."""

    slots: list[Slot] = field(default_factory=list)
    numbers: int = 0

    @property
    def full(self) -> bool:
        """Whether no further variant can be added."""
        return len(self.slots) >= MAX_VARIANTS

    def number_after(self, before: Board) -> None:
        """Number the variants on from those of ``before``, so that none gets a former variant's widgets."""
        for slot in self.slots:
            slot.number += before.numbers - self.numbers + len(self.slots)
        self.numbers = before.numbers + len(self.slots)

    def add(self, choice: Choice, label: str = "", after: Slot | None = None, colour: int | None = None) -> Slot:
        """A further variant, last or after another. Raises KnobError where the board is full."""
        if self.full:
            raise KnobError("variants", len(self.slots) + 1, tr("a comparison holds at most {most}; remove one first", most=MAX_VARIANTS))
        taken = {slot.colour for slot in self.slots}
        self.numbers += 1
        slot = Slot(self.numbers, choice, label, next(i for i in range(8) if i not in taken) if colour is None else colour)
        self.slots.insert(self.slots.index(after) + 1 if after else len(self.slots), slot)
        return slot

    def duplicate(self, slot: Slot, **knobs: object) -> Slot:
        """The same variant once more, beside it, with ``knobs`` set."""
        return self.add(with_knobs(slot.good or slot.choice, **knobs), after=slot)

    def move(self, slot: Slot, steps: int) -> None:
        """Move a variant to the right, or to the left for negative ``steps``; at the ends it stays."""
        place = self.slots.index(slot)
        self.slots.insert(min(max(place + steps, 0), len(self.slots) - 1), self.slots.pop(place))

    def remove(self, slot: Slot) -> None:
        """Take a variant off the board."""
        self.slots.remove(slot)

    def variants(self) -> list[Variant]:
        """What a link holds."""
        return [Variant(slot.choice, slot.label, slot.colour) for slot in self.slots]

    def query(self) -> Query:
        """The parameters of the address that holds these variants."""
        return tuple(compare_link(self.variants()).query)


def names_network(query: Query) -> bool:
    """Whether an address names one network as the other pages' do: ``net=resnet50&groups=2``."""
    return any(name == "net" for name, _ in query)


def board_of(query: Query, numbers: int = 0, own: Collection[str] = ()) -> tuple[Board, list[str]]:
    """The board that an address stands for, numbered from ``numbers`` + 1, and a sentence for each part that could not be used.

    Each parameter ``v`` is a variant. Where the address names one network as the other pages' do, that is the first variant, with all parameters
    but the page's ``own``.
    """
    texts = [value for name, value in query if name == "v"]
    if names_network(query):
        texts.insert(0, urlencode([pair for pair in query if pair[0] not in ("v", *own)]))
    variants, problems = read_variants(texts)
    board = Board(numbers=numbers)
    for variant in variants:
        board.add(variant.choice, variant.label, colour=variant.colour)
    return board, problems


def with_knobs(choice: Choice, **knobs: object) -> Choice:
    """``choice`` with ``knobs`` set; what is as published is left out, as everywhere."""
    defaults = {k.name: k.default for k in catalog.knobs(choice.name)}
    return replace(choice, knobs={k: v for k, v in {**choice.knobs, **knobs}.items() if v != defaults[k]})


@dataclass(frozen=True)
class Side:
    """One variant as the rest of the page shows it: its slot's number, its letter, name, colour's number, choice and analysis.

    ``label`` is the name that a user gave it, "" for none.
    """

    number: int
    letter: str
    name: str
    colour: int
    choice: Choice
    analysis: Analysis
    label: str = ""

    @property
    def title(self) -> str:
        """Letter and name."""
        return f"{self.letter} · {self.name}"


def sides(board: Board) -> list[Side]:
    """The variants that can be shown, each by its last good choice, lettered A, B and so on in the board's order; names are told apart."""
    for slot in board.slots:
        slot.settle()
    names = variant_names([(slot.good or slot.choice, slot.label) for slot in board.slots])
    return [
        Side(slot.number, letter, name, slot.colour, slot.good, analysed(slot.good), slot.label)
        for letter, name, slot in zip(LETTERS, names, board.slots, strict=False)
        if slot.good is not None
    ]


def board_problems(board: Board) -> list[str]:
    """A sentence for each variant that cannot be analysed."""
    return [
        tr("Variant {place} ({letter}): {problem}", place=place, letter=LETTERS[place - 1], problem=slot.problem)
        + (f" {tr('The last setting that works is shown.')}" if slot.good else "")
        for place, slot in enumerate(board.slots, 1)
        if slot.problem
    ]


def variant_names(variants: Sequence[tuple[Choice, str]]) -> list[str]:
    """A name for each variant: its label, or its network with what sets it apart from the published one and the others of that name."""
    made = []
    for choice, label in variants:
        twins = [choice.default(), *(other for other, _ in variants if other.name == choice.name)]
        made.append(label or " ".join([choice.name, *_apart(choice, twins)]))
    return made


def _apart(choice: Choice, twins: Sequence[Choice]) -> list[str]:
    """What of a choice differs from other choices of the same network."""
    known = {k.name: k for k in catalog.knobs(choice.name)}
    parts = [
        f"{known[name].symbol if known[name].symbol != name else name}={known[name].text(choice.knobs.get(name, known[name].default))}"
        for name in known
        if len({t.knobs.get(name, known[name].default) for t in twins}) > 1
    ]
    for word, values in (("side", [t.side for t in twins]), ("batch", [t.batch for t in twins]), ("dtype", [t.dtype for t in twins])):
        if len(set(values)) > 1:
            value = getattr(choice, word)
            parts.append(f"{word}={value}" if value is not None else "")
    if len({t.training for t in twins}) > 1 and choice.training:
        parts.append("training")
    return [p for p in parts if p]
