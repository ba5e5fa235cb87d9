"""The views of a step that read counts: graph, formula, figures, published, code. Each is a function of options and screen."""

from __future__ import annotations

import base64
import importlib
import inspect
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from blocks import catalog, reference
from blocks.analysis import Analysis
from blocks.formulas.conditions import merged
from blocks.formulas.formula import Formula
from blocks.formulas.latex import spaced_number
from blocks.knobs import KnobError
from blocks.language import tr, translatable
from viz.graph.figure import figure_svg
from viz.graph.fold import TooManyBoxes, fold_of
from viz.graph.view import graph_view
from viz.kit.figures import QUANTITIES
from viz.kit.numbers import all_digits
from viz.kit.screen import Screen
from viz.kit.spoken import speak_letters
from viz.lectures import live
from viz.lectures.live import field
from viz.lectures.source import ViewOptions
from viz.lectures.targets import of_options, target, targets

LIT = "#D9480F"


def graph(options: ViewOptions, screen: Screen) -> None:
    """The network's graph, to pan, open and click; for paper as a picture."""
    chosen = of_options(options)
    analysis = chosen.analysis(screen.turned)
    level, direction = options.get("level", "block"), options.get("direction", "TB")
    height = screen.pixels(options)
    if screen.still:
        try:
            svg = figure_svg(analysis, level, direction)
        except TooManyBoxes:
            svg = figure_svg(analysis, "stage", direction)
        st.image("data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode())
        return
    key = screen.place("graph", options)
    st.session_state.setdefault(f"{key}.kept", {"view": {"level": level}})
    marked = highlighted(analysis, options["highlight"]) if options.get("highlight") else frozenset()
    graph_view(
        analysis,
        key=key,
        height=height,
        overlay=options.get("overlay", ""),
        direction=direction,
        changed=marked,
        of=analysis.name,
        saved_as=chosen.at(screen.turned),
        on_select="ignore",
        figure=True,
        widths=options.get("widths") == "yes",
        words={"changed by the last edit": tr("marked")},
    )


def highlighted(analysis: Analysis, prefixes: str) -> frozenset[str]:
    """Ids of the operations whose module path opens with one of ``prefixes`` (separated by commas)."""
    wanted = tuple(part.strip() for part in prefixes.split(","))
    nodes = analysis.graph.nodes
    leaves = [item for item in fold_of(analysis.graph).root.walk() if not item.children]
    return frozenset(item.id for item in leaves if analysis.graph.path(nodes[item.start]).startswith(wanted))


def formula(options: ViewOptions, screen: Screen) -> None:
    """A count in letters, with the numbers in place, and its value; ``parts`` has a line an operation first."""
    analysis = of_options(options).analysis(screen.turned, symbolic=True)
    if not screen.still:
        speak_letters([analysis.name], screen.place("letters", options))
    for of in (part.strip() for part in options["of"].split(",")):
        total = live.count_formula(analysis, of)
        if options.get("parts") == "yes":
            _parts(analysis, of)
        stages = options.get("stages", "letters, numbers, result")
        rows = [
            text
            for stage, text in (
                ("letters", total.latex(screen.lit, LIT)),
                ("numbers", total.latex_numbers(screen.lit, LIT)),
                ("result", rf"\mathbf{{{spaced_number(total.result)}}}"),
            )
            if stage in stages
        ]
        steps = r" \\ &= ".join(rows)
        st.markdown(f"**{tr(QUANTITIES[of].label)}**\n\n$$\\begin{{aligned}} & {steps} \\end{{aligned}}$$")
        _small_print(total)


def _small_print(total: Formula) -> None:
    said = []
    if names := total.latex_where():
        said.append(f"{tr('where')} " + ", ".join(f"${n}$" for n in names))
    if total.conditions:
        said.append(f"{tr('holds while')} " + "; ".join(f"${c}$" for c in merged(total.conditions)))
    if said:
        st.caption("  \n".join(said))


def _parts(analysis: Analysis, of: str) -> None:
    lines = [f"| {tr('Operation')} | {tr('symbolic')} | {tr(QUANTITIES[of].label)} |", "|:--|:--|--:|"]
    lines += [f"| `{name}` | ${part.latex()} = {part.latex_numbers()}$ | {all_digits(part.result)} |" for name, part in live.part_formulas(analysis, of)]
    st.markdown("\n".join(lines))


_EXTRA: dict[str, Callable[[Analysis], str]] = {
    "field": lambda a: " × ".join(map(str, field(a))),
    "input": lambda a: " × ".join(map(str, a.input_shape)),
    "output": lambda a: " × ".join(map(str, a.output_shape)),
}
FIGURE_COLUMNS = (*QUANTITIES, *_EXTRA, "accuracy")
_COLUMN_WORDS = {
    **{name: figure.label for name, figure in QUANTITIES.items()},
    "field": translatable("Receptive field"), "input": translatable("Input"), "output": translatable("Output"), "accuracy": translatable("Top-1 (%)"),
}  # fmt: skip


def view_column(name: str) -> str:
    """What one of :data:`FIGURE_COLUMNS` is called, in tables and charts."""
    return tr(_COLUMN_WORDS[name])


def figures_markdown(options: ViewOptions, screen: Screen) -> None:
    """A table: a row per network, a column per figure; the first row is what the changes refer to."""
    columns = [part.strip() for part in options.get("columns", "params, macs").split(",")]
    change = options.get("change") == "yes"
    rows = [(t, t.analysis(screen.turned)) for t in targets(options["names"])]
    lines = ["| " + " | ".join([tr("Network"), *(view_column(c) for c in columns)]) + " |", "|:--|" + "--:|" * len(columns)]
    for t, analysis in rows:
        cells = [_cell(column, analysis, rows[0][1] if change and analysis is not rows[0][1] else None) for column in columns]
        lines.append("| " + " | ".join([t.title, *cells]) + " |")
    st.markdown("\n".join(lines))
    if "accuracy" in columns and (said := recipes_note([analysis.name for _, analysis in rows])):
        st.caption(said)


def recipes_note(names: Sequence[str]) -> str:
    """Which training each published accuracy comes from, where they are not all from one; "" where they are, or where there are none."""
    trained: dict[str, list[str]] = {}
    for name in dict.fromkeys(names):
        top = reference.accuracy(name)
        top = top[top["metric"] == "acc@1"]
        if not top.empty:
            trained.setdefault(_recipe(str(top.iloc[0]["source"]), str(top.iloc[0]["weights"])), []).append(name)
    if len(trained) < 2:
        return ""
    return tr(
        "Published with different training recipes, so not all of a difference is the network's. {said}.",
        said="; ".join(f"{recipe}: {', '.join(of)}" for recipe, of in trained.items()),
    )


def _recipe(source: str, weights: str) -> str:
    """A training recipe in short: "torchvision V1", or timm's tag such as "timm ra_in1k"."""
    if source.startswith("torchvision"):
        return f"torchvision {weights.rsplit('_', 1)[-1]}"
    if source.startswith("timm"):
        return f"timm {weights.partition('.')[2].split(' ')[0]}"
    return source.partition(" (")[0]


def _cell(column: str, analysis: Analysis, base: Analysis | None) -> str:
    if column in _EXTRA:
        return _EXTRA[column](analysis)
    if column == "accuracy":
        found = reference.accuracy(analysis.name)
        top = found[found["metric"] == "acc@1"]
        return "–" if top.empty else f"{top.iloc[0]['value']:.1f}"
    value = QUANTITIES[column].of(analysis)
    text = live.table_text(column, value)
    if base is None or not (before := QUANTITIES[column].of(base)):
        return text
    return f"{text} :gray[×{value / before:.3g}]"


def published_table(options: ViewOptions, _screen: Screen) -> None:
    """Published accuracy, and throughput where asked for, each with its source."""
    what = options.get("what", "accuracy")
    parts = []
    for t in targets(options["names"]):
        name = t.choice.name
        found = _leading(reference.accuracy(name)) if what == "accuracy" else reference.throughput(name)
        parts.append(found.assign(network=t.title))
    frame = pd.concat(parts) if parts else pd.DataFrame()
    st.caption(tr("Published, not measured here"))
    if frame.empty:
        st.caption(tr("Nothing published is on record for these names."))
        return
    lines = _accuracy_lines(frame) if what == "accuracy" else _throughput_lines(frame)
    st.markdown("\n".join(lines))


def _leading(found: pd.DataFrame) -> pd.DataFrame:
    """Top-1 where it was published, else the first metric there is, as of joints found."""
    return found[found["metric"] == ("acc@1" if (found["metric"] == "acc@1").any() or found.empty else found.iloc[0]["metric"])]


def _accuracy_lines(frame: pd.DataFrame) -> list[str]:
    metrics = [tr("Top-1 (%)") if m == "acc@1" else f"{m} (%)" for m in frame["metric"].unique()]
    lines = [f"| {tr('Network')} | {' / '.join(metrics)} | {tr('Source')} |", "|:--|--:|:--|"]
    return lines + [f"| {r.network} | {r.value:.1f} | {r.source}, {r.weights} |" for r in frame.itertuples()]


def _throughput_lines(frame: pd.DataFrame) -> list[str]:
    best = frame.sort_values("images_per_second", ascending=False).groupby("network", sort=False).head(2)
    lines = [f"| {tr('Network')} | {tr('Images/s')} | {tr('Setup')} |", "|:--|--:|:--|"]
    rows = zip(best["network"], best["images_per_second"].astype(float), best["setup"], strict=True)
    return lines + [f"| {name} | {all_digits(round(rate))} | timm, {setup} |" for name, rate, setup in rows]


def code(options: ViewOptions, screen: Screen) -> None:
    """The class's own source, one method of it, or a part that it is made of."""
    source = textwrap.dedent(inspect.getsource(shown_code(options))).strip()
    st.code(source, language="python", wrap_lines=True, height=None if screen.still else screen.pixels(options))


def shown_code(options: ViewOptions) -> Any:
    """What a code view shows: the class of ``name``, its ``method``, or the ``symbol`` of the library. Raises KnobError where there is no such thing."""
    if "symbol" in options:
        module, _, symbol = options["symbol"].rpartition(".")
        try:
            return getattr(importlib.import_module(f"blocks.{module.removeprefix('blocks.')}"), symbol)
        except (ImportError, AttributeError):
            raise KnobError("symbol", options["symbol"], "must name a class or a function of the library, such as blocks.layers.shake.ShakeFunction") from None
    found = catalog.entry(target(options["name"]).choice.name).cls
    if options.get("method") and not hasattr(found, options["method"]):
        raise KnobError("method", options["method"], f"{found.__name__} has no such method")
    return getattr(found, options["method"]) if options.get("method") else found
