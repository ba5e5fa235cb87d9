"""One network held against torch: its ``forward`` runs for real under torch's counter of FLOPs, and its trace must say the same."""

from __future__ import annotations

import math
import traceback
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_map
from torch.utils.flop_counter import flop_registry

from blocks import analyse
from blocks.knobs import KnobError
from blocks.trace.errors import TraceError
from scripts.truth_networks import Collection, OpenedNetwork
from tests.storages import real_peak, saved_bytes

#: MACs of the products that torch's counter has no formula for, by their arguments.
_NO_FORMULA: dict[Any, Callable[..., int]] = {
    torch.ops.aten.mv: lambda a, *_, **__: a.numel(),
    torch.ops.aten.addmv: lambda _, a, *__, **___: a.numel(),
    torch.ops.aten.dot: lambda a, *_, **__: a.numel(),
    torch.ops.aten.vdot: lambda a, *_, **__: a.numel(),
    torch.ops.aten._grouped_mm: lambda a, b, *_, **__: math.prod(a.shape) * b.shape[-1],
}
#: Words of torch's own insides: a refusal that has one of them explains nothing to a user.
_INSIDES = (
    "meta tensor", "Meta", "aten::", "NoneType", "must be Tensor", "INTERNAL", "expected Tensor as element", "fake impl", "invalid combination", "BF16",
    "FakeTensor", "Proxy", "SymInt", "DynamicOutputShape",
)  # fmt: skip
_DATA = "looks at the values"


class CountedProducts(TorchDispatchMode):
    """``macs`` of all products that ran, by torch's formulas: as its FlopCounterMode, without its tracker of modules, which not every network bears."""

    def __init__(self) -> None:
        super().__init__()
        self.macs = 0

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        packet = func._overloadpacket
        if packet not in flop_registry and packet not in _NO_FORMULA and func is not torch.ops.prim.device.default:
            with self:
                parts = func.decompose(*args, **kwargs)
                if parts is not NotImplemented:
                    return parts
        result = func(*args, **kwargs)
        if packet in flop_registry:
            self.macs += flop_registry[packet](*args, **kwargs, out_val=result) // 2
        elif packet in _NO_FORMULA:
            self.macs += _NO_FORMULA[packet](*args, **kwargs)
        return result


@contextmanager
def spelled_out() -> Iterator[CountedProducts]:
    """Count, with the fused kernels switched off that hide their products."""
    fast = torch.backends.mha.get_fastpath_enabled()
    torch.backends.mha.set_fastpath_enabled(False)
    try:
        with ExitStack() as stack:
            stack.enter_context(sdpa_kernel(SDPBackend.MATH))
            stack.enter_context(torch.backends.mkldnn.flags(enabled=False))
            stack.enter_context(torch.no_grad())
            yield stack.enter_context(CountedProducts())
    finally:
        torch.backends.mha.set_fastpath_enabled(fast)


def tensors_of(result: Any, seen: set[int] | None = None) -> list[Tensor]:
    """The tensors that a network returned: in lists, mappings, dataclasses and other objects."""
    seen = set() if seen is None else seen
    if isinstance(result, Tensor):
        return [result]
    if id(result) in seen or isinstance(result, (nn.Module, type)):
        return []
    seen.add(id(result))
    if isinstance(result, Mapping):
        parts: Any = result.values()
    elif isinstance(result, (list, tuple, set)):
        parts = result
    else:
        parts = getattr(result, "__dict__", {}).values()
    return [tensor for part in list(parts) for tensor in tensors_of(part, seen)]


@dataclass(frozen=True)
class RealRun:
    """A network whose ``forward`` runs, and what torch says of it."""

    opened: OpenedNetwork
    device: str
    macs: int
    shapes: list[tuple[int, ...]]


