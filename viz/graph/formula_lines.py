"""Formulas of one box in the papers' letters, and the knobs that its counts depend on."""

from __future__ import annotations

import re

from blocks.analysis import Analysis
from blocks.catalog import is_address
from blocks.catalog import knobs as knobs_of
from blocks.formulas.formula import Formula, FormulaError, derive
from blocks.formulas.symbols import OF_INPUT
from blocks.language import tr, translatable
from blocks.trace.graph import Graph
from blocks.trace.symbolic import is_symbolic, plain, term_of
from blocks.trace.terms import symbols_in
from viz.graph.tree import Item

_TITLES = {"params": translatable("Parameters"), "macs": "MACs"}
#: The sizes of an input, by the arguments of a formula.
_INPUTS = {"batch": translatable("batch"), "height": translatable("height"), "width": translatable("width"), "tokens": translatable("number of tokens")}
_MAX_LENGTH = 150  # characters; a longer formula explains nothing on a card
_GREEK = {"alpha": "α", "beta": "β", "gamma": "γ", "rho": "ρ", "phi": "φ"}
_RAISED = str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹")


def formula_lines(item: Item, symbolic: Analysis) -> list[str]:
    """``Parameters = C_mid·(C_in + 2)`` and the like, for an item of a symbolic trace; each is checked against its count."""
    found: list[str] = []
    named: dict[str, str] = {}
    for of, title in _TITLES.items():
        formula = _formula(item, symbolic, of)
        if formula is None or not formula.result:
            continue
        text = plain_formula(str(formula.expr))
        if len(text) <= _MAX_LENGTH:
            found.append(f"{tr(title) if of == 'params' else title} = {text}")
            named |= {plain_formula(str(name)): plain_formula(str(expr)) for name, expr in formula.where.items()}
    return found + ([tr("where {definitions}", definitions=", ".join(f"{name} = {text}" for name, text in named.items()))] if named else [])


def _formula(item: Item, symbolic: Analysis, of: str) -> Formula | None:
    nodes = symbolic.graph.nodes[item.start : item.stop]
    part = Graph(nodes, symbolic.graph.calls, sum((node.params for node in nodes), 0))
    if symbolic.symbols is None:
        return None
    try:
        return derive(part, of, symbolic.symbols, symbolic.conditions, sum(plain(getattr(node, of)) for node in nodes))
    except FormulaError:
        return None


def plain_formula(expression: str) -> str:
    """A SymPy expression as plain text, with superscripts and Greek letters."""
    text = re.sub(r"\*\*(\d+)", lambda m: m[1].translate(_RAISED), expression)
    text = re.sub("|".join(_GREEK), lambda m: _GREEK[m[0]], text)
    return text.replace("**", "^").replace("*", "·")


def knob_sentence(item: Item, symbolic: Analysis) -> str:
    """A sentence that names the knobs that the item's counts depend on."""
    if symbolic.symbols is None:
        return ""
    letters: set[str] = set()
    for node in symbolic.graph.nodes[item.start : item.stop]:
        for value in (node.params, node.macs, node.writes):
            letters |= symbols_in(term_of(value))
    arguments = {argument for letter, (argument, _) in symbolic.symbols.arguments.items() if letter in letters}
    knobs = knobs_of(symbolic.name)
    labels = [tr(knob.label).lower() for knob in knobs if knob.name in arguments]
    inputs = [tr(said) for word, said in _INPUTS.items() if word in arguments - {knob.name for knob in knobs} or OF_INPUT + word in arguments]
    named = [*labels, *([tr("the input's {sizes}", sizes=tr(", ").join(inputs))] if inputs else [])]
    traced = any(map(is_symbolic, symbolic.symbols.knobs.values()))
    unseen = bool(knobs) and not traced and is_address(symbolic.name)
    free = tr("Does not depend on the input size.") if unseen else tr("Depends on no knob.")
    said = tr("Depends on {names}.", names=tr(", ").join(named)) if named else free
    return f"{said} {tr('Constructor arguments of a network from outside are not followed.')}" if unseen else said
