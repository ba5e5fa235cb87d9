"""The strip of cards above a comparison: each variant with its knobs, and what can be done with it."""

from __future__ import annotations

from dataclasses import replace

import streamlit as st

from blocks import catalog
from blocks.knobs import Knob, KnobError
from blocks.language import tr
from viz.kit.access import icon_only
from viz.kit.board import LETTERS, Board, Slot, board_problems, variant_names
from viz.kit.charts import is_dark
from viz.kit.choice import Choice
from viz.kit.examples import EXAMPLES
from viz.kit.input_widgets import input_panel
from viz.kit.knob_names import knob_name
from viz.kit.knob_widgets import knob_panel, knob_widget
from viz.kit.links import MAX_VARIANTS, explore_link
from viz.kit.markdown import error_box, plain_markdown
from viz.kit.navigation import link_to
from viz.kit.network_picker import network_title
from viz.kit.palette import variant_colour
from viz.kit.refusal_view import refusal_view
from viz.kit.widget_state import held

_STYLE = """
.st-key-variant-cards [data-testid="stHorizontalBlock"] { flex-wrap: wrap; }
.st-key-variant-cards [data-testid="stHorizontalBlock"] > [data-testid="stColumn"] { min-width: 14rem; }
@media (max-width: 1700px) { .st-key-variant-cards [data-testid="stHorizontalBlock"] > [data-testid="stColumn"]:nth-child(1):nth-last-child(n + 5),
  .st-key-variant-cards [data-testid="stColumn"]:nth-child(1):nth-last-child(n + 5) ~ [data-testid="stColumn"] { min-width: max(14rem, calc(33.3% - 1rem)); } }
[class*="st-key-card-"] button { min-height: 2.1rem; padding: 0.15rem 0.55rem; }
[class*="st-key-card-"] [data-testid="stHorizontalBlock"], [class*="st-key-card-"] [data-testid="stLayoutWrapper"] > div { gap: 0.35rem; }
"""


def cards(board: Board) -> None:
    """All cards in a row, and the ways to add one. Changes the board; a button that moves things reruns the page."""
    st.html(f"<style>{_STYLE}{''.join(_style(slot) for slot in board.slots)}</style>")
    if board.slots:
        places = st.container(key="variant-cards")  # where they do not fit beside each other they go to the next row
        for column, (place, slot) in zip(places.columns(len(board.slots), gap="small"), enumerate(board.slots), strict=True):
            with column, st.container(border=True, key=f"card-{slot.number}", gap="small"):
                _card(board, slot, place)


def _style(slot: Slot) -> str:
    return f".st-key-card-{slot.number} {{ border-top: 5px solid {variant_colour(slot.colour, is_dark())} !important; }}"


def _card(board: Board, slot: Slot, place: int) -> None:
    heading = st.container(gap=None)
    with st.container(horizontal=True, gap="small"):
        with st.popover(tr("Knobs"), icon=":material/tune:", help=tr("Turn this variant's knobs, name it, change its input.")):
            _edit(slot, place)
        with st.popover(tr("Copy"), icon=":material/content_copy:", disabled=board.full, help=tr("This variant once more, with one knob changed.")):
            _duplicate(board, slot)
        with st.container(horizontal=True, gap=None, width="content"):  # where the card is narrow they go to the next line together
            _buttons(board, slot, place)
    name = variant_names([(s.choice, s.label) for s in board.slots])[place]
    entry = catalog.entry(slot.choice.name)
    heading.markdown(f"**{LETTERS[place]} · {plain_markdown(name)}**")
    heading.caption(" · ".join([tr(entry.title) if entry.kind == "block" else entry.name, entry.family.title, *_input(slot.choice)]))


def _input(choice: Choice) -> list[str]:
    """What of the input is not as published."""
    said = [" × ".join(map(str, choice.shape[1:]))] if choice.side is not None else []
    said += [tr("batch {n}", n=choice.batch)] if choice.batch != 1 else []
    return said + ([choice.dtype] if choice.dtype != "float32" else []) + ([tr("training")] if choice.training else [])


def _buttons(board: Board, slot: Slot, place: int) -> None:
    last = len(board.slots) - 1
    if st.button(
        icon_only(tr("To the left")),
        icon=":material/arrow_back:",
        key=f"left-{slot.number}",
        help=tr("Move to the left; the first is what others are compared with."),
        disabled=not place,
        type="tertiary",
    ):
        board.move(slot, -1)
        st.rerun()
    if st.button(
        icon_only(tr("To the right")),
        icon=":material/arrow_forward:",
        key=f"right-{slot.number}",
        help=tr("Move to the right."),
        disabled=place == last,
        type="tertiary",
    ):
        board.move(slot, 1)
        st.rerun()
    if st.button(icon_only(tr("Remove")), icon=":material/close:", key=f"remove-{slot.number}", help=tr("Remove it."), type="tertiary"):
        board.remove(slot)
        st.rerun()


