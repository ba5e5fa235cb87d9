"""The Inside page's main part: picture and answer on the left; the operations, the channels of the open one and the arithmetic of a number on the right."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import streamlit as st

from blocks import catalog
from blocks.analysis import Analysis
from blocks.knobs import KnobError
from blocks.language import retell, tr
from blocks.look.acting import MOST_KEPT, gradient_memory
from blocks.look.attention import is_attention
from blocks.look.gates import channel_gate
from blocks.look.maps import ORDERS
from blocks.trace.errors import TraceError
from viz.inside.address import INSIDE, PICTURE_OVERLAYS, InsideState
from viz.inside.arithmetic import arithmetic_view
from viz.inside.asking import Asked, answered, ask, picture_png, picture_shown, question
from viz.inside.attention_view import attention_view
from viz.inside.controls import take_choice
from viz.inside.gates_view import gates_view
from viz.inside.panes import picture_pane, strip_pane, wall_pane
from viz.inside.picture_chooser import credit, picture_chooser, picture_title, refused_picture, use_picture
from viz.inside.views import answer_view, field_sentence, histogram_view, is_off, statistics_view, switches, trained_note
from viz.inside.weights_view import weights_view
from viz.inside.what_if_controls import activation_control, swapped_words, what_if_controls
from viz.inside.wording import node_words
from viz.kit.choice import analysed
from viz.kit.markdown import error_box
from viz.kit.refusal import refusal_sentence
from viz.kit.refusal_view import refusal_view, shown_instead
from viz.kit.setting import setting_title
from viz.kit.task import live, progress

_CLASSES = 5
_GOOD = "inside.shown"


def shown_state(state: InsideState, prefix: str) -> InsideState | None:
    """``state`` where its network can be analysed; else why not, with the ways out, and the last one that could be. ``prefix`` begins the sidebar's keys."""
    try:
        analysed(state.choice)
    except (KnobError, TraceError) as error:
        good: InsideState | None = st.session_state.get(_GOOD)
        last = good.choice if good is not None else None
        refusal_view(refusal_sentence(error, state.choice), state.choice, last, lambda choice: take_choice(state, choice, prefix), "inside")
        if good is not None:
            shown_instead(good.choice, state.choice)
        return good
    st.session_state[_GOOD] = state
    return state


@dataclass(frozen=True)
class _Answers:
    """What the looking process has answered so far; None where it was not asked or has not answered. ``asked`` are the questions."""

    run: Mapping[str, Any] | None
    node: Mapping[str, Any] | None = None
    number: Mapping[str, Any] | None = None
    acting: Mapping[str, Any] | None = None
    why: Mapping[str, Any] | None = None
    attention: Mapping[str, Any] | None = None
    gates: Mapping[str, Any] | None = None
    asked: Sequence[Asked] = ()


def inside_view(state: InsideState) -> None:
    """Ask the looking process what the page needs, and draw what it has answered so far."""
    analysis = analysed(replace(state.choice, batch=1))
    state = opened_state(state, analysis)
    picture = picture_png(state)
    found = _answers(state, analysis, picture)
    _title(state, found.asked)
    for sentence in dict.fromkeys(one.task.message for one in found.asked if one.task is not None and one.task.state == "failed"):
        error_box(sentence)
    left, right = st.columns([1, 3.4])
    with left, st.container(key="inside.left"):
        _left(state, analysis, picture, found)
    with right, st.container(key="inside.right"):
        _right(state, analysis, picture, found)
    if any(one.came_late for one in found.asked):
        st.rerun()


def _answers(state: InsideState, analysis: Analysis, picture: bytes) -> _Answers:
    """The whole run first: while the network has not run, nothing else is asked."""
    network = (state.choice, state.weights)
    whole = ask("run", question(state, picture, most=_CLASSES))
    run = answered("run", whole, network)
    if run is None:
        return _Answers(None, asked=[whole])
    one = ask("node", question(state, picture, node=state.node, channel=state.channel, order=state.order))
    asked, node = [whole, one], answered("node", one, (network, state.node))
    number = acting = why = attention = gates = None
    if state.pixel is not None:
        place = {"node": state.node, "channel": state.channel, "row": state.pixel[0], "column": state.pixel[1]}
        asked.append(one := ask("number", question(state, picture, **place)))
        number = one.result
        if gradient_memory(analysis.graph, state.node) <= MOST_KEPT:
            asked.append(one := ask("acting", question(state, picture, **place)))
            acting = one.result
    if is_attention(analysis.graph.nodes[state.node]):
        asked.append(one := ask("attention", question(state, picture, node=state.node, query=list(state.query) if state.query else None)))
        attention = answered("attention", one, (network, state.node))
    if channel_gate(analysis.graph, state.node) is not None:
        second = base64.b64encode(picture_png(replace(state, picture=state.beside))).decode() if state.beside else ""
        asked.append(one := ask("gates", question(state, picture, node=state.node, beside=second)))
        gates = one.result
    if state.overlay and run["answer"]:
        asked.append(one := ask("why", question(replace(state, off=()), picture, way=state.overlay, label=run["answer"][0]["index"])))
        why = one.result
    return _Answers(run, node, number, acting, why, attention, gates, asked)


def opened_state(state: InsideState, analysis: Analysis) -> InsideState:
    """``state`` with an operation that is there: the first convolution, else the first operation, where none is open."""
    nodes = analysis.graph.nodes
    if 0 <= state.node < len(nodes) and nodes[state.node].kind != "output":
        return state
    first = next((n.index for n in nodes if n.kind == "convolution"), next((n.index for n in nodes if n.kind not in ("input", "output")), 0))
    return replace(state, node=first, channel=0, pixel=None)


