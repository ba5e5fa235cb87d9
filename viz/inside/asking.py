"""Questions to the looking process as tasks of the page: each kind has one at a time, and the last good answer stays until the next has come."""

from __future__ import annotations

import base64
import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from blocks.experiments.pictures import Picture, decode, png, square
from blocks.language import tr
from blocks.look.background import cancel_look, look_in_background
from blocks.look.samples import sample_pixels
from blocks.look.what_if import WhatIf, changed_picture, plain_what_if
from blocks.workers.job import Job
from viz.inside.address import InsideState
from viz.inside.weights import OWN_PICTURE, weights_place
from viz.kit.session import session
from viz.kit.task import JobTask, Task, begin, tasks

SENT_SIDE = 1024  # pixels of a picture that are sent, per side
ANSWERED_SOON = 0.4  # seconds that a run waits for an answer, so that a click on a warm network needs one run and not two
_OWN_PICTURE, _GOOD = "inside.picture", "inside.good"


class LookTask(JobTask):
    """The question ``job`` on what ``about`` names; its result is as :class:`blocks.look.handler.LookingHandler` gives it."""

    def __init__(self, job: Job, about: object) -> None:
        super().__init__(job, about, cancel_look)

    @property
    def share(self) -> float:
        """Of the work that is done."""
        return float(self.job.progress.get("share", 0.0))

    @property
    def message(self) -> str:
        """What it does; why there is no answer, once it is over."""
        return super().message or tr("The network runs on the picture.")


def own_picture() -> Picture | None:
    """The user's own picture, of this session."""
    found: Picture | None = st.session_state.get(_OWN_PICTURE)
    return found


def keep_picture(picture: Picture | None) -> None:
    """Keep the user's own picture for this session; None forgets it."""
    st.session_state[_OWN_PICTURE] = picture


def picture_png(state: InsideState) -> bytes:
    """The chosen picture at the network's side, as a PNG; the first sample where the user's own is not of this session."""
    side = min(SENT_SIDE, max(state.choice.shape[2:])) if len(state.choice.shape) == 4 else 224
    mine = own_picture()
    if state.picture != OWN_PICTURE:
        return _sample_png(state.picture, side)
    return _sample_png("cat", side) if mine is None else png(square(mine, side))


@functools.lru_cache(maxsize=16)
def picture_shown(picture: bytes, what: WhatIf) -> bytes:
    """The picture as the network gets it: blurred, shifted and lit as ``what`` says."""
    pixels = decode(picture).pixels[None]
    return picture if WhatIf(blur=what.blur, shift=what.shift, light=what.light).is_nothing else png(changed_picture(pixels, what)[0])


@functools.lru_cache(maxsize=32)
def _sample_png(name: str, side: int) -> bytes:
    return png(sample_pixels(name, side))


def question(state: InsideState, picture: bytes, **more: Any) -> dict[str, Any]:
    """What the looking process is asked about: network, weights, picture and what is switched off."""
    off: dict[str, list[int]] = {}
    for node, channel in state.off:
        off.setdefault(str(node), []).append(channel)
    weights = weights_place(state.choice.name, state.weights) if state.weights else ""
    knobs = {name: list(value) if isinstance(value, tuple) else value for name, value in state.choice.knobs.items()}
    return {
        "network": state.choice.name,
        "knobs": knobs,
        "shape": list(state.choice.shape[1:]),
        "weights": weights,
        "picture": base64.b64encode(picture).decode(),
        "off": off,
        "what": plain_what_if(state.what),
        **more,
    }


@dataclass(frozen=True)
class Asked:
    """A question as it stood when the page read its answer: the ``task``, its ``result`` then, and whether it was over."""

    task: Task | None
    result: dict[str, Any] | None
    was_over: bool

    @property
    def came_late(self) -> bool:
        """Whether it has ended since: what the page shows is without it, and nothing but another run brings it."""
        return self.task is not None and not self.was_over and self.task.over


def ask(kind: str, payload: Mapping[str, Any]) -> Asked:
    """Ask, unless the task before asked for the same. Waits a moment: most answers come at once."""
    key = f"inside.{kind}"
    task = tasks().get(key)
    if task is None or task.about != payload or task.state == "stopped":
        task = begin(key, lambda: LookTask(look_in_background(kind, dict(payload), f"{kind} {session()}"), dict(payload)))
    if isinstance(task, LookTask):
        task.job.finished.wait(ANSWERED_SOON)
    if task is None:
        return Asked(None, None, True)
    over = task.over  # before the result: what ends between the two comes late
    return Asked(task, task.result, over)


def answered(kind: str, asked: Asked, network: object) -> dict[str, Any] | None:
    """The answer; while there is none, the last one of this kind on the same ``network``."""
    good: dict[str, Any] = st.session_state.setdefault(_GOOD, {})
    if asked.result is not None:
        good[kind] = (network, asked.result)
    before = good.get(kind)
    return before[1] if before is not None and before[0] == network else None
