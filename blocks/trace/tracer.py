"""One run of a network's own ``forward`` on shape proxies, written down as a :class:`~blocks.trace.graph.Graph`.

State lives in a context variable and in a thread-local torch mode, so that browser sessions trace beside each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor
from torch.nn import Parameter
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import tree_leaves

from blocks.trace.errors import DependsOnData, NoRule, TraceError
from blocks.trace.functions import DATA, FACTORIES, GRAD_MODE, QUERIES, READS_VALUES, is_inplace, sizes_given, written_into
from blocks.trace.layout import arrange, like
from blocks.trace.meta import run_on_meta
from blocks.trace.proxy import CURRENT, META, Proxy
from blocks.trace.recorder import NO_RULE, Recorder
from blocks.trace.rules import RULES, Out, Rule
from blocks.trace.rules.unpriced import unpriced_places
from blocks.trace.symbolic import is_symbolic

_NO_TENSORS = {int, float, bool, str, type(None), torch.dtype, slice, type(Ellipsis)}


class Tracer(Recorder, TorchFunctionMode):
    """Answers every torch function called inside ``with tracer:`` and writes down those that touch a tensor of the network."""

    building = None

    def __init__(self, itemsize: int = 4, dtype: str = "float32") -> None:
        TorchFunctionMode.__init__(self)
        Recorder.__init__(self, itemsize, dtype)

    def __enter__(self) -> Tracer:
        self._token = CURRENT.set(self)
        super().__enter__()  # type: ignore[no-untyped-call]
        return self

    def __exit__(self, *error: Any) -> None:
        super().__exit__(*error)  # type: ignore[no-untyped-call]
        CURRENT.reset(self._token)

    def __torch_function__(self, func: Callable[..., Any], types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None) -> Any:
        if func is GRAD_MODE:
            return func(*args)
        return self.dispatch(func, args, kwargs or {})

    def dispatch(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """The result of ``func``: proxies where a proxy or a parameter takes part, the real thing elsewhere."""
        found: list[Proxy] = []
        unknown = self._stand_ins(args, found)
        if kwargs:
            unknown = self._stand_ins(kwargs.values(), found) or unknown
        if not unknown:
            return self._on_reals(func, args, kwargs, found)
        rule = RULES.get(func)
        out = None if rule is None else self._by_rule(rule, args, kwargs, found)
        if rule is None or out is None:
            return self._without_rule(func, args, kwargs, found)
        if rule.inplace or (args and args[-1] is True) or kwargs:
            target = written_into(rule, func, args, kwargs)
            if target is not None:
                return self.write_inplace(rule, out, target, found)
        first = found[0]
        if not first.dense or not out.dense:
            if rule.kind == "reshape" and first is args[0]:
                arrange(out, func, args, kwargs)
            elif first.strides and out.shape is first.shape and rule.kind != "norm":
                out.strides = like(first.shape, first.strides)
        return self.write(rule, out, found)

    def _by_rule(self, rule: Rule, args: tuple[Any, ...], kwargs: dict[str, Any], found: list[Proxy]) -> Out | None:
        """What a rule says of a call; None where it does not cover it."""
        try:
            return rule.func(*args, **kwargs)
        except NoRule:
            return None
        except TypeError as error:
            if "argument" not in str(error):
                raise
            return None
        except ValueError as error:
            raise self.failed(rule.op, str(error), found) from None

    def _stand_ins(self, values: Iterable[Any], found: list[Proxy]) -> bool:
        """Collect the tensors among ``values`` into ``found``; whether one of them has no values that could be computed with."""
        unknown = False
        for value in values:
            kind = type(value)
            if kind is Proxy:
                found.append(value)
                unknown = True
            elif kind is Parameter:
                unknown = self._real(value, found) or unknown
            elif kind in _NO_TENSORS:
                continue
            elif kind is tuple or kind is list or kind is torch.Size:
                unknown = self._stand_ins(value, found) or unknown
            elif isinstance(value, Tensor):
                unknown = self._real(value, found) or unknown
        return unknown

    def _real(self, value: Tensor, found: list[Proxy]) -> bool:
        """As :meth:`_stand_ins`, for one tensor that is no proxy."""
        known = self.stand_in(value)
        found.append(known)
        return not (known if known.base is None else known.base).known

    # --- Real tensors ----------------------------------------------------------------------------

    def _on_reals(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], found: list[Proxy]) -> Any:
        """A function of numbers and real tensors: computed, and written down where a tensor comes out of tensors."""
        if func in FACTORIES:
            sizes = sizes_given(args, kwargs)
            onto_meta = kwargs.get("device") is not None and torch.device(kwargs["device"]) == META
            if onto_meta or any(map(is_symbolic, sizes)):
                made = Proxy(sizes, kwargs.get("dtype") or torch.get_default_dtype())
                self.source("constant", made)
                return made
        inplace = bool(found) and is_inplace(func, kwargs)
        if inplace:
            self._keep(args[0])
        result = func(*args, **kwargs)
        tensors = [t for t in tree_leaves(result) if isinstance(t, Tensor)]
        if found and tensors and func not in QUERIES:
            self._write_real(func, args, kwargs, found, tensors, inplace)
        else:
            for tensor in tensors:
                if id(tensor) not in self.constants:
                    self.constant(tensor)
                    self.fresh.add(id(tensor))
        return result

    def _keep(self, target: Any) -> None:
        """Remember what a tensor of the network's own holds, before it is overwritten."""
        if isinstance(target, Tensor) and id(target) not in self.fresh and id(target) not in self.overwritten and type(target) is not Proxy:
            self.overwritten[id(target)] = (target, target.detach().clone())

    def _write_real(
        self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], found: list[Proxy], tensors: list[Tensor], inplace: bool
    ) -> None:
        new = [t for t in tensors if id(t) not in self.constants]
        if not new and not inplace:
            return  # the tensor itself: contiguous, to, ...
        op, kind, out = self._price_of_reals(func, args, kwargs)
        if inplace:
            target = self.stand_in(args[0])
            known = target.known
            self.write_inplace(Rule(NO_RULE, op, kind, True), out, target, found)
            target.known = known
            return
        made = [self.constant(t) for t in new]
        self.fresh.update(map(id, new))
        self.append(op, kind, found, made, out, out.view)
        if out.view:
            for proxy in made:
                proxy.base = found[0] if found[0].base is None else found[0].base

    def _price_of_reals(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> tuple[str, str, Out]:
        """Name, kind and cost of a function of real tensors: by its rule, else by what it does on meta tensors."""
        rule = RULES.get(func)
        try:
            if rule is not None:
                out = rule.func(*args, **kwargs)
                return rule.op, out.kind or rule.kind, out
        except (NoRule, TypeError, ValueError):
            pass
        try:
            out = run_on_meta(func, args, kwargs, self.path)
        except TraceError:
            out = Out(counted=False)
        return func.__name__, out.kind or "other", out

    # --- What has no rule ------------------------------------------------------------------------

    def _without_rule(self, func: Callable[..., Any], args: tuple[Any, ...], kwargs: dict[str, Any], found: list[Proxy]) -> Any:
        name = getattr(func, "__name__", "").partition(".")[0]  # "add.Tensor" of torch.ops is an addition
        if not name:
            raise RuntimeError("a scripted method")  # the network is run on fake tensors
        if args and type(args[0]) is not Proxy and isinstance(args[0], Tensor):
            if func in QUERIES:
                return func(*args, **kwargs)
            if func is DATA:
                return self.stand_in(args[0])
            if func in READS_VALUES and found[0].node < 0 and not args[0].is_meta:  # a parameter or buffer that forward has not changed
                return func(*args, **kwargs)
        if func in READS_VALUES:
            raise self.failed(name, DependsOnData.sentence(name), found)
        try:
            run = run_on_meta(func, args, kwargs, self.path)
        except TraceError as error:
            raise self.failed(name, error.reason, found) from error
        if not run.tensors:
            return run.result  # a question, such as is_complex
        run.places = unpriced_places(name, args, kwargs)
        if is_inplace(func, kwargs):
            into = kwargs.get("out")
            return self.write_inplace(Rule(NO_RULE, name, run.kind, True), run, into if isinstance(into, Tensor) else args[0], found)
        made = [Proxy(t.shape, t.dtype) for t in run.tensors]
        self.append(name, run.kind, found, made, run)
        return run.rebuild(made)
