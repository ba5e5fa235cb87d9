"""Choosing a picture on a page: drawn ones, a user's own, a broken file, and nothing of it on a disk."""

from __future__ import annotations

import gc
import time
import weakref

import pytest
import torch
from streamlit.testing.v1 import AppTest

from blocks.experiments import pictures
from viz.kit.screen import Screen


def page() -> None:
    """One experiment with a picture."""
    from viz.experiments.panel import experiment_view
    from viz.kit.screen import Screen

    experiment_view({"name": "branch_fields"}, Screen("s"))


KEY = Screen("s").place("experiment", {"name": "branch_fields"}) + ".picture"


@pytest.fixture
def app() -> AppTest:
    return AppTest.from_function(page, default_timeout=240).run()


def test_a_drawn_picture_is_chosen(app: AppTest) -> None:
    assert not app.exception
    assert app.session_state[KEY] == "cat"
    app.button(f"{KEY}.city").click().run()
    assert app.session_state[KEY] == "city"
    assert not app.exception


def test_a_persons_own_picture_is_taken_and_forgotten(app: AppTest) -> None:
    app.file_uploader(f"{KEY}.file").upload("mine.png", pictures.png(torch.rand(3, 30, 40)), "image/png").run()
    assert not app.exception
    mine = app.session_state[KEY]
    assert isinstance(mine, pictures.Picture)
    assert mine.pixels.shape == (3, 30, 40)
    app.button(f"{KEY}.forget").click().run()
    assert app.session_state[KEY] == "cat"
    assert app.session_state["lecture.own_pictures"] == {}


def test_a_broken_file_is_a_sentence_and_the_choice_stays(app: AppTest) -> None:
    app.file_uploader(f"{KEY}.file").upload("bad.png", b"\x89PNG\r\n\x1a\nnonsense", "image/png").run()
    assert not app.exception
    assert "bad.png" in app.error[0].value
    assert app.session_state[KEY] == "cat"


def test_it_is_gone_with_the_session() -> None:
    app = AppTest.from_function(page, default_timeout=240).run()
    app.file_uploader(f"{KEY}.file").upload("mine.png", pictures.png(torch.rand(3, 30, 40)), "image/png").run()
    seen = weakref.ref(app.session_state[KEY].pixels)
    app.button(f"{KEY.removesuffix('.picture')}.go").click().run()
    run = next(iter(app.session_state["tasks"].values()))
    run.wait(60)
    assert run.state == "done"
    assert run.about["picture"].pixels is seen()
    del app, run
    until = time.monotonic() + 60  # viz/kit/wanted.py looks after a task that is over for a second more
    while seen() is not None and time.monotonic() < until:
        time.sleep(0.1)
        gc.collect()
    assert seen() is None
