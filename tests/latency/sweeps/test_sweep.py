"""Sweeps: every cell once, also across pauses, restarts and programs; what cannot be is said; a Ray cluster gives the same."""

from __future__ import annotations

import importlib.util
import os
import time
from collections.abc import Iterator

import pytest

from blocks import catalog
from blocks.knobs import KnobError
from blocks.latency import lab
from blocks.latency.measure.experiment import Experiment, Limits
from blocks.latency.store import ledger
from blocks.latency.store.sweep_store import SILENT, SweepStore
from blocks.latency.sweeps import sweep
from blocks.latency.sweeps.grid import MOST_CELLS, Grid

QUICK = Limits(min_samples=6, max_samples=6, min_seconds=0.01, max_seconds=0.5, warmup_seconds=0.01)
BASE = Experiment("squeezenet1_1", threads=1, limits=QUICK)


def small(side: int, **changed: object) -> Grid:
    """Four cells that nobody else measures: each test takes its own side."""
    values = {"networks": ("squeezenet1_1", "mobilenet_v3_small"), "batches": (1, 2), "side": side, "base": BASE} | changed
    return Grid(**values)  # type: ignore[arg-type]


# --- Grids ----------------------------------------------------------------------------------------------


def test_cells_are_the_product_of_the_axes() -> None:
    grid = Grid(("mobilenet_v2",), {"width_mult": (0.5, 1.0, 1.4)}, (1, 3), ("float32", "bfloat16"), 96, BASE)
    cells = grid.cells()
    assert grid.size == len(cells) == 12
    assert len({c.experiment.key() for c in cells if c.experiment}) == 12
    fifth = cells[5]
    assert fifth.where == {"network": "mobilenet_v2", "width_mult": 1.0, "batch": 1, "dtype": "bfloat16"}
    assert fifth.experiment is not None
    assert (fifth.experiment.input_shape, fifth.experiment.dtype, fifth.experiment.knobs) == ((1, 3, 96, 96), "bfloat16", (("width_mult", 1.0),))
    assert grid.varied == ["width_mult", "batch", "dtype"]
    assert Grid.from_dict(grid.to_dict()) == grid


def test_a_cell_that_cannot_be_has_the_reason() -> None:
    cells = Grid(("mobilenet_v2",), {"width_mult": (0.5, -7.0)}, (2,), ("float32", "tf32"), base=BASE).cells()
    assert [c.experiment is None for c in cells] == [False, True, True, True]
    assert "TF32" in cells[1].problem
    assert "width_mult = -7.0" in cells[2].problem


def test_lists_of_numbers_stay_knob_values() -> None:
    grid = Grid(("resnet50",), {"layers": ((1, 1, 1, 1), (3, 4, 6, 3))}, base=BASE) if "layers" in {k.name for k in catalog.knobs("resnet50")} else None
    if grid is not None:
        assert Grid.from_dict(grid.to_dict()).axes == grid.axes


@pytest.mark.parametrize("changed", [{"batches": ()}, {"knobs": {"width_mult": ()}}, {"batches": tuple(range(1, MOST_CELLS + 2))}])
def test_empty_and_endless_grids_are_refused(changed: dict[str, object]) -> None:
    with pytest.raises(KnobError):
        small(64, **changed)


def test_a_grid_without_any_possible_cell_is_refused() -> None:
    with pytest.raises(KnobError, match="TF32"):
        sweep.start_sweep(small(64, dtypes=("tf32",)))


# --- On this machine ---------------------------------------------------------------------------------------


