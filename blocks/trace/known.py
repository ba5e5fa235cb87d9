"""Values that are known while a network runs on fake tensors: masks, ids, sizes, buffers and constants made in ``forward``.

An operation on known tensors is really computed as well, as long as its result stays small, so that a mask that ``forward`` looks at does
not end the trace. What a known tensor is written with from one that is not known is unknown from then on, and so is all that shares its memory.
What would be known were it smaller is remembered as such, so that a question of it is refused with the true reason.
"""

from __future__ import annotations

import weakref
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import DataDependentOutputException, DynamicOutputShapeException, FakeTensor, FakeTensorMode
from torch.utils._mode_utils import no_dispatch
from torch.utils._pytree import tree_leaves, tree_map

from blocks.trace.proxy import CPU

#: Above this many elements a tensor's values are not computed: masks of some thousand tokens are still known.
MOST_KNOWN = 1 << 20
#: The same for the network's own numbers that are no positions, counts or masks: weights, which few networks look at.
MOST_WEIGHTS = 1 << 16
#: What torch raises where a result or its shape would need values that a fake tensor does not have.
NEEDS_VALUES = (DataDependentOutputException, DynamicOutputShapeException)
_ANSWERED_BY_VALUES = {torch.Tag.data_dependent_output, torch.Tag.dynamic_output_shape}
aten = torch.ops.aten
#: Their result does not depend on what their argument holds, only on its shape and type.
_VALUE_FREE = {
    aten.zeros_like.default, aten.ones_like.default, aten.full_like.default, aten.empty_like.default, aten.new_zeros.default, aten.new_ones.default,
    aten.new_full.default, aten.new_empty.default,
}  # fmt: skip
_INDEXED = {aten.index.Tensor, aten.index_put.default, aten.index_put_.default, aten._unsafe_index.Tensor, aten._unsafe_index_put.default}


@contextmanager
def really() -> Iterator[None]:
    """While inside, torch computes with real tensors as if nothing were traced."""
    with torch._C.DisableTorchFunction(), no_dispatch():
        yield


