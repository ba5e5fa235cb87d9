"""How far an opened network's count was checked: torch's own counter beside ours, in a process beside the page, said when it is known."""

from __future__ import annotations

import streamlit as st

from blocks import catalog
from blocks.checks.background import cancel_check, check_in_background
from blocks.cost.check import Check, check_from
from blocks.language import tr
from blocks.workers.job import Job
from viz.kit.choice import Choice
from viz.kit.markdown import plain_markdown
from viz.kit.session import session
from viz.kit.task import JobTask, Task, begin, live, tasks

_CHECK = "explore.check"  # key of the task


class CheckTask(JobTask):
    """The check called ``job`` of the network that ``about`` names."""

    def __init__(self, job: Job, about: object) -> None:
        super().__init__(job, about, cancel_check)

    @property
    def result(self) -> Check | None:
        """The check."""
        return check_from(self.job.result) if self.job.result is not None else None


def check_note(choice: Choice) -> None:
    """For a network that is not the catalog's: start its check once, and a line that says how far the count was checked."""
    if not catalog.is_address(choice.name):
        return
    about = (choice.name, tuple(sorted(choice.knobs.items())), choice.shape, choice.training)
    task = tasks().get(_CHECK)
    if task is None or task.about != about or task.state == "stopped":
        task = begin(_CHECK, lambda: CheckTask(check_in_background(choice.name, choice.knobs, choice.shape, choice.training, f"check {session()}"), about))

    def draw() -> None:
        with st.container(key="check"):
            _draw(task)

    live([task], draw)


def _draw(task: Task | None) -> None:
    found = task.result if task is not None else None
    if isinstance(found, Check):
        first, *others = found.sentences()
        icon = ":material/error:" if found.differing else ":material/verified:" if found.products else ":material/info:"
        st.caption(f"{icon} {plain_markdown(' '.join([first, *others]))}")
    elif task is not None and task.over:
        reason = tr("The count was not checked: {reason}", reason=task.message)
        st.caption(f":material/info: {plain_markdown(reason)}")
    else:
        waiting = tr("Checking the count against torch's counter.")
        st.caption(f":material/hourglass_top: {waiting}")
