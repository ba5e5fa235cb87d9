"""What surrounds a step in a lecture hall: the presenter's window, the overview of steps, the QR code, a student's answer."""

from __future__ import annotations

import socket
from dataclasses import replace
from urllib.parse import urlencode, urlsplit

import segno
import streamlit as st

from blocks.language import tr, translatable
from viz.kit.screen import Screen
from viz.kit.widget_state import held
from viz.lectures import stage
from viz.lectures.address import LECTURES, LONGEST_ANSWER, LecturePosition
from viz.lectures.live import fill
from viz.lectures.source import Lecture, LectureStep, Question, Text, View

_LOOPBACK = ("localhost", "127.0.0.1", "::1")
_LOCAL = (*_LOOPBACK, "0.0.0.0")
_ACROSS = 3
#: What the presenter's window calls the views that the next step has.
_VIEWS = {
    "graph": translatable("Graph"), "formula": translatable("Formula"), "figures": translatable("Table"), "chart": translatable("Chart"),
    "experiment": translatable("Experiment"), "latency": translatable("Measurement"), "knobs": translatable("Knobs"),
    "published": translatable("Published results"), "code": translatable("Code"),
}  # fmt: skip


def link_of(place: LecturePosition, **changed: object) -> str:
    """The address of a position on this page, without the host."""
    return "lectures?" + urlencode(replace(place, **changed).query())  # type: ignore[arg-type]


def presenter_window(place: LecturePosition, lecture: Lecture, step: LectureStep, screen: Screen) -> None:
    """Notes large on the left; clock and what comes next on the right."""
    left, right = st.columns([3, 2], gap="large")
    with left, st.container(key="lecture-notes"):
        st.caption(f"{lecture.title} · {place.step} / {len(lecture.steps)}")
        st.markdown(f"## {step.title}")
        st.markdown(fill(step.notes, screen.turned) if step.notes else tr("No notes for this step."))
        for question in (part for part in step.parts() if isinstance(part, Question)):
            st.markdown(f"**{fill(question.question, screen.turned)}** {fill(question.answer, screen.turned)}")
    with right:
        stage.clock(tr("Start again"))
        if place.step == len(lecture.steps):
            st.markdown(f"**{tr('This is the last step.')}**")
            return
        after = lecture.steps[place.step]
        with st.container(border=True):
            st.caption(tr("Next step"))
            st.markdown(f"#### {after.title}")
            for part in after.parts():
                if isinstance(part, Text):
                    st.markdown(fill(part.text))
                elif isinstance(part, View):
                    st.caption(f":material/arrow_right: {tr(_VIEWS[part.kind])} `{part.options.get('name', part.options.get('names', ''))}`")


def overview(place: LecturePosition, lecture: Lecture) -> None:
    """Every step as a button, the one that is open marked."""
    with st.container(key="lecture-overview"):
        _overview(place, lecture)


def _overview(place: LecturePosition, lecture: Lecture) -> None:
    st.markdown(f"## {lecture.title}")
    for start in range(0, len(lecture.steps), _ACROSS):
        for column, number in zip(st.columns(_ACROSS), range(start, min(start + _ACROSS, len(lecture.steps))), strict=False):
            column.button(
                f"{number + 1} · {lecture.steps[number].title}", key=f"to-{number + 1}", width="stretch", type="primary" if number + 1 == place.step else "secondary",
                on_click=place.go, kwargs={"step": number + 1, "overview": False},
            )  # fmt: skip


def step_code(place: LecturePosition) -> None:
    """The QR code that opens this step on a phone, and the address under it."""
    address, reachable = student_address(place, str(st.context.url or ""))
    if not address:
        st.info(tr("The page's own address is unknown here, so there is no code."), icon=":material/info:")
        return
    with st.container(horizontal_alignment="center"):
        st.image(qr_code(address).svg_data_uri(light="#fff", omitsize=True), width=round(stage.window()[1] * 0.6))
        st.markdown(f"`{address}`", width="content")
        if not reachable:
            st.caption(
                tr(
                    "This address works on this machine only: start the app for the network (SECURITY.md says how), and open it under the machine's name there."
                ),
                width="content",
            )


def qr_code(address: str) -> segno.QRCode:
    """The code of an address, of error correction M, or better where the same size has room for it."""
    return segno.make_qr(address, error="m")


def student_address(place: LecturePosition, page: str) -> tuple[str, bool]:
    """(the address of the step as students open it, whether another machine can reach it); ("", False) where the page's own address is unknown.

    An app that was opened under a local name is offered under the machine's address in its network.
    """
    parts = urlsplit(page)
    if not parts.hostname:
        return "", False
    host = parts.hostname if parts.hostname not in _LOCAL else network_address()
    reachable = bool(host)
    netloc = f"{host or parts.hostname}:{parts.port}" if parts.port else host or parts.hostname
    base = parts.path.removesuffix("/").removesuffix("/lectures")
    return f"{parts.scheme}://{netloc}{base}/" + link_of(place, present=False, notes=False, overview=False, code=False, answers=()), reachable


def network_address() -> str:
    """This machine's address in its network, "" where it has none or the app does not listen there. Asks the routing table; nothing is sent."""
    if st.get_option("server.address") in _LOOPBACK:
        return ""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
        try:
            asking.connect(("192.0.2.1", 9))
            found = str(asking.getsockname()[0])
        except OSError:
            return ""
    return "" if found.startswith("127.") else found


def answer_field(place: LecturePosition, number: int) -> None:
    """Where a student writes an answer to the step's question ``number``; it is kept in the page's address."""
    at = f"{place.step}.{number}"
    key = f"answer-{place.lecture.name if place.lecture else ''}-{at}"

    def keep() -> None:
        LECTURES.update(place.answered(at, str(st.session_state[key])))

    st.text_area(
        tr("Your answer"),
        held(key, place.answer(at)),
        key=key,
        max_chars=LONGEST_ANSWER,
        height=80,
        on_change=keep,
        help=tr("Kept in this page's link: share the link to hand it in."),
    )