class KnownValues:
    """Runs operations on fake tensors, and beside them on the real values where all of these are known."""

    def __init__(self, mode: FakeTensorMode) -> None:
        self.mode = mode
        self._sharing: dict[int, tuple[Tensor, list[weakref.ref[Tensor]]]] = {}  # by storage: one real tensor of it, and the fakes whose values lie in it
        self._borrowed: set[int] = set()  # storages of the network's own tensors, which must not change

    def of(self, tensor: Tensor) -> Tensor | None:
        """The real values of a fake tensor, None where they are not known."""
        found: Tensor | None = getattr(tensor, "_known_values", None)
        return found

    def limit_met(self, tensors: Iterable[Tensor]) -> int:
        """The limit that was met where all of ``tensors`` are known or would be were they, or what they come from, smaller; else 0."""
        limit = 0
        for tensor in tensors:
            if self.of(tensor) is None:
                met = getattr(tensor.untyped_storage(), "too_large", -1) if tensor.layout is torch.strided else -1
                if met < 0:
                    return 0
                limit = max(limit, met)
        return limit

    def give(self, fake: Tensor, real: Tensor, borrowed: bool = False) -> None:
        """From now on ``fake`` is known to hold what ``real`` holds; ``borrowed`` where somebody else owns that memory."""
        if real.layout is not torch.strided or real.is_meta or real.is_quantized or type(real) not in (Tensor, torch.nn.Parameter):
            return
        limit = MOST_WEIGHTS if borrowed and real.is_floating_point() else MOST_KNOWN
        if real.numel() > limit:
            _mark((fake,), limit)
            return
        with really():
            real = real.detach()
        fake._known_values = real  # type: ignore[attr-defined]
        key = real.untyped_storage()._cdata
        self._sharing.setdefault(key, (real, []))[1].append(weakref.ref(fake))
        if borrowed:
            self._borrowed.add(key)

    def made(self, real: Tensor) -> Tensor:
        """A fake tensor of known values."""
        with really():
            kept = real.detach().clone()
        fake = self.mode.from_tensor(kept, static_shapes=True)
        self.give(fake, kept)
        return fake

    def forget(self, fake: Tensor) -> None:
        """``fake`` was written with something unknown."""
        real = self.of(fake)
        if real is None:
            return
        for ref in self._sharing.pop(real.untyped_storage()._cdata, (real, []))[1]:
            if (other := ref()) is not None:
                other._known_values = None  # type: ignore[attr-defined]

    def run(self, func: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """The result of an operation below Python's functions on fake tensors."""
        if func in _INDEXED:
            args = (args[0], [p for index in args[1] for p in self._positions(index)], *args[2:])
        elif func is aten.masked_select.default and self.of(args[1]) is not None:
            shape = torch.broadcast_shapes(args[0].shape, args[1].shape)
            with really():
                mask = self.of(args[1]).expand(shape)  # type: ignore[union-attr]
            return self.run(aten.index.Tensor, (args[0].expand(shape), [self.made(mask)]), {})
        leaves = tree_leaves((args, kwargs))
        tensors = [t for t in leaves if isinstance(t, Tensor)]
        schema = getattr(func, "_schema", None)
        if schema is None:  # a function of functions, such as flex_attention
            return func(*args, **kwargs)
        if any(isinstance(v, torch.ScriptObject) for v in leaves):  # packed weights: torch's cache of calls would compare them, which they refuse
            with self._uncached():
                return func(*args, **kwargs)
        random = torch.Tag.nondeterministic_seeded in func.tags
        known = not random and all(self.of(t) is not None for t in tensors)
        if tensors and known and not _ANSWERED_BY_VALUES.isdisjoint(func.tags):
            return tree_map(lambda v: self.made(v) if isinstance(v, Tensor) else v, self._real(func, args, kwargs))
        result = func(*args, **kwargs)
        if schema.is_mutable and not known:
            limit = self.limit_met(tensors) or -1
            for value in written_by(schema, args, kwargs):
                self.forget(value)
                _mark((value,), -1 if random else limit)
        elif known or (func in _VALUE_FREE and not random):
            for value in written_by(schema, args, kwargs):
                self._own(value)
            self._compute(func, args, kwargs, result)
        elif not random and (limit := self.limit_met(tensors)):
            _mark(tree_leaves(result), limit)
        return result

    @contextmanager
    def _uncached(self) -> Iterator[None]:
        cached, self.mode.cache_enabled = self.mode.cache_enabled, False
        try:
            yield
        finally:
            self.mode.cache_enabled = cached

    def _compute(self, func: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any], result: Any) -> None:
        outputs = [t for t in tree_leaves(result) if isinstance(t, Tensor)]
        if sum(t.numel() for t in outputs) > MOST_KNOWN:
            _mark(outputs, MOST_KNOWN)
            return
        if func in _VALUE_FREE and args[0].numel() > MOST_KNOWN:
            args = (args[0].new_empty(0), *args[1:])
        try:
            reals = [t for t in tree_leaves(self._real(func, args, kwargs)) if isinstance(t, Tensor)]
        except (IndexError, RuntimeError):  # ids beyond their table: the tensor that was handed in stands for its shape alone
            for fake in outputs:
                self.forget(fake)
            return
        for fake, real in zip(outputs, reals, strict=False):
            if self.of(fake) is not real:
                self.give(fake, real)

    def _own(self, fake: Tensor) -> None:
        """Before a known tensor is written: values that belong to the network are copied first."""
        real = self.of(fake)
        if real is not None and real.untyped_storage()._cdata in self._borrowed:
            self.forget(fake)
            with really():
                self.give(fake, real.clone())

    def _real(self, func: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Any:
        """``func`` on the values themselves, on the CPU."""

        def real(value: Any) -> Any:
            if isinstance(value, FakeTensor):
                held = self.of(value)
                return torch.empty(value.shape, dtype=value.dtype) if held is None else held
            return CPU if isinstance(value, torch.device) else value

        with really():
            result = func(*tree_map(real, args), **{k: v for k, v in tree_map(real, dict(kwargs)).items() if k != "pin_memory"})
            return result.zero_() if "empty" in func._opname else result  # what memory happens to hold is nobody's value

    def _positions(self, index: Any) -> Sequence[Any]:
        """A known boolean mask as the positions that it marks; any other index as it is."""
        if isinstance(index, Tensor) and index.dtype in (torch.bool, torch.uint8):
            real = self.of(index)
            if real is not None:
                with really():
                    positions = real.nonzero(as_tuple=True)
                return [self.made(p) for p in positions]
        return [index]


def _mark(values: Iterable[Any], limit: int) -> None:
    """Say of the memory of these tensors that it would be known if it were smaller; -1: that it would not."""
    for value in values:
        if isinstance(value, Tensor) and value.layout is torch.strided:
            value.untyped_storage().too_large = limit  # type: ignore[attr-defined]


def written_by(schema: Any, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Iterator[Tensor]:
    """The tensors that an operation writes into."""
    if schema.is_mutable:
        for i, argument in enumerate(schema.arguments):
            value = args[i] if i < len(args) else kwargs.get(argument.name)
            if argument.alias_info is not None and argument.alias_info.is_write:
                yield from (v for v in tree_leaves(value) if isinstance(v, Tensor))
