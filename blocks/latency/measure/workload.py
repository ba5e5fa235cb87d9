"""The thing that is timed: one network, built and set up as an experiment says, with one call that runs one pass."""

from __future__ import annotations

import contextlib
import copy
import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import nn
from torch.utils._pytree import tree_leaves

from blocks import catalog
from blocks.catalog.class_from_file import class_from_file
from blocks.knobs import KnobError
from blocks.latency.measure.devices import Device
from blocks.latency.measure.experiment import Experiment

Shapes = list[tuple[int, ...]]


def build_network(experiment: Experiment) -> nn.Module:
    """The experiment's network: a catalog name with knobs, a class of a file, or an exported program."""
    path, _, name = experiment.network.partition(":")
    if path.endswith(".pt2"):
        return torch.export.load(path).module()
    if path.endswith(".py"):
        return class_from_file(Path(path), name)(**dict(experiment.knobs))
    return catalog.build(experiment.network, **dict(experiment.knobs))


def shapes_of(experiment: Experiment) -> Shapes:
    """The shape of each input of the experiment's network, batch first."""
    shape: Sequence[object] | None = experiment.input_shape
    if shape is None:
        if experiment.from_file:
            raise KnobError("input_shape", None, "a network from a file needs the shape of its input", [(1, 3, 224, 224)])
        shape = catalog.input_shape(experiment.network, **dict(experiment.knobs))
    return [tuple(s) for s in shape] if isinstance(shape[0], (tuple, list)) else [tuple(shape)]  # type: ignore[arg-type]


class Workload:
    """A network ready to be timed; :attr:`work` runs one pass and returns without waiting for the device."""

    def __init__(self, experiment: Experiment, device: Device) -> None:
        self.experiment = experiment
        self.device = device
        self.backward = experiment.mode == "forward_backward"
        self.network = self._network()
        self.inputs = [self._input(shape) for shape in shapes_of(experiment)]
        self.call: Callable[..., object] = torch.compile(self.network, dynamic=False) if experiment.compile == "compile" else self.network
        self._pads: list[torch.Tensor] = []
        self._gaps: list[list[None]] = []
        self.work: Callable[[], object] = self._passes()
        if experiment.compile == "cuda_graph":
            self.work = self._recorded()

    @property
    def images(self) -> int:
        """Pictures in one pass."""
        return int(self.inputs[0].shape[0])

    @property
    def cast(self) -> torch.dtype:
        """The dtype of weights and input."""
        return {"bfloat16": torch.bfloat16, "float16": torch.float16}.get(self.experiment.dtype, torch.float32)

    def _network(self) -> nn.Module:
        network = build_network(self.experiment).to(device=self.device.device, dtype=self.cast)
        if self.experiment.channels_last:
            network = network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        # An exported program has its mode fixed, and says so by refusing the call.
        with contextlib.suppress(NotImplementedError):
            network.train(self.backward)
        return network

    def _input(self, shape: tuple[int, ...]) -> torch.Tensor:
        x = torch.randn(shape, device=self.device.device, dtype=torch.float32).to(self.cast)
        return x.contiguous(memory_format=torch.channels_last) if self.experiment.channels_last and x.ndim == 4 else x

    def _passes(self) -> Callable[[], object]:
        kind = self.device.device.split(":")[0]
        low = torch.bfloat16 if kind == "cpu" else torch.float16

        def autocast() -> contextlib.AbstractContextManager[object]:
            return torch.autocast(kind, dtype=low) if self.experiment.dtype == "autocast" else contextlib.nullcontext()

        def forward() -> object:
            with torch.inference_mode(), autocast():
                return self.call(*self.inputs)

        def forward_backward() -> object:
            self.network.zero_grad(set_to_none=True)
            with autocast():
                out = self.call(*self.inputs)
                loss = sum((leaf.float().sum() for leaf in tree_leaves(out) if isinstance(leaf, torch.Tensor)), torch.zeros((), device=self.device.device))
            loss.backward()
            return loss

        return forward_backward if self.backward else forward

    def _recorded(self) -> Callable[[], object]:
        """The forward pass as a CUDA graph; three passes on a side stream first, as recording asks for."""
        side = torch.cuda.Stream(self.device.device)
        side.wait_stream(torch.cuda.current_stream(self.device.device))
        with torch.cuda.stream(side):
            for _ in range(3):
                self.work()
        torch.cuda.current_stream(self.device.device).wait_stream(side)
        graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(graph):
            self.kept = self.work()
        return graph.replay

    def replace_in_memory(self) -> None:
        """Move the network and its input to fresh memory, with gaps of random size: where things lie changes the time by a per cent or more.

        That holds for weights and for the modules' Python objects, so an eager network is copied whole; a compiled one keeps its code and
        gets fresh weights. A recorded CUDA graph holds its addresses and stays where it is.
        """
        if self.experiment.compile == "cuda_graph":
            return
        self._gaps = [[] for _ in range(random.randrange(400))]
        self._pads = [torch.empty(random.randrange(64, 65536), dtype=torch.uint8, device=self.device.device) for _ in range(4)]
        with torch.no_grad():
            if self.call is self.network and not self.experiment.network.endswith(".pt2"):
                self.call = self.network = copy.deepcopy(self.network)
            for i, tensor in enumerate([*self.network.parameters(), *self.network.buffers()]):
                if i % 7 == 0:
                    self._pads.append(torch.empty(random.randrange(64, 16384), dtype=torch.uint8, device=self.device.device))
                tensor.data = tensor.data.clone(memory_format=torch.preserve_format)
            self.inputs = [x.clone(memory_format=torch.preserve_format) for x in self.inputs]


@contextmanager
def conditions_set(experiment: Experiment) -> Iterator[None]:
    """Threads and precision flags as the experiment says, and back to what they were afterwards."""
    threads = torch.get_num_threads()
    matmul, cudnn = torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32
    try:
        if experiment.threads:
            torch.set_num_threads(experiment.threads)
        torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = experiment.dtype == "tf32"
        yield
    finally:
        torch.set_num_threads(threads)
        torch.backends.cuda.matmul.allow_tf32, torch.backends.cudnn.allow_tf32 = matmul, cudnn
