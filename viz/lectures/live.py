"""Live numbers in a lecture's text: ``{{params resnet50}}`` is computed from the network each time it is shown.

    {{QUANTITY TARGET | FORMAT}}          params macs flops weights bytes memory field input output
    {{ratio QUANTITY TARGET / TARGET}}    first over second; so share (per cent), change (per cent, signed) and diff
    {{knob TARGET ARGUMENT}}              a knob's value, as turned
    {{formula QUANTITY TARGET}}           inline LaTeX in the paper's letters; numbers ... with the numbers in place
    {{accuracy PRESET}}                   published top-1 accuracy with its source; {{throughput PRESET}} images per second
    {{cite TEXT | SOURCE}}                a figure that a paper reports, with where it stands

Nothing is evaluated but these forms: names are looked up in the catalog and counted by ``blocks.analyse``.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from math import prod
from typing import Any

from blocks import catalog, reference
from blocks.analysis import Analysis
from blocks.formulas.formula import Formula
from blocks.formulas.latex import spaced_number
from blocks.knobs import KnobError
from blocks.trace.errors import TraceError
from blocks.trace.symbolic import plain, term_of
from viz.kit.figures import QUANTITIES
from viz.kit.numbers import all_digits, memory, short, significant
from viz.kit.parameters import as_whole
from viz.lectures.targets import Target, Turned, target

TEMPLATE = re.compile(r"\{\{(.*?)\}\}", re.DOTALL)
_FORMAT = re.compile(r"^(?:(?P<unit>[kMGT])(?:\.(?P<places>\d))?|\.(?P<bare>\d)|(?P<word>exact|short))$")
_SCALES = {"k": 1e3, "M": 1e6, "G": 1e9, "T": 1e12}


class TemplateError(ValueError):
    """A template cannot be filled; the sentence says which and why."""


@dataclass(frozen=True, slots=True)
class Filled:
    """One filled template: its source, what is shown, and the number behind it (None for text)."""

    source: str
    shown: str
    value: float | None


def count_formula(analysis: Analysis, of: str) -> Formula:
    """The formula of "params", "macs", "flops" or "weights" of a symbolic analysis."""
    if of != "weights":
        return analysis.formula(of)
    shapes = [p.shape for p in analysis.network.parameters() if len(p.shape) > 1]
    return _formula_of(analysis, sum(prod(shape) for shape in shapes), of)


def part_formulas(analysis: Analysis, of: str) -> list[tuple[str, Formula]]:
    """(module, formula) of each operation that has any of the count."""
    shapes = {name: p.shape for name, p in analysis.network.named_parameters() if len(p.shape) > 1}
    found = []
    for node in analysis.graph.nodes:
        value = getattr(node, of) if of != "weights" else sum(prod(shapes[name]) for name in node.weights if name in shapes)
        if plain(value):
            found.append((analysis.graph.label(node) or node.op, _formula_of(analysis, value, of)))
    return found


def _formula_of(analysis: Analysis, value: Any, of: str) -> Formula:
    if analysis.symbols is None:
        raise ValueError("this trace has numbers only: analyse(name, symbolic=True) derives formulas")
    return Formula("params" if of == "weights" else of, term_of(value), analysis.symbols, analysis.conditions, plain(value))


FORMULAS = ("params", "macs", "flops", "weights")


def table_text(quantity: str, value: float) -> str:
    """A figure as a table shows it: a count whole below a million, then in M or G; memory in KiB, MiB or GiB."""
    return memory(value) if QUANTITIES[quantity].in_bytes else short(value) if value >= 1e6 else all_digits(value)


def field(analysis: Analysis) -> tuple[int, int]:
    """(vertical, horizontal) receptive field of the last operation that sees only a part of the picture; (0, 0) where none does."""
    sizes = [fields for fields in analysis.receptive_fields.values() if not fields[0].whole and not fields[1].whole]
    return (int(sizes[-1][0].size), int(sizes[-1][1].size)) if sizes else (0, 0)


def fill(text: str, turned: Turned | None = None) -> str:
    """``text`` with every template filled. Raises :class:`TemplateError`."""
    return _walk(text, turned or {})[0]


def filled_templates(text: str, turned: Turned | None = None) -> list[Filled]:
    """What each template of ``text`` becomes. Raises :class:`TemplateError`."""
    return _walk(text, turned or {})[1]


def _walk(text: str, turned: Turned) -> tuple[str, list[Filled]]:
    found: list[Filled] = []

    def replaced(match: re.Match[str]) -> str:
        # An odd number of dollars before it: inside a formula, where LaTeX groups the thousands.
        latex = text[: match.start()].replace(r"\$", "").count("$") % 2 == 1
        made = evaluated(match[1].strip(), turned, latex)
        found.append(made)
        return made.shown

    return TEMPLATE.sub(replaced, text), found


def evaluated(source: str, turned: Turned, latex: bool = False) -> Filled:
    """One template's value; ``latex`` where it stands inside a formula. Raises :class:`TemplateError`."""
    word, _, rest = source.partition(" ")
    try:
        if word == "cite":
            return Filled(source, _cite(rest), None)
        body, _, form = rest.partition("|")
        body, form = body.strip(), form.strip()
        if word in QUANTITIES:
            value = QUANTITIES[word].of(target(body).analysis(turned))
            return Filled(source, _shown(value, form, word, latex), value)
        if word in _TWO:
            return _two(source, word, body, form, turned, latex)
        if word in _TEXT:
            return Filled(source, _TEXT[word](body, turned), None)
    except (KnobError, TraceError) as error:
        raise TemplateError(f"{{{{{source}}}}}: {error}") from error
    known = ", ".join([*QUANTITIES, *_TWO, *_TEXT, "cite"])
    raise TemplateError(f"{{{{{source}}}}}: {word} is none of {known}")


