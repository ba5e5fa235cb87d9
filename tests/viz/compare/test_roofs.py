"""Variants under one roof: the rows of the estimates against sums by hand, and the sentence on what they rest on."""

from __future__ import annotations

from dataclasses import replace

import pytest

from blocks.latency.roofline.estimate import estimate
from blocks.latency.roofline.machines import Efficiency, Machine, published_machines
from tests.drawing import shown
from viz.compare import roofs
from viz.compare.content import ratio_text
from viz.kit.board import Board, Side, sides
from viz.kit.choice import Choice

FIRST = published_machines()[0]
EFFICIENCY = Efficiency(dict.fromkeys(FIRST.efficiency.factors, 1.0), 0.0, None, "no measurement", (1, 1, "float32"))


@pytest.fixture
def given() -> list[Side]:
    board = Board()
    board.add(Choice("bottleneck"))
    board.add(Choice("bottleneck", {"kernel_size": 5}))
    return sides(board)


def machine(bandwidth: float, peak: float, overhead: float = 0.0) -> Machine:
    return replace(FIRST, bandwidth=bandwidth, peaks={"float32": peak}, efficiency=replace(EFFICIENCY, overhead=overhead))


@pytest.mark.parametrize(("one", "bound"), [(machine(1e18, 1e9), "compute"), (machine(1e6, 1e18), "memory"), (machine(1e18, 1e18, overhead=1.0), "overhead")])
def test_what_bounds_a_network_is_what_the_machine_has_least_of(given: list[Side], one: Machine, bound: str) -> None:
    rows = {row.name: row.cells for row in roofs.estimate_rows(given, one)}
    assert [cell.text for cell in rows["Bound by"]] == [bound] * 2
    assert [cell.below for cell in rows["Bound by"]] == ["100 % of the time"] * 2


def test_times_carry_their_ratio_to_the_first(given: list[Side]) -> None:
    one = machine(1e18, 1e9)
    first, second = (estimate(side.analysis, one).seconds for side in given)
    times = roofs.estimate_rows(given, one)[0].cells
    assert (times[0].below, times[0].differs) == ("", False)
    assert times[1].differs
    assert times[1].below == ratio_text(second, first)


def test_a_type_that_the_machine_lacks_is_a_sentence_on_the_page(given: list[Side], monkeypatch: pytest.MonkeyPatch) -> None:
    lacking = replace(FIRST, name="lacking", title="Another card", peaks={"float64": 1e12})
    monkeypatch.setattr(roofs, "all_machines", lambda: [lacking])
    app = shown(roofs.roofline_section, given)
    assert "has no figure for Another card" in app.error[0].value


def test_the_session_looks_at_its_machine_or_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roofs, "all_machines", lambda: list(published_machines()))
    for kept, name in (
        ({}, FIRST.name),
        ({"compare.machine": "gone"}, FIRST.name),
        ({"compare.machine": published_machines()[2].name}, published_machines()[2].name),
    ):
        monkeypatch.setattr(roofs.st, "session_state", kept)
        assert roofs.chosen_machine().name == name


def test_an_estimate_says_how_far_off_such_ones_were(given: list[Side]) -> None:
    unknown = machine(1e12, 1e12)
    assert roofs.basis(given, unknown) == "Estimated, not measured; forward pass; no measurement."
    known = replace(unknown, efficiency=replace(EFFICIENCY, error=0.14))
    assert roofs.basis(given, known).endswith("such estimates were off by 14 % in the median.")
