"""Taking a network out of the explorer: as a ``torch.export`` program or as ONNX, checked against the network, or a sentence that says why not."""

from __future__ import annotations

import importlib.util
import io
import logging
import threading
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils import _pytree as pytree

from blocks.extras import missing
from blocks.knobs import KnobError

#: Parameters above which no file is made, in bytes: a file is held in memory, and ONNX's own format ends at 2 GiB.
MOST_BYTES = 800 * 2**20

# The exporters keep state of their own between the steps of one export.
_one_at_a_time = threading.Lock()


@dataclass(frozen=True, slots=True)
class Export:
    """One file, or why there is none.

    ``data`` is the file's content, empty where ``problem`` has a sentence. ``difference`` is the largest absolute difference between the
    outputs of the exported program and of the network for one random input (None where the program could not be run here).
    """

    kind: str
    data: bytes = b""
    problem: str = ""
    difference: float | None = None

    @property
    def suffix(self) -> str:
        """The file's ending, with its dot."""
        return NETWORK_FORMATS[self.kind].suffix


@dataclass(frozen=True, slots=True)
class ExportFormat:
    """A format: its ending, the extra that it needs ("" where none), and what writes it and runs it again."""

    suffix: str
    extra: str
    write: Callable[[nn.Module, Tensor], tuple[bytes, list[Tensor] | None]]


def export(network: nn.Module, input_shape: Sequence[int], kind: str) -> Export:
    """``network`` in eval mode, written as ``kind`` (a key of :data:`NETWORK_FORMATS`) for inputs of ``input_shape``, batch first.

    The weights are the network's own. The network is left as it was. Raises :class:`KnobError` for an unknown kind; whatever else goes
    wrong is a sentence in the result.
    """
    if kind not in NETWORK_FORMATS:
        raise KnobError("kind", kind, f"must be one of {', '.join(NETWORK_FORMATS)}", list(NETWORK_FORMATS)[:1])
    extra = NETWORK_FORMATS[kind].extra
    if extra and (needs := missing(extra)):
        return Export(kind, problem=f"{kind} {needs}.")
    size = sum(p.numel() * p.element_size() for p in network.parameters())
    if size > MOST_BYTES:
        return Export(kind, problem=f"The weights are {size / 2**20:.0f} MiB; files are made here up to {MOST_BYTES // 2**20} MiB. The code exports any size.")
    x = torch.rand(tuple(input_shape), generator=torch.Generator().manual_seed(0))
    modes = [(m, m.training) for m in network.modules()]
    try:
        with _one_at_a_time, _quiet(), torch.no_grad():
            network.eval()
            wanted = _tensors(network(x))
            data, found = NETWORK_FORMATS[kind].write(network, x)
    except Exception as error:  # the exporters raise types of their own, and of everything below them
        return Export(kind, problem=_sentence(kind, error))
    finally:
        for module, training in modes:
            module.training = training
    return Export(kind, data, difference=None if found is None else _difference(found, wanted))


def _program(network: nn.Module, x: Tensor) -> tuple[bytes, list[Tensor] | None]:
    program = torch.export.export(network, (x,))
    file = io.BytesIO()
    torch.export.save(program, file)
    return file.getvalue(), _tensors(program.module()(x))


def _onnx(network: nn.Module, x: Tensor) -> tuple[bytes, list[Tensor] | None]:
    program: Any = torch.onnx.export(network, (x,), dynamo=True, verbose=False)
    data = program.model_proto.SerializeToString()
    if importlib.util.find_spec("onnxruntime") is None:
        return data, None
    import onnxruntime

    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    return data, [torch.from_numpy(a) for a in session.run(None, {session.get_inputs()[0].name: x.numpy()})]


NETWORK_FORMATS = {"torch.export": ExportFormat(".pt2", "", _program), "ONNX": ExportFormat(".onnx", "onnx", _onnx)}


def _tensors(output: object) -> list[Tensor]:
    return [leaf for leaf in pytree.tree_leaves(output) if isinstance(leaf, Tensor)]


def _difference(found: list[Tensor], wanted: list[Tensor]) -> float:
    return max((float((a - b).abs().max()) for a, b in zip(found, wanted, strict=True)), default=0.0)


def _sentence(kind: str, error: Exception) -> str:
    first = next((line.strip() for line in str(error).splitlines() if line.strip()), "")
    return f"{kind} cannot write this network: {type(error).__name__}{': ' + first if first else ''}".rstrip(".") + "."


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the exporters' remarks about packages that nobody asked for out of the app's log."""
    loggers = [logging.getLogger(name) for name in ("torch.onnx", "torch.onnx._internal.exporter._registration", "onnxscript", "onnx_ir")]
    levels = [logger.level for logger in loggers]
    try:
        for logger in loggers:
            logger.setLevel(logging.ERROR)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
