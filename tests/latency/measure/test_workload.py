"""A network ready to be timed: as the experiment says, and as it was afterwards."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from blocks.knobs import KnobError
from blocks.latency.measure.devices import Device
from blocks.latency.measure.experiment import Experiment
from blocks.latency.measure.workload import Workload, build_network, conditions_set, shapes_of

E = Experiment("squeezenet1_1", input_shape=(3, 3, 49, 51), threads=1)


def test_threads_and_precision_come_back() -> None:
    before = torch.get_num_threads(), torch.backends.cuda.matmul.allow_tf32
    with conditions_set(Experiment("squeezenet1_1", dtype="tf32", threads=before[0] + 1)):
        assert (torch.get_num_threads(), torch.backends.cuda.matmul.allow_tf32) == (before[0] + 1, True)
    assert (torch.get_num_threads(), torch.backends.cuda.matmul.allow_tf32) == before


def test_a_pass_after_a_move_in_memory_gives_the_same_output() -> None:
    workload = Workload(E, Device("cpu"))
    first, network = workload.work(), workload.network
    workload.replace_in_memory()
    assert workload.network is not network
    assert torch.equal(workload.work(), first)
    assert workload.images == 3


def test_a_class_of_a_file(tmp_path: Path) -> None:
    file = tmp_path / "net.py"
    file.write_text("from torch import nn\nclass Net(nn.Linear):\n    def __init__(self, width=5):\n        super().__init__(3, width)\n")
    network = build_network(Experiment(f"{file}:Net", (("width", 7),), (1, 3)))
    assert network(torch.ones(2, 3)).shape == (2, 7)
    with pytest.raises(KnobError, match="no such class"):
        build_network(Experiment(f"{file}:Nett", (), (1, 3)))
    with pytest.raises(KnobError, match="needs the shape of its input"):
        shapes_of(Experiment(f"{file}:Net"))
