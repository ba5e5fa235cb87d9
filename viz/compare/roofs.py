"""All variants under one roof: the roofline chart, and what each would take on a machine that need not be here."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from blocks.knobs import KnobError
from blocks.language import retell, tr
from blocks.latency.roofline.estimate import estimate
from blocks.latency.roofline.known_machines import all_machines
from blocks.latency.roofline.machines import Machine
from viz.compare.content import TableCell, TableRow, ratio_text
from viz.compare.latency import seconds_text
from viz.compare.tables import html_table
from viz.kit.board import Side
from viz.kit.charts import chart, is_dark
from viz.kit.markdown import error_box
from viz.kit.numbers import all_digits
from viz.kit.roofline_chart import roofline_figure

_KEY = "compare.machine"


def chosen_machine() -> Machine:
    """The machine that this session looks at: this device once it was probed, else the first that is published."""
    known = {m.name: m for m in all_machines()}
    return known.get(st.session_state.get(_KEY, ""), next(iter(known.values())))


def roofline_section(sides: Sequence[Side]) -> None:
    """The machine, the chart and the estimates."""
    known = {m.name: m for m in all_machines()}
    left, right = st.columns([2, 3], vertical_alignment="bottom")
    name = left.selectbox(tr("Machine"), list(known), key=_KEY, format_func=lambda n: known[n].title)
    machine = known[name]
    right.caption(
        tr(
            "Dots are operations, as large as their share of the estimated time; diamonds are whole networks. Left of the ridge memory sets the pace, right of it arithmetic."
        )
    )
    try:
        figure = roofline_figure([(side.analysis, side.title) for side in sides], [machine], dark=is_dark(), colours=[side.colour for side in sides])
        rows = estimate_rows(sides, machine)
    except KnobError as error:
        error_box(str(error))
        return
    chart(figure, key="compare.roofline", name=f"roofline-{machine.name}", of=[s.choice for s in sides], height=480)
    st.html(html_table(sides, rows, is_dark(), quiet=True))
    st.caption(basis(sides, machine))


def estimate_rows(sides: Sequence[Side], machine: Machine) -> list[TableRow]:
    """Estimated time, throughput and what bounds most of it. Raises KnobError where the machine has no figure for a variant's type."""
    made = [estimate(side.analysis, machine) for side in sides]
    first = made[0]
    bounds = []
    for one in made:
        shares = {bound: sum(s for n, s in one.by_node.items() if one.bound[n] == bound) for bound in ("compute", "memory", "overhead")}
        bound = max(shares, key=lambda b: shares[b])
        bounds.append(TableCell(tr(bound), tr("{share} % of the time", share=f"{100 * shares[bound] / one.seconds:.0f}") if one.seconds else ""))
    return [
        TableRow(tr("Estimated time"), tr("One forward pass on {machine}.", machine=machine.title),
            [TableCell(seconds_text(e.seconds), ratio_text(e.seconds, first.seconds) if i else "", differs=e.seconds != first.seconds) for i, e in enumerate(made)]),
        TableRow(tr("Estimated throughput"), tr("Images per second."), [TableCell(tr("{rate} images/s", rate=all_digits(float(f"{e.throughput:.3g}")))) for e in made]),
        TableRow(tr("Bound by"), tr("What limits the operations that take most of the time."), bounds),
    ]  # fmt: skip


def basis(sides: Sequence[Side], machine: Machine) -> str:
    """How far such an estimate can be trusted."""
    first, efficiency = sides[0].analysis, machine.efficiency
    said = tr("Estimated, not measured; forward pass; {basis}.", basis=retell(efficiency.basis))
    return f"{said} {retell(efficiency.error_words(first.input_shape[0], first.dtype))}".rstrip()
