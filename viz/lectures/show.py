"""A lecture on the page: the course, one step with its bar, or every step as a handout."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import streamlit as st

from blocks.knobs import KnobError
from blocks.language import LANGUAGES, language, tr, translatable, trn
from blocks.trace.errors import TraceError
from viz.experiments.panel import experiment_view
from viz.kit import charts, links
from viz.kit.access import icon_only, over_page
from viz.kit.choice import Choice
from viz.kit.markdown import error_box, without_links
from viz.kit.screen import LONE_PICTURE, PICTURE, Screen
from viz.kit.session import note_part
from viz.lectures import course, dials, plots, presenter, stage, views
from viz.lectures.address import LECTURES, LecturePosition, read_position
from viz.lectures.live import TemplateError, fill
from viz.lectures.source import Lecture, LectureError, LectureStep, Question, StepPart, Text, View
from viz.lectures.timing import timing

VIEW_FUNCTIONS: dict[str, Callable[[Mapping[str, str], Screen], None]] = {
    "graph": views.graph,
    "formula": views.formula,
    "figures": views.figures_markdown,
    "chart": plots.plot,
    "published": views.published_table,
    "code": views.code,
    "latency": timing,
    "experiment": experiment_view,
}
_KNOBS = "lecture.knobs"
_KEYS = translatable("← → steps · 1–9 that step · O overview · R run · F full screen · L language · N notes window · Q QR code · Esc leaves")


def page() -> None:
    """The whole page."""
    try:
        saved = LECTURES.open()
        # Its file may have been edited since, and another language chosen.
        place, _ = read_position(replace(saved.state, language=language()).query())
        note_part(place.lecture.name if place.lecture else "")
        LECTURES.save(place)
        stage.styles(place)
        for sentence in saved.problems:
            st.info(without_links(sentence), icon=":material/info:")
        if place.lecture is None:
            _course(place)
        elif place.handout:
            _handout(place, place.lecture)
        else:
            _one(place, place.lecture)
    except LectureError as error:
        error_box(str(error))


# --- The course ----------------------------------------------------------------------------------


def _languages(place: LecturePosition) -> None:
    others = [other for other in LANGUAGES if other != place.language]
    for other in others:
        st.button(LANGUAGES[other], key=f"bar-lang-{other}", icon=":material/translate:", type="tertiary", on_click=place.go, kwargs={"language": other})


def _course(place: LecturePosition) -> None:
    found = course.lectures(place.language)
    titles = {lecture.name: lecture.title for lecture in found}
    st.markdown(
        f"## {tr('Lectures')}\n{tr('Every family of networks, taught on the networks themselves: each figure below is computed while you look at it.')}"
    )
    for start in range(0, len(found), 3):
        for column, (number, lecture) in zip(st.columns(3), enumerate(found[start : start + 3], start + 1), strict=False):
            with column.container(border=True, height="stretch"):
                names = ", ".join(titles.get(name, name) for name in lecture.builds_on)
                before = tr("builds on {lectures}", lectures=names) if names else tr("needs no other lecture")
                st.markdown(f"#### {number} · {lecture.title}\n{lecture.summary}")
                st.caption(f"{before} · {trn('{n} step', '{n} steps', len(lecture.steps))}")
                st.button(tr("Open the lecture"), key=f"open-{lecture.name}", icon=":material/arrow_forward:", on_click=place.go, kwargs={"lecture": lecture})


# --- One step ------------------------------------------------------------------------------------


def _one(place: LecturePosition, lecture: Lecture) -> None:
    step = lecture.steps[place.step - 1]
    height = round(stage.window()[1] * PICTURE) if place.present else 460
    screen = Screen(f"L.{lecture.name}.{place.step}", height=height, large=place.present, runs=stage.in_browser())
    if not place.present and not place.notes:
        st.caption(f"{lecture.title} · {lecture.summary}")
    shown = screen
    if place.notes:
        presenter.presenter_window(place, lecture, step, replace(screen, turned=dials.at_start(step)))
    elif place.overview:
        presenter.overview(place, lecture)
    elif place.code:
        presenter.step_code(place)
    else:
        with st.container(key="lecture"):
            shown = _step(step, screen, None if place.present else place)
    _bar(place, lecture, step, shown)
    # Last, so that the window's size arrives after the widgets have got their values.
    stage.keys(place)


def _step(step: LectureStep, screen: Screen, student: LecturePosition | None = None) -> Screen:
    """Draw a step; returns the screen with the knob values that it shows. ``student`` may answer its questions at that position."""
    st.markdown(f"## {step.title}")
    store: dict[str, dials.KnobValues] = st.session_state.setdefault(_KNOBS, {})
    start = dials.at_start(step)
    kept = store.get(screen.key, start)
    # The knobs are drawn where they stand, before or after what follows them: places first, then the widgets, then the views.
    holes: list[tuple[StepPart, st.delta_generator.DeltaGenerator]] = []
    for row in step.rows:
        columns = st.columns(row.ratio, gap="large") if len(row.columns) > 1 else [st.container()]
        for column, parts in zip(columns, row.columns, strict=True):
            holes += [(part, column.container()) for part in parts]
    turned, refused = _turned(holes, screen, kept)
    wrong = dials.refusal(step, turned)
    if wrong:
        refused.append(wrong)
        turned = store.get(f"{screen.key}.good", start)
    else:
        store[f"{screen.key}.good"] = turned
    shown = replace(screen, turned=turned, lit=dials.moved_knobs(start, turned))
    if not screen.still:
        with over_page():
            for sentence in refused:
                error_box(f"{sentence} {tr('The last setting that works stays on the screen.')}")
    questions = [part for part, _ in holes if isinstance(part, Question)]
    for part, hole in holes:
        if not (isinstance(part, View) and part.kind == "knobs"):
            with hole:
                _part(part, _for_part(part, step, shown))
                if student is not None and isinstance(part, Question):
                    presenter.answer_field(student, questions.index(part) + 1)
    return shown


def _for_part(part: StepPart, step: LectureStep, screen: Screen) -> Screen:
    """The screen for one part: a graph or a chart that has a column of the step to itself, and no other one beside it, takes the window's height."""
    pictures = [p for p in step.parts() if isinstance(p, View) and p.kind in ("graph", "chart")]
    alone = len(step.rows) == 1 and [part] in step.rows[0].columns and pictures == [part]
    return replace(screen, height=round(screen.height * LONE_PICTURE / PICTURE), fills=True) if screen.large and alone else screen


