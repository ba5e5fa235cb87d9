"""The search: it keeps to budgets, comes near the best that a full grid has, repeats with its seed, and stops."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from blocks.knobs import KnobError
from blocks.space import counting
from blocks.space.count import Setup, count_variants
from blocks.space.sample import Space, sample_variants
from blocks.space.search import Goal, start_search
from blocks.space.structure import COUNTED_FIGURES

SPACE = Space("mobilenet_v2", {"width_mult": (0.5, 1.0), "expansion": (2, 4), "side": (96, 160)})
SETUP = Setup("mobilenet_v2")
SECONDS = 240


@pytest.fixture(scope="module", autouse=True)
def _ended() -> Iterator[None]:
    yield
    counting.stop_counting()


def test_the_best_keeps_to_the_budget_and_is_near_the_best_of_all() -> None:
    goal = Goal("params", True, {"macs": 100e6})
    search = start_search(SPACE, SETUP, goal, 48, seed=2)
    assert search.wait(SECONDS)
    assert (search.state, search.done) == ("done", 48)
    assert search.best is not None
    frame = search.frame()
    assert frame.loc[search.best, "macs"] <= 100e6
    assert frame.loc[search.best, "params"] == frame[frame["fits"]]["params"].max() == frame["best_so_far"].iloc[-1]
    grid = count_variants(SETUP, sample_variants(SPACE, "grid", 20_000)).figures
    allowed = grid[grid[:, COUNTED_FIGURES.index("macs")] <= 100e6]
    assert frame.loc[search.best, "params"] >= 0.85 * allowed[:, COUNTED_FIGURES.index("params")].max()
    again = start_search(SPACE, SETUP, goal, 12, seed=2)
    assert again.wait(SECONDS)
    assert again.variants == search.variants[:12]


def test_refused_combinations_are_counted_and_a_budget_that_nothing_keeps_has_no_best() -> None:
    search = start_search(Space("resnet18", {"groups": (1, 32), "width_mult": (0.25, 1.0)}), Setup("resnet18"), Goal("macs", False, {"params": 10.0}), 24)
    assert search.wait(SECONDS)
    assert search.state == "done"
    assert search.refused > 0
    assert search.done == 24
    assert search.best is None


def test_a_search_stops() -> None:
    search = start_search(SPACE, SETUP, Goal("macs", False), 5000)
    search.stop()
    assert search.wait(SECONDS)
    assert search.state == "stopped"
    assert search.done < 5000


@pytest.mark.parametrize(("goal", "trials"), [(Goal("beauty", True), 10), (Goal("macs", True, {"latency": 1.0}), 10), (Goal("macs", True), 0)])
def test_what_cannot_be_searched_is_said(goal: Goal, trials: int) -> None:
    with pytest.raises(KnobError, match="must"):
        start_search(SPACE, SETUP, goal, trials)


def test_a_fault_of_the_search_becomes_a_sentence() -> None:
    search = start_search(Space("mobilenet_v2", {"width_mult": (2.0, 1.0)}), SETUP, Goal("macs", True), 5)
    assert search.wait(SECONDS)
    assert search.state == "failed"
    assert "must rise" in search.error


def test_a_budget_of_time_on_a_device_holds_and_is_a_goal() -> None:
    device = "raspberry-pi-5-broadcom-bcm2712-cortex-a76-armv8-2-4ghz-x-4"
    search = start_search(SPACE, SETUP, Goal("params", True, {"device_time": 1.1e-3}), 24, device=device)
    assert search.wait(SECONDS)
    assert (search.state, search.error) == ("done", "")
    frame = search.frame()
    assert frame["fits"].any()
    assert not frame["fits"].all()
    assert (frame["fits"] == (frame["device_time"] <= 1.1e-3)).all()
    fastest = start_search(SPACE, SETUP, Goal("device_time", False, {}), 12, device=device)
    assert fastest.wait(SECONDS)
    assert fastest.best is not None
    assert fastest.frame().loc[fastest.best, "device_time"] == fastest.frame()["device_time"].min()
    with pytest.raises(KnobError, match="must be one of"):
        start_search(SPACE, SETUP, Goal("device_time", False, {}), 12)
