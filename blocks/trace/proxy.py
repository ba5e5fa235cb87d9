"""The shape proxy: stands for a tensor while a network is traced, and knows only its shape, its type and what made it."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from typing import Any, Protocol

import torch

from blocks.trace.graph import Node, Ref

META, CPU = torch.device("meta"), torch.device("cpu")


class Mode(Protocol):
    """What answers the torch functions called on proxies: a tracer, or bare building."""

    @property
    def building(self) -> torch.dtype | None:
        """The type of the tensors that are made where a network is being built; None where one is traced."""
        ...

    def dispatch(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The result of ``func``."""
        ...


CURRENT: ContextVar[Mode | None] = ContextVar("mode", default=None)


#: What every proxy is made of underneath, so that torch's C++ code finds a tensor wherever it looks.
_SHELL = torch.empty(0, device=META)


class Storage:
    """The memory of one output of an operation: when nobody holds it any more, writes down how many operations had run.

    Python frees a proxy at the very moment at which it would free the tensor, so what holds a tensor (a caller's frame, a local variable, a list)
    needs no rule.
    """

    __slots__ = ("nodes", "slot", "until")

    def __init__(self, nodes: Sequence[Node], until: list[int], slot: int) -> None:
        self.nodes, self.until, self.slot = nodes, until, slot

    def __del__(self) -> None:
        self.until[self.slot] = len(self.nodes)


class Proxy(torch.Tensor):
    """A ``torch.Tensor`` that computes nothing: every torch function asked of it goes to the current tracer.

    ``node`` and ``slot`` say which operation made it; a parameter or buffer has its dotted ``name`` instead.
    ``dense`` is False for a transposed or strided view, with its ``strides``: its next ``reshape`` may have to copy. ``base`` is what a view looks at.
    ``memory`` is where an operation wrote it (a view's is its base's).
    ``n`` is the number of elements, computed on first use. A real tensor of the network has a proxy as its stand-in; ``known``
    marks one whose values are right.
    """

    __slots__ = ("dtype", "memory", "n", "node", "shape")

    # Most proxies keep these, so they are the class's own until they change.
    name: str | None = None
    slot = 0
    memory: Storage
    dense = True
    strides: tuple[int, ...] | None = None
    base: Proxy | None = None
    known = False
    requires_grad = False
    _is_param = False

    def __new__(cls, shape: Any, dtype: torch.dtype = torch.float32, name: str | None = None) -> Proxy:
        return torch.Tensor._make_subclass(cls, _SHELL)

    def __init__(self, shape: Any, dtype: torch.dtype = torch.float32, name: str | None = None) -> None:
        self.shape = shape if type(shape) is torch.Size else torch.Size(shape)
        self.dtype = dtype
        self.node = -1
        self.n: Any = None
        if name is not None:
            self.name = name

    @classmethod
    def __torch_function__(cls, func: Callable[..., Any], types: Any, args: Any = (), kwargs: Any = None) -> Any:
        mode = CURRENT.get()
        if mode is None:
            raise RuntimeError(f"{getattr(func, '__name__', func)} was called on a shape proxy outside of its trace")
        return mode.dispatch(func, args, kwargs or {})

    @property
    def ref(self) -> Ref:
        """(node, output) that made this tensor."""
        return (self.node, self.slot)

    # What Python code asks of a tensor without computing anything.
    device = META
    layout = torch.strided
    is_leaf = True
    grad = grad_fn = names = None
    is_cuda = is_mps = is_cpu = is_sparse = is_quantized = is_nested = is_mkldnn = is_xpu = False
    is_meta = True
    _backward_hooks = None

    ndim = property(lambda self: len(self.shape))
    itemsize = property(lambda self: self.dtype.itemsize)
    real = property(lambda self: _dispatch(torch.real, self) if self.dtype.is_complex else self)
    imag = property(lambda self: _dispatch(torch.imag, self))

    @property
    def data(self) -> Proxy:
        """The proxy itself."""
        return self

    @data.setter
    def data(self, other: Any) -> None:
        """Take the shape of ``other``."""
        self.shape, self.n = torch.Size(other.shape), None

    def size(self, dim: int | None = None) -> Any:
        return self.shape if dim is None else self.shape[dim]

    def stride(self, dim: int | None = None) -> Any:
        strides = [1]
        for size in reversed(self.shape[1:]):
            strides.append(strides[-1] * size)
        strides.reverse()
        return tuple(strides) if dim is None else strides[dim]

    def requires_grad_(self, requires_grad: bool = True) -> Proxy:
        self.requires_grad = requires_grad
        return self

    def __iter__(self) -> Any:
        return iter(_dispatch(torch.unbind, self))

    def __repr__(self) -> str:
        return f"Proxy({tuple(self.shape)}, {self.dtype}, {self.name or self.ref})"

    def __deepcopy__(self, memo: Any) -> Proxy:
        if self.node >= 0:
            return self
        made = untraced(self.shape, self.dtype, self.requires_grad, self._is_param)
        made.name = self.name
        return made


def untraced(shape: torch.Size, dtype: torch.dtype, requires_grad: bool = False, is_param: bool = False) -> Proxy:
    """A proxy of a network's own tensor, before a trace has seen it."""
    made = Proxy(shape, dtype)
    if requires_grad:
        made.requires_grad = True
    if is_param:
        made._is_param = True
    return made


def _dispatch(func: Callable[..., Any], *args: Any) -> Any:
    with torch._C.DisableTorchFunction():  # as torch does before it asks a mode: what a rule computes is not traced
        return Proxy.__torch_function__(func, (), args)


#: Questions that Python code asks of a tensor by calling a method.
_ANSWERS: dict[str, Callable[..., Any]] = {
    "dim": lambda self: len(self.shape),
    "ndimension": lambda self: len(self.shape),
    "numel": lambda self: math.prod(self.shape),
    "nelement": lambda self: math.prod(self.shape),
    "element_size": lambda self: self.dtype.itemsize,
    "is_contiguous": lambda self, **_: self.dense,
    "is_floating_point": lambda self: self.dtype.is_floating_point,
    "is_complex": lambda self: self.dtype.is_complex,
    "get_device": lambda _: -1,
    "__len__": lambda self: self.shape[0],
}
for _name, _answer in _ANSWERS.items():
    setattr(Proxy, _name, _answer)