def _shown(value: float, form: str, quantity: str, latex: bool) -> str:
    match = _FORMAT.match(form or "short")
    if match is None:
        raise KnobError("format", form, "must be exact, short, a unit (k, M, G, T) or a unit with decimals such as M.2", ["M.2"])
    if match["unit"]:
        scaled = value / _SCALES[match["unit"]]
        text = f"{scaled:,.{match['places']}f}".replace(",", " ") if match["places"] else significant(scaled, 4)
        return f"{text}\\,\\mathrm{{{match['unit']}}}" if latex else f"{text} {match['unit']}"
    if match["bare"]:
        return f"{value:.{match['bare']}f}"
    if QUANTITIES[quantity].in_bytes and match["word"] != "exact":
        return memory(value)
    # A count that can be checked by hand is shown whole.
    if match["word"] == "exact" or (abs(value) < 1e6 and float(value).is_integer()):
        return spaced_number(int(value)) if latex else all_digits(value).replace(" ", "\u202f")  # a line never ends inside of a number
    return short(value).replace(" ", r"\,\mathrm{", 1) + "}" if latex else short(value)


_TWO = ("ratio", "share", "change", "diff")


def _two(source: str, word: str, body: str, form: str, turned: Turned, latex: bool) -> Filled:
    quantity, _, names = body.partition(" ")
    first, slash, second = names.partition(" / ")
    if quantity not in QUANTITIES or not slash:
        raise KnobError(word, body, f"needs a quantity and two networks, such as {word} macs mobilenet_v1_standard / mobilenet_v1")
    a, b = (QUANTITIES[quantity].of(target(part).analysis(turned)) for part in (first, second))
    if word == "diff":
        return Filled(source, _shown(a - b, form, quantity, latex), a - b)
    if b == 0:
        raise KnobError(word, second.strip(), f"has no {quantity} to divide by")
    value = a / b if word == "ratio" else 100 * (a / b - (word == "change"))
    places = form.removeprefix(".")
    if places and not (len(places) == 1 and as_whole(places) is not None):
        raise KnobError("format", form, "of a ratio is a number of decimals such as .2", [".2"])
    text = f"{value:.{places}f}" if places else f"{value:.3g}" if abs(value) < 1000 else f"{value:.0f}"
    if word == "ratio":
        return Filled(source, text, value)
    sign = "+" if word == "change" and value >= 0 else ""
    return Filled(source, f"{sign}{text}".replace("-", "−") + (r"\,\%" if latex else " %"), value)


def _formula(body: str, turned: Turned, numbers: bool = False) -> str:
    quantity, _, name = body.partition(" ")
    if quantity not in FORMULAS:
        raise KnobError("formula", quantity, f"must be of {', '.join(FORMULAS)}", ["params"])
    formula = count_formula(target(name).analysis(turned, symbolic=True), quantity)
    return f"${formula.latex_numbers() if numbers else formula.latex()}$"


def _knob(body: str, turned: Turned) -> str:
    name, _, argument = body.rpartition(" ")
    chosen: Target = target(name)
    values = catalog.settings(chosen.choice.name, **chosen.at(turned).knobs)
    if argument not in values:
        raise KnobError(argument, None, f"{chosen.choice.name} has no such knob", list(values)[:3])
    value = values[argument]
    return ", ".join(map(str, value)) if isinstance(value, (tuple, list)) else f"{value:g}" if isinstance(value, float) else str(value)


def _shape(which: str) -> Callable[[str, Turned], str]:
    def shown(body: str, turned: Turned) -> str:
        analysis = target(body).analysis(turned)
        return " × ".join(map(str, getattr(analysis, which)))

    return shown


def _field(body: str, turned: Turned) -> str:
    down, across = field(target(body).analysis(turned))
    return f"{down} × {across}"


def _accuracy(body: str, _: Turned) -> str:
    rows = reference.accuracy(body)
    top = rows[rows["metric"] == "acc@1"]
    if top.empty:
        raise KnobError("accuracy", body, "has no published top-1 accuracy on record")
    row = top.iloc[0]
    return f"{row['value']:.1f} % :gray[[{row['source']}, {row['weights']}]]"


def _throughput(body: str, _: Turned) -> str:
    rows = reference.throughput(body)
    if rows.empty:
        raise KnobError("throughput", body, "has no published throughput on record")
    row = rows.sort_values("images_per_second").iloc[-1]
    return f"{all_digits(round(row['images_per_second']))} images/s :gray[[timm, {row['setup']}]]"


_TEXT: dict[str, Callable[[str, Turned], str]] = {
    "knob": _knob,
    "input": _shape("input_shape"),
    "output": _shape("output_shape"),
    "field": _field,
    "formula": _formula,
    "numbers": lambda body, turned: _formula(body, turned, numbers=True),
    "accuracy": _accuracy,
    "throughput": _throughput,
}


def _cite(rest: str) -> str:
    text, bar, source = rest.partition("|")
    if not bar or not text.strip() or len(source.strip()) < 4:
        raise KnobError("cite", rest.strip(), "needs the figure and where it stands: {{cite 4,867 M | Howard et al. 2017, table 4}}")
    return f"{text.strip()} :gray[[{source.strip()}]]"
