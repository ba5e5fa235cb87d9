"""The formulas of a comparison, one above the other in shared letters, and their ratios. Pure: the page and the report both show these."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache, partial

from blocks import analyse, catalog
from blocks.analysis import Analysis
from blocks.formulas.block_types import blocks_in
from blocks.formulas.comparison import FormulaComparison
from blocks.formulas.conditions import merged
from blocks.formulas.formula import Formula, FormulaError
from blocks.formulas.latex import spaced_number
from blocks.language import tr, translatable, trn
from viz.kit.board import Side
from viz.kit.choice import analysed
from viz.kit.palette import variant_colour

COUNT_TITLES = {"macs": translatable("MACs"), "params": translatable("Parameters"), "flops": translatable("FLOPs")}
WORDY = 900  # characters of LaTeX; a longer formula fills the page and tells nothing


@dataclass(frozen=True, slots=True)
class FormulaLine:
    """One variant's formula as LaTeX: letters, numbers in their place (None where there is nothing to put in), the count."""

    side: Side
    letters: str
    numbers: str | None
    count: str

    @property
    def steps(self) -> list[str]:
        """What is written after one equals sign after the other; the count in bold."""
        before = [s for s in (self.letters, self.numbers) if s is not None and s != self.count]
        return [*before, rf"\mathbf{{{self.count}}}"]


@dataclass(frozen=True, slots=True)
class FormulaRatio:
    """One variant's count over the first's: simplified (None where no letters are left, or too many), its value, and the difference."""

    side: Side
    symbolic: str | None
    value: float | None
    difference: str | None


@dataclass(frozen=True, slots=True)
class HoldsWhile:
    """Conditions, as LaTeX, of the formulas with these ``letters``; "" where they are all there are."""

    letters: str
    conditions: list[str]

    @property
    def words(self) -> str:
        """What stands before the conditions."""
        if not self.letters:
            return tr("holds while")
        return trn("{letters} holds while", "{letters} hold while", len(self.letters), letters=tr(", ").join(self.letters))


@dataclass
class Formulas:
    """A set of formulas that belong together, with where they hold; ``names`` are the networks and blocks whose letters they have."""

    title: str
    lines: list[FormulaLine]
    ratios: list[FormulaRatio]
    where: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    conditions: list[HoldsWhile] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


def side_formulas(sides: Sequence[Side], of: str, dark: bool = False) -> list[Formulas]:
    """Blocks in all their letters; with a model among them the whole networks as functions of their input, and the blocks that cost most."""
    whole, problems = _derived(sides, of)
    if all(catalog.entry(side.choice.name).kind == "block" for side in sides):
        return [_together("", whole, dark, problems)]
    sets = [_together(tr("The whole network, as a function of its input"), [(side, formula.of_sizes()) for side, formula in whole], dark, problems)]
    found = typical(sides)
    if found:
        typically: list[tuple[Side, Formula]] = []
        for side, block in found:
            try:
                typically.append((side, block.analysis.formula(of)))
            except (FormulaError, ValueError) as error:
                problems.append(f"{side.title}: {error}")
        places = tr(", ").join(tr("{letter}: {block} at {place}", letter=side.letter, block=tr(block.title), place=block.label) for side, block in found)
        sets.append(_together(tr("The block that costs most ({places})", places=places), typically, dark, []))
    return sets


def _derived(sides: Sequence[Side], of: str) -> tuple[list[tuple[Side, Formula]], list[str]]:
    found, problems = [], []
    for side in sides:
        try:
            found.append((side, analysed(side.choice, symbolic=True).formula(of)))
        except (FormulaError, ValueError) as error:
            problems.append(tr("{network} has no formula: {reason}.", network=side.title, reason=error))
    return found, problems


def _in_colour(colour: str, text: str) -> str:
    return rf"\textcolor{{{colour}}}{{{text}}}"


def _together(title: str, given: Sequence[tuple[Side, Formula]], dark: bool, problems: list[str]) -> Formulas:
    together = FormulaComparison([formula for _, formula in given], "".join(side.letter for side, _ in given))
    lines, where = [], []
    for i, (side, formula) in enumerate(given):
        colour = variant_colour(side.colour, dark)
        letters = together.latex(i, partial(_in_colour, colour))
        numbers: str | None = together.latex_numbers(i)
        plain = spaced_number(formula.result)
        if len(letters) > WORDY:
            letters = rf"\text{{{trn('{n} term', '{n} terms', len(formula.poly))}}}"
        if numbers == plain or len(numbers or "") > WORDY:
            numbers = None
        lines.append(FormulaLine(side, letters, None if letters == plain else numbers, plain))
        where += together.latex_where(i)
    ratios = [
        FormulaRatio(side, together.latex_ratio(i), float(value) if (value := together.value(i)) is not None else None, together.latex_difference(i))
        for i, (side, _) in enumerate(given)
        if i
    ]
    names = [formula.recount.name for _, formula in given if formula.recount]
    return Formulas(title, lines, ratios, list(dict.fromkeys(where)), together.notes(), _holding(given), problems, names)


def _holding(given: Sequence[tuple[Side, Formula]]) -> list[HoldsWhile]:
    """Where the formulas hold: first what all need, then what some do. Two networks' conditions may exclude each other (s = 1, s = 2) and are never mixed."""
    letters: dict[str, str] = {}
    for side, formula in given:
        fixed = [rf"\texttt{{{_typed(k)}}} = {v}" for k, v in formula.fixed.items() if isinstance(v, (int, float))] if not formula.known else []
        for text in dict.fromkeys([*formula.conditions, *fixed]):
            letters[text] = letters.get(text, "") + side.letter
    groups: dict[str, list[str]] = {}
    for text, who in letters.items():
        groups.setdefault(who, []).append(text)
    ordered = sorted(groups.items(), key=lambda group: (-len(group[0]), group[0]))
    return [HoldsWhile("" if len(given) == 1 else who, merged(texts)) for who, texts in ordered]


def _typed(name: str) -> str:
    return name.replace("_", r"\_")


# --- A model's costliest block -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Typical:
    """One block of a model: its catalog title, where it stands, and its own symbolic analysis."""

    title: str
    label: str
    analysis: Analysis


def typical(sides: Sequence[Side]) -> list[tuple[Side, Typical]]:
    """The block that costs most in the first model, and in each further one what stands in the same place, or its own costliest."""
    found: list[tuple[Side, Typical]] = []
    label = ""
    for side in sides:
        if catalog.entry(side.choice.name).kind == "block":
            found.append((side, Typical(catalog.entry(side.choice.name).title, tr("the input"), analysed(side.choice, symbolic=True))))
            continue
        inside = blocks_in(side.analysis, catalog.blocks_by_class())
        if not inside:
            continue
        chosen = next((b for b in inside if b.path == label), None) or max(inside, key=lambda b: b.counts["macs"])
        label = label or chosen.path
        made = _block(chosen.name, tuple(chosen.knobs.items()), chosen.input_shape, side.choice.dtype, side.choice.training)
        found.append((side, Typical(catalog.entry(chosen.name).title, chosen.path, made)))
    return found


@lru_cache(maxsize=64)
def _block(name: str, knobs: tuple[tuple[str, object], ...], shape: tuple[int, ...], dtype: str, training: bool) -> Analysis:
    return analyse(name, shape, dtype=dtype, training=training, symbolic=True, **dict(knobs))
