"""Formulas on the page: letters, then numbers in place, then the result; what the last turned knob moved is lit up."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import lru_cache

import pandas as pd
import streamlit as st

from blocks import catalog
from blocks.analysis import Analysis
from blocks.formulas.block_types import BlockType
from blocks.formulas.conditions import merged
from blocks.formulas.formula import Formula, FormulaError
from blocks.formulas.latex import letter, polynomial, spaced_number
from blocks.knobs import Knob, KnobError
from blocks.language import language, speaking, tr, translatable, trn
from blocks.trace.errors import TraceError
from viz.kit.choice import Choice, analysed
from viz.kit.data_table import data_table
from viz.kit.spoken import speak_letters

_TITLES = {"params": translatable("Parameters"), "macs": translatable("MACs"), "flops": translatable("FLOPs")}
_MEMORY_TITLES = {"peak_memory": translatable("Peak memory (bytes)"), "saved_memory": translatable("Saved tensors (bytes)")}
_LIT = "#D9480F"
_MOST_CONDITIONS = 10
_LONGEST = 1500  # letters of LaTeX; a longer formula fills the page and explains nothing


def block_formulas(analysis: Analysis, turned: Iterable[str]) -> None:
    """The three formulas of a block, with where they hold."""
    turned = list(turned)
    formulas = [analysis.formula(of) for of in _TITLES]
    speak_letters([analysis.name])
    st.markdown("\n\n".join([*(_one(formula, turned) for formula in formulas), _where(formulas)]))
    for sentence in stillness(formulas, turned, analysis):
        st.info(sentence, icon=":material/info:")


def _one(formula: Formula, turned: list[str]) -> str:
    rows = [
        rf"{formula.latex(turned, _LIT)}",
        rf"{formula.latex_numbers(turned, _LIT)}",
        rf"\mathbf{{{spaced_number(formula.result)}}}",
    ]
    return f"**{tr((_TITLES | _MEMORY_TITLES)[formula.of])}**\n\n$$\\begin{{aligned}} & {rows[0]} \\\\ &= {rows[1]} \\\\ &= {rows[2]} \\end{{aligned}}$$"


def _where(formulas: list[Formula]) -> str:
    lines: list[str] = []
    names = dict.fromkeys(text for f in formulas for text in f.latex_where())
    if names:
        lines.append(tr("where {names}", names=", ".join(f"${n}$" for n in names)))
    conditions = merged(c for f in formulas for c in f.conditions)
    if conditions:
        lines.append(tr("holds while {conditions}", conditions="; ".join(f"${c}$" for c in conditions)))
    fixed = {k: v for f in formulas for k, v in f.fixed.items()}
    if fixed:
        lines.append(tr("at {values} (a plain number on the way: derived anew when it turns)", values=", ".join(f"`{k}` = {v}" for k, v in fixed.items())))
    return "  \n".join(lines)


def stillness(formulas: list[Formula], turned: Iterable[str], analysis: Analysis) -> list[str]:
    """A sentence for each turned knob that moves none of a count, saying why."""
    knobs: dict[str, Knob] = {k.name: k for k in catalog.knobs(analysis.name)}
    said = []
    for name in turned:
        if name not in knobs:
            continue
        still = [tr(_TITLES[f.of]) for f in formulas if not f.depends_on(name) and name not in f.fixed]
        if still:
            knob = knobs[name]
            said.append(
                trn(
                    "Turning **{knob}** ({letter}) moves no {counts}: {letter} does not occur in it.",
                    "Turning **{knob}** ({letter}) moves no {counts}: {letter} does not occur in them.",
                    len(still),
                    knob=tr(knob.label),
                    letter=f"${letter(knob.symbol)}$",
                    counts=tr(" and no ").join(still),
                )
            )
    return said


@dataclass(frozen=True)
class ModelFormulas:
    """A model's formulas as Markdown: its total as a function of the input's size, then each type of block with its table."""

    total: str
    kinds: tuple[tuple[str, BlockType], ...] = ()


def model_formulas_text(choice: Choice, of: str) -> ModelFormulas:
    """The formulas of ``choice``'s "params", "macs" or "flops", cached."""
    return _model_formulas_text(choice, of, language())


@lru_cache(maxsize=256)
def _model_formulas_text(choice: Choice, of: str, said_in: str) -> ModelFormulas:
    analysis = analysed(choice)
    with speaking(said_in):
        return ModelFormulas(_total(analysis, of), tuple((_kind(kind, of), kind) for kind in analysis.block_types()))