def _turned(holes: list[tuple[StepPart, st.delta_generator.DeltaGenerator]], screen: Screen, kept: dials.KnobValues) -> tuple[dials.KnobValues, list[str]]:
    if screen.still:
        return kept, []
    turned: dials.KnobValues = {}
    refused: list[str] = []
    for number, (part, hole) in enumerate(holes):
        if isinstance(part, View) and part.kind == "knobs":
            with hole:
                values, sentences = dials.panel(part, screen, kept, number)
            for name, mine in values.items():
                turned.setdefault(name, {}).update(mine)
            refused += sentences
    st.session_state[_KNOBS][screen.key] = turned
    return turned, refused


def _part(part: StepPart, screen: Screen) -> None:
    try:
        if isinstance(part, Text):
            st.markdown(_filled(part.text, screen))
        elif isinstance(part, Question):
            _question(part, screen)
        else:
            VIEW_FUNCTIONS[part.kind](part.options, screen)
    except (KnobError, TraceError, TemplateError) as error:
        error_box(str(error))


def _filled(text: str, screen: Screen) -> str:
    return fill(text, screen.turned)


def _question(part: Question, screen: Screen) -> None:
    st.markdown(f":primary[:material/help:] **{_filled(part.question, screen)}**")
    if screen.still:
        st.markdown(f"*{tr('Answer')}.* {_filled(part.answer, screen)}")
    else:
        with st.expander(tr("Answer")):
            st.markdown(_filled(part.answer, screen))