def real_run(collection: Collection, name: str, devices: Sequence[str] | None = None) -> RealRun:
    """Build the network and run it: on the meta device where that is possible, else for real. Raises what its first inputs raised there."""
    fault: Exception | None = None
    for device in devices or collection.devices:
        fault = None
        try:
            with torch.device(device):
                for opened in collection.open(name):
                    opened.network.eval()
                    try:
                        with spelled_out() as counter:
                            result = opened.network(*opened.args, **opened.kwargs)
                        return RealRun(opened, device, counter.macs, sorted(tuple(t.shape) for t in tensors_of(result)))
                    except Exception as error:  # these inputs are not this network's
                        fault = fault or error
        except Exception as error:  # what a third-party constructor raises on tensors without values
            fault = fault or error
    raise fault or RuntimeError("no inputs are known for it")


def held_against(run: RealRun, memory: bool = False) -> dict[str, Any]:
    """What the trace says of the network, and whether it is right; with ``memory`` its ratios to real storages and saved tensors."""
    network = run.opened.network
    params = sum(p.numel() for p in network.parameters())
    said: dict[str, Any] = {"device": run.device, "macs": run.macs, "params": params}
    try:
        analysis = analyse(network, run.opened.given)
    except (TraceError, KnobError) as error:
        return said | {"status": _refusal(str(error), run.device), "reason": str(error)}
    except Exception as error:  # the fault that this looks for
        return said | {"status": "unclear", "reason": f"{type(error).__name__}: {error}", "stack": traceback.format_exc()[-2000:]}
    shapes = sorted(tuple(map(int, n.shape)) for n in analysis.graph.nodes if n.kind == "output")
    wrong = [
        f"{what}: {ours} where torch says {theirs}"
        for what, ours, theirs in (("MACs", analysis.macs, run.macs), ("parameters", analysis.params, params), ("outputs", shapes, run.shapes))
        if ours != theirs
    ]
    said |= {"operations": len(analysis.graph.nodes), "not counted": sorted({u.op for u in analysis.not_counted})}
    if memory and run.device == "cpu":
        said |= memory_ratios(run)
    return said | {"status": "wrong" if wrong else "right", "reason": "; ".join(wrong)}


def _refusal(sentence: str, device: str) -> str:
    """ "refused" where the sentence can be true and understood."""
    untrue = device == "meta" and _DATA in sentence  # torch has just run it without any data
    return "unclear" if untrue or any(word in sentence for word in _INSIDES) else "refused"


#: What is compared of memory, in the order of the table.
MEMORY = ("peak memory", "saved memory", "saved, bfloat16", "saved, autocast")


def memory_ratios(run: RealRun) -> dict[str, float | str]:
    """Our bytes over torch's by the names of :data:`MEMORY`; 1 is right. Where torch or the trace could not run, what it said."""
    network, args, kwargs = run.opened.network, run.opened.args, run.opened.kwargs

    def saved() -> float:
        torch.clear_autocast_cache()
        kept = saved_bytes(network.train(), *args, **kwargs)
        return analyse(network, kwargs or args, training=True).saved_memory / max(kept, 1)

    def narrow() -> float:
        nonlocal args, kwargs
        network.bfloat16()
        args, kwargs = tree_map(lambda v: v.bfloat16() if isinstance(v, Tensor) and v.is_floating_point() else v, (args, kwargs))
        return saved()

    def under_autocast() -> float:
        with torch.autocast("cpu", torch.bfloat16):
            return saved()

    def peak() -> float:
        return analyse(network.eval(), kwargs or args).peak_memory / real_peak(network, *args, **kwargs).peak

    found: dict[str, float | str] = {}
    for name, measure in zip(("peak memory", "saved memory", "saved, autocast", "saved, bfloat16"), (peak, saved, under_autocast, narrow), strict=True):
        try:
            found[name] = measure()
        except Exception as error:  # what a network of somebody else's raises in another type
            found[name] = f"{type(error).__name__}: {error}"[:200]
    return found
