"""An answer that comes while the page is drawn is not lost."""

from __future__ import annotations

import torch

from blocks.experiments.pictures import decode, png
from blocks.look.samples import sample_pixels
from blocks.look.what_if import WhatIf
from blocks.workers.job import Job
from viz.inside.asking import Asked, LookTask, picture_shown


def test_what_ends_after_the_page_read_it_came_late() -> None:
    job = Job("1", "run", {}, "s")
    task = LookTask(job, {})
    asked = Asked(task, task.result, task.over)
    assert not asked.came_late
    job.end("done")
    assert asked.came_late
    assert not Asked(task, task.result, task.over).came_late
    assert not Asked(None, None, True).came_late


def test_the_picture_is_shown_as_the_network_gets_it() -> None:
    cat = png(sample_pixels("cat", 40))
    assert picture_shown(cat, WhatIf("int8", pruned=50)) == cat
    dark = decode(picture_shown(cat, WhatIf(light=50))).pixels
    assert torch.allclose(dark, sample_pixels("cat", 40) * 0.5, atol=0.01)


def test_a_job_that_was_stopped_is_over_and_says_why() -> None:
    job = Job("2", "run", {}, "s")
    job.end("cancelled", "Cancelled: its page was closed.")
    task = LookTask(job, {})
    assert task.state == "stopped"
    assert task.over
    assert task.message == "Cancelled: its page was closed."
    assert task.share == 0.0