# --- The bar -------------------------------------------------------------------------------------


def _bar(place: LecturePosition, lecture: Lecture, step: LectureStep, screen: Screen) -> None:
    last = len(lecture.steps)
    with st.container(key="lecture-bar", horizontal=True, vertical_alignment="center"):
        _icon_button(place, "previous", ":material/arrow_back:", tr("Previous step"), disabled=place.step == 1)
        st.markdown(f"**{place.step} / {last}**", width="content")
        _icon_button(place, "next", ":material/arrow_forward:", tr("Next step"), disabled=place.step == last)
        st.progress(place.step / last)
        if not place.notes:
            with st.container(key="notes-link", width="content"):
                address, said = presenter.link_of(place, notes=True, present=False, overview=False, code=False), tr("Notes in a window of their own (N)")
                st.link_button(icon_only(said), address, help=said, icon=":material/speaker_notes:")
        _icon_button(place, "overview", ":material/grid_view:", tr("Overview of the steps (O)"))
        _icon_button(place, "code", ":material/qr_code_2:", tr("QR code of this step (Q)"))
        if place.present:
            _languages(place)
        for label, meaning, link in _pointers(step, screen):
            st.link_button(label, link.url.removeprefix("/"), help=meaning, icon=":material/open_in_new:", type="tertiary")
        if place.present:
            _icon_button(place, "leave", ":material/close_fullscreen:", tr("Leave the presentation"), key="present", more=f" · {tr(_KEYS)}")
        else:
            st.button(tr("Present"), key="present", icon=":material/slideshow:", help=tr(_KEYS), on_click=stage.follow_key, args=(place, "present"))
            st.button(tr("Handout"), key="handout", icon=":material/print:", on_click=place.go, kwargs={"handout": True})
            st.button(tr("All lectures"), key="all", icon=":material/apps:", type="tertiary", on_click=place.go, kwargs={"lecture": None})


def _icon_button(place: LecturePosition, action: str, icon: str, said: str, *, disabled: bool = False, key: str = "", more: str = "") -> None:
    """A button that does what the key ``action`` does; ``said`` is its name, and with ``more`` its help."""
    st.button(icon_only(said), key=key or action, icon=icon, help=said + more, disabled=disabled, on_click=stage.follow_key, args=(place, action))


def _pointers(step: LectureStep, screen: Screen) -> list[tuple[str, str, links.Link]]:
    """Label, help and link of the same networks on the other pages: the first in Explore, with a picture in Inside, and all of them in Compare."""
    chosen: dict[object, Choice] = {}
    for target in dials.shown_targets(step):
        choice = target.at(screen.turned)
        chosen.setdefault(choice.key, choice)
    several = list(chosen.values())
    found = []
    if several:
        found.append((tr("Explore"), tr("Open this network in Explore, in a new tab."), links.explore_link(several[0])))
        if len(several[0].shape) == 4:
            found.append((tr("Inside"), tr("Let a picture go through this network, in a new tab."), links.inside_link(several[0])))
    if len(several) > 1:
        found.append((tr("Compare"), tr("Open these networks in Compare, in a new tab."), links.compare_link(several[: links.MAX_VARIANTS])))
    return found


# --- The handout ---------------------------------------------------------------------------------


def _handout(place: LecturePosition, lecture: Lecture) -> None:
    with st.container(key="lecture-bar", horizontal=True):
        st.button(tr("Back to the lecture"), key="back", icon=":material/arrow_back:", on_click=place.go, kwargs={"handout": False})
        stage.print_button(tr("Print or save as PDF"))
    with charts.paper(), st.container(key="lecture"):
        st.markdown(f"# {lecture.title}\n{lecture.summary}")
        for number, step in enumerate(lecture.steps, 1):
            with st.container(key=f"sheet-{number}"):
                _step(step, Screen(f"L.{lecture.name}.{number}", still=True, runs=stage.in_browser()))
                if step.notes and place.notes:
                    st.caption(fill(step.notes, {}))
    stage.keys(place)
