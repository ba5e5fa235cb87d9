"""The table of machines."""

from __future__ import annotations

import pytest

from blocks.knobs import KnobError
from blocks.latency.roofline.machines import GROUPS, efficiency_of, machine_roofs, published_machines


def test_every_machine_has_a_share_for_every_group() -> None:
    assert [m.name for m in published_machines()] == list(machine_roofs())
    for machine in published_machines():
        assert set(machine.efficiency.factors) == set(GROUPS)
        assert machine.ridge() == machine.peak("float32") / machine.bandwidth


def test_a_machine_without_figures_takes_those_of_other_gpus() -> None:
    assert efficiency_of("no such card") == efficiency_of("another one")
    assert "other GPUs" in efficiency_of("no such card").basis
    assert efficiency_of("no such card").error_at(1, "float64") is None


def test_a_type_without_a_figure_is_refused_with_one_that_has_it() -> None:
    with pytest.raises(KnobError, match="has no figure for"):
        published_machines()[0].peak("int4")
