"""What torch really holds: storages alive during a forward pass, and what autograd keeps of it for the backward pass."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import torch
from torch import Tensor, nn
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves


def _key(tensor: Tensor) -> int:
    return tensor.untyped_storage()._cdata


def _size(tensor: Tensor) -> int:
    return tensor.untyped_storage().nbytes()


class LiveStorages(TorchDispatchMode):
    """Follows every storage that an operation makes, from its making to its end; ``peak`` is in bytes, ``at`` the operation where it was met."""

    def __init__(self, outside: Iterable[Tensor]) -> None:
        super().__init__()
        self.outside = {_key(t) for t in outside}
        self.alive: dict[int, tuple[StorageWeakRef, int]] = {}
        self.peak, self.at = 0, ""

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        result = func(*args, **(kwargs or {}))
        self.alive = {key: held for key, held in self.alive.items() if not held[0].expired()}
        for tensor in tree_leaves(result):
            if isinstance(tensor, Tensor) and _key(tensor) not in self.outside and _key(tensor) not in self.alive:
                self.alive[_key(tensor)] = StorageWeakRef(tensor.untyped_storage()), _size(tensor)
        now = sum(size for _, size in self.alive.values())
        if now > self.peak:
            self.peak, self.at = now, str(func)
        return result


def own_tensors(net: nn.Module) -> list[Tensor]:
    """Parameters and buffers."""
    return [*net.parameters(), *net.buffers()]


def real_peak(net: nn.Module, *inputs: Tensor, **by_name: Any) -> LiveStorages:
    """A forward pass without gradients, followed; its ``peak`` counts the inputs too."""
    given = [t for t in tree_leaves((inputs, by_name)) if isinstance(t, Tensor)]
    live = LiveStorages([*own_tensors(net), *given])
    with torch.no_grad(), live:
        net(*inputs, **by_name)
    live.peak += storage_bytes_of(given)
    return live


def saved_bytes(net: nn.Module, *inputs: Tensor, **by_name: Any) -> int:
    """Bytes of the storages that autograd keeps of a forward pass, parameters and buffers left out."""
    own = {_key(t) for t in own_tensors(net)}
    kept: dict[int, tuple[Any, int]] = {}  # the storage itself is held, so that its identity stays its own

    def pack(tensor: Tensor) -> Tensor:
        if _key(tensor) not in own:
            kept.setdefault(_key(tensor), (tensor.untyped_storage(), _size(tensor)))
        return tensor.detach()  # an output kept as it is would hold the operation that keeps it, and neither would ever be freed

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda t: t):
        result = net(*inputs, **by_name)
    del result
    return sum(size for _, size in kept.values())


def storage_bytes_of(tensors: Iterable[Tensor]) -> int:
    """Bytes of the storages that ``tensors`` lie in, each once."""
    return sum({_key(t): _size(t) for t in tensors}.values())