@pytest.fixture(autouse=True)
def _no_cluster(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(sweep.RAY_ADDRESS_VARIABLE, raising=False)


def results_of(grid: Grid) -> int:
    """How many measurements of the grid's cells the ledger has."""
    return len(ledger.ledger().frame(kind="measure", experiment_key=[c.experiment.key() for c in grid.cells() if c.experiment]))


def test_every_cell_is_measured_and_none_twice() -> None:
    grid = small(41)
    first = sweep.wait_for_sweep(sweep.start_sweep(grid), 120)
    assert (first.state, first.done, first.failed, first.total, first.share) == ("done", 4, 0, 4, 1.0)
    assert (first.table["median"] > 0).all()
    assert (first.table["images_per_second"] * first.table["median"]).tolist() == pytest.approx(first.table["batch"].tolist())
    assert results_of(grid) == 4
    wider = small(41, batches=(1, 2, 3))
    second = sweep.wait_for_sweep(sweep.start_sweep(wider), 120)
    assert (second.done, second.total) == (6, 6)
    assert results_of(wider) == 6, "the four cells of the first sweep are not measured again"


def test_pause_resume_and_a_restart_in_between() -> None:
    grid = small(43, batches=(1, 2, 3))
    name = sweep.start_sweep(grid)
    end = time.monotonic() + 240  # other test processes may have the device first
    while sweep.sweep_progress(name).left is None and time.monotonic() < end:
        time.sleep(0.05)
    begun = sweep.sweep_progress(name)
    assert begun.left is not None, f"{begun.done} of {begun.total} done, {begun.failed} failed, {begun.state}: {begun.message}"
    sweep.pause_sweep(name)
    paused = sweep.wait_for_sweep(name, 30)
    assert paused.state == "paused"
    assert 1 <= paused.done < paused.total
    sweep._runners.clear()  # what a new process knows: the ledger
    assert sweep.sweep_progress(name).done == paused.done
    assert name in set(sweep.known_sweeps()["id"])
    sweep.resume_sweep(name)
    assert sweep.wait_for_sweep(name, 120).done == grid.size
    assert results_of(grid) == grid.size
    sweep.delete_sweep(name)
    assert name not in set(sweep.known_sweeps()["id"])
    assert results_of(grid) == grid.size


def test_what_fails_is_said_and_tried_again_only_when_asked() -> None:
    base = Experiment("squeezenet1_1", threads=1, limits=Limits(memory_mb=400, min_samples=6, max_samples=6))
    name = sweep.start_sweep(small(45, networks=("squeezenet1_1",), batches=(99999,), base=base))
    failed = sweep.wait_for_sweep(name, 60)
    assert (failed.state, failed.failed, failed.done) == ("done", 1, 0)
    assert "99999 needs about" in failed.table["message"].iloc[0]
    sweep.resume_sweep(name)
    assert sweep.wait_for_sweep(name, 30).failed == 1


def test_a_sweep_of_another_program_is_not_taken_from_it() -> None:
    store, grid = SweepStore(ledger.ledger()), small(47)
    store.create("elsewhere", grid, "")
    assert store.claim("elsewhere")
    with pytest.raises(KnobError, match="another program"):
        sweep.resume_sweep("elsewhere")
    with store.ledger.transaction(write=True) as connection:  # that program dies: no more signs of life
        from blocks.latency.store.schema import sweeps_table

        connection.execute(sweeps_table.update().where(sweeps_table.c.id == "elsewhere").values(beat=time.time() - SILENT - 1))
    assert sweep.sweep_progress("elsewhere").state == "interrupted"
    assert store.claim("elsewhere")
    store.forget("elsewhere")


@pytest.mark.parametrize("ask", [sweep.sweep_progress, sweep.resume_sweep])
def test_an_unknown_sweep_gets_a_sentence(ask: object) -> None:
    with pytest.raises(KnobError, match="not in the ledger"):
        ask("no-such-sweep")  # type: ignore[operator]


# --- On a cluster --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cluster() -> Iterator[str]:
    """The address of a Ray cluster of two nodes on this machine."""
    if importlib.util.find_spec("ray") is None:
        if os.environ.get("CI"):
            pytest.fail("ray is not installed")
        pytest.skip("ray is not installed (requirements-dev.txt has it)")
    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    from ray.cluster_utils import Cluster

    made = Cluster(initialize_head=True, head_node_args={"num_cpus": 1, "include_dashboard": False, "object_store_memory": 80 * 2**20})
    try:
        made.add_node(num_cpus=1, object_store_memory=80 * 2**20)
        yield made.address
    finally:
        made.shutdown()


def test_a_cluster_measures_every_cell_once(cluster: str) -> None:
    grid = small(49)
    name = sweep.start_sweep(grid, cluster=cluster)
    runner = sweep._runners[name]
    found = sweep.wait_for_sweep(name, 200)
    assert found.message == ""
    assert (found.state, found.done) == ("done", 4)
    assert runner.places == 2, "one job a device: as many places as nodes"
    assert results_of(grid) == 4
    again = sweep.wait_for_sweep(sweep.start_sweep(grid, cluster=cluster), 100)
    assert again.done == 4
    assert results_of(grid) == 4


def test_a_cluster_that_does_not_answer_gets_a_sentence() -> None:
    name = sweep.start_sweep(small(51), cluster="127.0.0.1:1")
    found = sweep.wait_for_sweep(name, 120)
    assert found.state == "failed"
    assert "does not answer" in found.message
    assert found.done == 0


def test_without_ray_a_cluster_gets_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    found = sweep.wait_for_sweep(sweep.start_sweep(small(53), cluster="auto"), 30)
    assert found.state == "failed"
    assert "needs ray, not installed here: pip install ray" in found.message


def teardown_module() -> None:
    lab.shutdown()
