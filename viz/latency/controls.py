"""The bar of conditions: device, type, mode and quantity in sight, the rest one click away, with what the device cannot do and why."""

from __future__ import annotations

import streamlit as st

from blocks import catalog
from blocks.language import retell, tr, translatable
from blocks.latency import lab
from blocks.latency.measure.experiment import CHOICES
from viz.kit.board import Board
from viz.kit.board_session import session_board
from viz.kit.choice import Choice
from viz.kit.links import MAX_VARIANTS, compare_link, latency_link
from viz.kit.navigation import link_to
from viz.kit.network_picker import network_title
from viz.kit.widget_state import held, held_index
from viz.latency.address import LatencyState
from viz.latency.settings import OWN, Conditions, reasons, values

#: The sections whose figures depend on the bar of conditions.
CONDITIONED = frozenset({"measure", "versus", "profile", "roofline", "sweep"})

_LABELS = {
    "device": translatable("Device"),
    "dtype": translatable("Type"),
    "mode": translatable("Mode"),
    "quantity": translatable("Quantity"),
    "cache": translatable("Cache"),
    "clock": translatable("Clock"),
    "compile": translatable("Execution"),
}
_WORDS = {
    OWN: translatable("as set for each network"),
    "isolated": translatable("isolated"),
    "amortised": translatable("amortised"),
    "hot": translatable("hot"),
    "cold": translatable("cold"),
    "eager": translatable("eager"),
    "tf32": "TF32",
    "autocast": "autocast",
    "forward": translatable("forward"),
    "forward_backward": translatable("forward + backward"),
    "compile": "torch.compile",
    "cuda_graph": "CUDA graph",
    "host": translatable("host's"),
    "device": translatable("device's"),
}


def networks_bar(state: LatencyState) -> None:
    """The ways to bring networks to the page, and to open them in Compare."""
    with st.container(horizontal=True, horizontal_alignment="right", gap="small", vertical_alignment="center"):
        others = session_board().variants()
        if others and others != state.board.variants():
            link_to(
                latency_link(others, state.section),
                tr("Use the {n} from Compare", n=len(others)),
                icon=":material/login:",
                help=tr("Their knobs and inputs, in place of these."),
            )
        if state.board.slots:
            link_to(compare_link(state.board.variants()), tr("Compare these"), icon=":material/balance:", help=tr("The same networks on the Compare page."))
        _add(state.board)


def _add(board: Board) -> None:
    with st.popover(
        tr("Add a network"), icon=":material/add:", disabled=board.full, help=tr("Any model or block of the catalog, up to {most}.", most=MAX_VARIANTS)
    ):
        names = catalog.names("model") + catalog.names("block")
        name = st.selectbox(
            tr("Network or block"), names, key=f"latency.add.{board.numbers}", index=None, format_func=network_title, placeholder=tr("Type a name")
        )
        if name and not board.full:
            board.add(Choice(name))
            st.rerun()


def conditions_bar(state: LatencyState) -> Conditions:
    """All conditions as widgets; returns what they are set to."""
    now, prefix = state.conditions, f"latency.{state.generation}."
    bar = st.container(key="conditions")  # viz/server/first_paint.py: no box so narrow that it cuts its words
    first, second, third, fourth, more = bar.columns([3, 2, 2, 2, 1.4], vertical_alignment="bottom")
    with first:
        device = _choice("device", now.device, prefix, {})
    against = reasons(device)
    with second:
        dtype = _choice("dtype", now.dtype, prefix, against)
    with third:
        mode = _choice("mode", now.mode, prefix, against)
    with fourth:
        quantity = _choice("quantity", now.quantity, prefix, against)
    with more, st.popover(tr("More"), icon=":material/tune:", width="stretch"):
        left, right = st.columns(2)
        with left:
            cache = _choice("cache", now.cache, prefix, against)
            compile_ = _choice("compile", now.compile, prefix, against)
            threads = _number(tr("Threads (0: torch's default)"), now.threads, 0, 1024, f"{prefix}threads", tr("Threads of the processor that torch may use."))
        with right:
            clock = _choice("clock", now.clock, prefix, against)
            processes = _number(
                tr("Fresh processes"), now.processes, 1, 50, f"{prefix}processes", tr("Repeats in so many new processes, for the spread between them.")
            )
            seconds = _number(
                tr("At most (seconds)"),
                now.seconds,
                1,
                600,
                f"{prefix}seconds",
                tr("Of measuring, for each network; it stops earlier when the interval is narrow."),
            )
        key = f"{prefix}channels_last"
        channels_last = st.toggle(tr("Channels-last"), held(key, now.channels_last), key=key, help=tr("Memory laid out as (B, H, W, C)."))
        if against:
            missing = (f"{tr(_LABELS[f])}, {_words(v)}: {why}" for (f, v), why in against.items())
            st.caption("  \n".join([f"**{tr('Not on this device')}**", *missing]))
    return Conditions(device, dtype, mode, quantity, cache, clock, compile_, channels_last, threads, processes, seconds)


def _choice(name: str, now: str, prefix: str, against: dict[tuple[str, str], str]) -> str:
    options = values(name)
    key = f"{prefix}{name}"
    index = held_index(key, options, now if now in options else options[0])
    titles = {d.device: f"{d.name} ({d.device})" for d in lab.devices()}

    def words(value: str) -> str:
        return titles.get(value, value) if name == "device" else _words(value) + (f" · {tr('not here')}" if (name, value) in against else "")

    note = next((retell(d.note) for d in lab.devices() if d.note), None)
    help_ = note if name == "device" else "  \n".join(f"**{_words(v)}**: {tr(t)}" for v, t in CHOICES[name].items())
    return str(st.selectbox(tr(_LABELS[name]), options, index, key=key, format_func=words, help=help_))


def _words(value: str) -> str:
    return tr(_WORDS.get(value, value))


def _number(label: str, now: int, low: int, high: int, key: str, help_: str) -> int:
    return int(st.number_input(label, low, high, held(key, now), key=key, help=help_))


def section_bar(state: LatencyState, titles: dict[str, str]) -> str:
    """The row of sections; returns the chosen one."""
    key = f"latency.{state.generation}.section"
    chosen = st.segmented_control(
        tr("Section"),
        list(titles),
        key=key,
        default=held(key, state.section),
        format_func=lambda section: tr(titles[section]),
        required=True,
        label_visibility="collapsed",
        width="stretch",
    )
    return str(chosen or state.section)
