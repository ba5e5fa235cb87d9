"""What each operation asks of a machine: the sums are the analysis' own, and groups are told apart."""

from __future__ import annotations

from blocks import analyse
from blocks.latency.roofline.machines import GROUPS, machine_roofs
from blocks.latency.roofline.work import operation_costs


def test_costs_add_up_to_the_counts() -> None:
    for name in ("mobilenet_v2", "vit_ti_16", "shufflenet_v2_x1_0"):
        analysis = analyse(name)
        costs = list(operation_costs(analysis.graph))
        assert sum(c.flops for c in costs) == analysis.flops
        assert sum(c.bytes for c in costs) == analysis.bytes_moved
        assert {c.group for c in costs} <= set(GROUPS)


def test_matrix_units_are_used_by_products_only() -> None:
    machine = machine_roofs()["rtx4090"]
    for cost in operation_costs(analyse("resnet18").graph):
        compute, memory = cost.roof(machine, "float16")
        assert compute == cost.flops / machine.peak("float16" if cost.matrix else "float32")
        assert memory == cost.bytes / machine.bandwidth