def model_formulas(choice: Choice, of: str) -> None:
    """A model's formulas, and below each type of block where its blocks stand."""
    text = model_formulas_text(choice, of)
    speak_letters([choice.name, *(kind.name for _, kind in text.kinds)])
    st.markdown(text.total)
    for lines, kind in text.kinds:
        st.markdown(lines)
        data_table(stage_table(kind, of), f"places-{kind.name}", width="stretch")


def memory_formulas(choice: Choice) -> None:
    """Formulas of the peak of ``choice`` as it is shown, and of what its training saves: a block's in its knobs, a model's in the sizes of its input."""
    is_block = catalog.entry(choice.name).kind == "block"
    lines = []
    for of, shown in (("peak_memory", choice), ("saved_memory", replace(choice, training=True))):
        try:
            formula = analysed(shown, symbolic=True).formula(of) if is_block else analysed(shown).by_sizes.formula(of)
            lines.append(_one(formula, []) + "\n\n" + _held(formula) if len(formula.latex()) <= _LONGEST else "")
        except (KnobError, TraceError, ValueError) as error:  # a network from outside may do with its input's sizes what no formula follows
            lines.append(tr("There is no formula: {why}", why=error))
    st.markdown("\n\n".join(filter(None, lines)))
    st.caption(
        tr("The peak is a maximum over time: its formula is the sum of what is alive at the operation where the peak is met, and holds while it is met there.")
    )


def _held(formula: Formula) -> str:
    """Where a formula of memory holds; many comparisons are only counted."""
    if len(formula.conditions) <= _MOST_CONDITIONS:
        return _where([formula])
    names = f"{tr('where {names}', names=', '.join(f'${n}$' for n in formula.latex_where()))}  \n" if formula.latex_where() else ""
    return names + tr("holds under {n} conditions, which `formula.conditions` lists", n=len(formula.conditions))


def _total(analysis: Analysis, of: str) -> str:
    title = f"**{tr(_TITLES[of])}**"
    try:
        total = analysis.by_sizes.formula(of)
        letters = total.latex()
    except (TraceError, FormulaError) as error:  # a network from outside may do with its input's sizes what no formula follows
        return tr("{count}. There is no formula in its input's sizes: {why}.", count=f"{title} $= {spaced_number(getattr(analysis, of))}$", why=error)
    if of == "params":
        return tr("{count} — no size of the input occurs in it.", count=f"{title} $= {spaced_number(total.result)}$")
    if len(letters) > _LONGEST:
        return tr(
            "{count}. As a function of its input the formula has {n} terms, with padding that depends on the input's sizes: too long to be read. "
            "Turn the resolution instead, and it is counted anew.",
            count=f"{title} $= {spaced_number(total.result)}$",
            n=len(total.poly),
        )
    return (
        tr("{count} of the whole network as a function of its input:", count=title) + "\n\n"
        f"$$\\begin{{aligned}} & {letters} \\\\ &= {total.latex_numbers()} = \\mathbf{{{spaced_number(total.result)}}} \\end{{aligned}}$$\n\n"
        + _conditions(total)
    )


def _kind(kind: BlockType, of: str) -> str:
    """A type's name and each of its formulas."""
    parts = [f"**{tr(catalog.entry(kind.name).title)}**"]
    for number, variant in enumerate(kind.variants, 1):
        formula = variant.formula(of)
        names = ", ".join(f"${letter(n)} = {text}$" for n, text in _definitions(formula))
        parts.append(f"({number}) $\\; {formula.latex()}$" + (f" — {tr('where {names}', names=names)}" if names else "") + "  \n" + _conditions(formula))
    return "\n\n".join(parts)


def _definitions(formula: Formula) -> list[tuple[str, str]]:
    return [(name, polynomial(poly)) for name, poly in formula.names.items()]


def _conditions(formula: Formula) -> str:
    return f":gray[{tr('holds while {conditions}', conditions='; '.join(f'${c}$' for c in merged(formula.conditions)))}]" if formula.conditions else ""


def stage_table(kind: BlockType, of: str) -> pd.DataFrame:
    """Where each run of equal blocks stands, and what it counts; the count stands where a narrow page still shows it."""
    names = {"where": tr("Where"), "count": "×N", of: tr(_TITLES[of]), "input": tr("Input"), "formula": tr("by")}
    columns = {name: values for name, values in kind.columns.items() if name == of or name not in _TITLES}
    return pd.DataFrame({names.get(name, name): columns[name] for name in dict.fromkeys(("where", "count", of, *columns))})