def _title(state: InsideState, asked: Sequence[Asked]) -> None:
    """The network, and beside it what the looking process does; its place is kept."""
    entry = catalog.entry(state.choice.name)
    with st.container(horizontal=True, key="inside.title"):
        st.markdown(f"## {tr('Inside {network}', network=setting_title(state.choice, tr(entry.title)))}", width="content")
        with st.container(key="inside.progress", width=300):
            live([one.task for one in asked], lambda: _progress(asked))


def _progress(asked: Sequence[Asked]) -> None:
    """A bar while something runs."""
    under_way = [one.task for one in asked if one.task is not None and not one.task.over]
    if under_way:
        progress(under_way[0])


def _left(state: InsideState, analysis: Analysis, picture: bytes, found: _Answers) -> None:
    run, acting = found.run, found.acting
    heat = found.why["map"] if found.why else acting["map"] if acting and not state.overlay else None
    size = (state.choice.shape[2], state.choice.shape[3]) if len(state.choice.shape) == 4 else (1, 1)
    field = found.number["field"] if found.number is not None else None
    picture_pane(picture_shown(picture, state.what), picture_title(state.picture), heat, field, acting, size, lambda data: _pasted(state, data))
    picture_chooser(state)
    if said := credit(state.picture):
        st.caption(said)
    if said := refused_picture():
        error_box(said)
    if said := field_sentence(field, acting):
        st.caption(said)
    if (needed := gradient_memory(analysis.graph, state.node)) > MOST_KEPT and state.pixel is not None:
        st.caption(tr("What acts on the number is not computed here: its gradient would need some {n} GB.", n=round(needed / 2**30, 1)))
    if run is None:
        return
    answer_view(run)
    st.caption(trained_note(state, run))
    what_if_controls(state)
    if run["answer"]:
        _overlay(state, run["answer"][0]["name"])


def _overlay(state: InsideState, label: str) -> None:
    key = "inside.overlay"
    st.session_state[key] = state.overlay
    st.selectbox(
        tr("On the picture, for “{label}”", label=label),
        list(PICTURE_OVERLAYS),
        list(PICTURE_OVERLAYS).index(state.overlay),
        format_func=lambda name: tr(PICTURE_OVERLAYS[name]),
        key=key,
        on_change=lambda: INSIDE.update(replace(state, overlay=st.session_state[key])),
        help=tr("Which part of the picture the score of this class comes from. Occlusion runs the network some two hundred times."),
    )
    if state.overlay and (state.off or state.what.activations or state.what.swapped):
        st.caption(tr("The overlay is that of the network without what is switched off, replaced or rounded between operations."))


def _pasted(state: InsideState, data: bytes) -> None:
    use_picture(state, data, tr("pasted picture"))


def _right(state: InsideState, analysis: Analysis, picture: bytes, found: _Answers) -> None:
    run, node, number = found.run, found.node, found.number
    if run is None:
        return
    if run["error"]:
        error_box(retell(run["error"]))
    strip_pane(analysis, run["operations"], state.node, lambda chosen: INSIDE.update(replace(state, node=chosen, channel=0, pixel=None)))
    title = node_words(analysis, analysis.graph.nodes[state.node])
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"#### {title}", width="content")
        _order(state)
    if node is None:
        return
    statistics_view(node)
    if found.attention is not None:
        attention_view(state, found.attention, picture_shown(picture, state.what))
    if found.gates is not None:
        gates_view(state, found.gates)
    wall_pane(
        state,
        node,
        lambda channel: INSIDE.update(replace(state, channel=channel)),
        lambda row, column: INSIDE.update(replace(state, channel=node["channel"]["number"], pixel=(row, column))),
    )
    switches(state, analysis, node["count"])
    _swap(state, analysis)
    if is_off(state, node["channel"]["number"]):
        st.caption(tr("This channel is switched off: the network goes on with 0 in place of the number below."))
    if number is not None:
        arithmetic_view(analysis, number, state.choice)
    else:
        st.caption(tr("Click a pixel of the large map: its arithmetic follows, and the frame on the picture shows what it sees."))
    with st.expander(tr("Histogram of all values")):
        histogram_view(node, state, title)
    if any(name.endswith("weight") for name in analysis.graph.nodes[state.node].weights):
        with st.expander(tr("Weights of this operation")):
            _weights(state, picture)


def _swap(state: InsideState, analysis: Analysis) -> None:
    """Another activation instead of the open one, and what is replaced."""
    if analysis.graph.nodes[state.node].kind == "activation":
        with st.container(width=280):
            activation_control(state, state.node, tr("This activation replaced by"))
    if said := swapped_words(state, analysis):
        st.caption(said)


def _weights(state: InsideState, picture: bytes) -> None:
    """On request: a decomposition of a large matrix takes its time."""
    if not st.toggle(tr("Show kernels, histogram and singular values"), key="inside.weights"):
        return
    asked = ask("weights", question(replace(state, off=()), picture, node=state.node))
    live([asked.task], lambda: _progress([asked]))
    if asked.task is not None and asked.task.state == "failed":
        error_box(asked.task.message)
    if asked.result is not None:
        weights_view(asked.result, state)
    elif asked.came_late:
        st.rerun()


def _order(state: InsideState) -> None:
    key = "inside.order"
    st.session_state[key] = state.order
    st.segmented_control(
        tr("Channels by"),
        list(ORDERS),
        default=state.order,
        format_func=_order_word,
        key=key,
        required=True,
        on_change=lambda: INSIDE.update(replace(state, order=st.session_state[key])),
        label_visibility="collapsed",
    )


def _order_word(order: str) -> str:
    return {"channel": tr("By number"), "strength": tr("By strength"), "variance": tr("By variance"), "zeros": tr("By zeros")}[order]