def _edit(slot: Slot, place: int) -> None:
    """Name, knobs and input of a variant, in place."""
    prefix = f"v{slot.number}.{slot.edits}."
    key = f"{prefix}_label"
    slot.label = " ".join(st.text_input(tr("Name"), held(key, slot.label), key=key, max_chars=60, placeholder=slot.choice.name).split())
    knobs = catalog.knobs(slot.choice.name)
    chosen, wrong = knob_panel(knobs, catalog.settings(slot.choice.name, **slot.choice.knobs), prefix)
    defaults = {k.name: k.default for k in knobs}
    st.caption(tr("Input"))
    slot.choice = input_panel(replace(slot.choice, knobs={k: v for k, v in chosen.items() if v != defaults[k]}), prefix)
    for error in wrong:
        error_box(str(error))
    left, right = st.columns(2, vertical_alignment="center")
    if left.button(tr("As published"), key=f"{prefix}_reset", help=tr("Every knob and the input as the network was published.")):
        slot.choice, slot.edits = slot.choice.default(), slot.edits + 1
        st.rerun()
    with right:
        link_to(explore_link(slot.good or slot.choice), tr("Explore {letter}", letter=LETTERS[place]), icon=":material/open_in_new:")


def _duplicate(board: Board, slot: Slot) -> None:
    """A knob and its new value, then the button that adds the copy."""
    knobs = {k.name: k for k in catalog.knobs(slot.choice.name)}
    if not knobs:
        st.caption(tr("This network was opened from outside and has no knobs; its name and its input can be changed under Knobs."))
        return
    prefix = f"d{slot.number}.{len(board.slots)}."
    name = st.selectbox(tr("Change"), list(knobs), key=f"{prefix}which", index=_likely(list(knobs.values())), format_func=lambda n: knob_name(knobs[n]))
    try:
        value = knob_widget(knobs[name], slot.choice.knobs.get(name, knobs[name].default), f"{prefix}{name}")
    except KnobError as error:
        error_box(str(error))
        return
    if st.button(tr("Add the copy"), key=f"{prefix}add", type="primary", icon=":material/add:") and not board.full:
        board.duplicate(slot, **{name: value})
        st.rerun()


def _likely(knobs: list[Knob]) -> int:
    """The knob that users most often ask about: the first number that is not a size of the task."""
    wanted = ("se_ratio", "width_mult", "expansion", "kernel_size", "c_out")
    return next((i for name in wanted for i, k in enumerate(knobs) if k.name == name), 0)


def refusals(board: Board) -> None:
    """A sentence for each variant that cannot be analysed, with the buttons that lead out of it."""
    for slot, sentence in zip([slot for slot in board.slots if slot.problem], board_problems(board), strict=True):

        def use(choice: Choice, slot: Slot = slot) -> None:
            slot.choice, slot.edits = choice, slot.edits + 1

        refusal_view(sentence, slot.choice, slot.good, use, f"refused-{slot.number}")


def compare_title(board: Board) -> None:
    """The page's title, and why no network can be added where that is so."""
    st.markdown(tr("## Compare"))
    if board.full:
        st.caption(tr("The comparison holds {most} networks, the most that fit; take one off to add another.", most=MAX_VARIANTS))


def adding(board: Board) -> None:
    """The row beside the title: add a network, or open one of the literature's questions."""
    with st.container(horizontal=True, horizontal_alignment="right", gap="small", vertical_alignment="center"):
        with st.popover(tr("Add a network"), icon=":material/add:", disabled=board.full, help=tr("Any model or block of the catalog.")):
            name = st.selectbox(tr("Network or block"), catalog.names("model") + catalog.names("block"), key=f"add.{board.numbers}", index=None, format_func=network_title,
                                placeholder=tr("Type a name"))  # fmt: skip
            if name and not board.full:
                board.add(Choice(name))
                st.rerun()
        with st.popover(tr("Questions"), icon=":material/school:", help=tr("Ready comparisons that the literature asks about.")):
            for example in EXAMPLES:
                link_to(example.link, tr(example.title), help=tr(example.question))
                st.caption(tr(example.question))
