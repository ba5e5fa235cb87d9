"""Reading a constructor's knobs, checking what it is given, and passing knobs on to another class."""

from __future__ import annotations

import functools
import inspect
import typing
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from blocks.knobs.errors import KnobError, unknown_knob
from blocks.knobs.knob import Knob, Named, Spec


def knobs_of(cls: type) -> tuple[Knob, ...]:
    """The knobs of ``cls``, in the constructor's order; a parameter without a knob type is a programming error."""
    return _knobs_of(cls)


@functools.cache
def _knobs_of(cls: Any) -> tuple[Knob, ...]:
    hints = _hints(cls.__init__)
    return tuple(_knob(cls, p, hints.get(p.name)) for p in _parameters(cls.__init__))


def _parameters(init: Callable[..., None]) -> list[inspect.Parameter]:
    """The parameters of a constructor without ``self``, those that :func:`passes_on` adds included."""
    return list(inspect.signature(init).parameters.values())[1:]


def _hints(init: Callable[..., None]) -> dict[str, object]:
    """The annotations that go with :func:`_parameters`."""
    declaring = inspect.unwrap(init, stop=lambda f: hasattr(f, "__signature__"))
    return typing.get_type_hints(declaring, include_extras=True)


def _knob(cls: type, parameter: inspect.Parameter, hint: object) -> Knob:
    metadata = getattr(hint, "__metadata__", ())
    spec = next((m for m in metadata if isinstance(m, Spec)), None)
    if spec is None:
        raise TypeError(f"{cls.__name__}({parameter.name}) needs a knob type from blocks.knobs, not {hint!r}")
    for other in metadata:
        if isinstance(other, Named):
            changed = {f: getattr(other, f) for f in ("symbol", "label", "help", "low", "high", "values") if getattr(other, f) is not None}
            spec = replace(spec, **changed)
    base = typing.get_args(hint)[0]
    kind = "choice" if spec.values is not None else {int: "int", float: "float", bool: "bool"}.get(base, "ints")
    required = parameter.default is inspect.Parameter.empty
    symbol, label = spec.symbol, spec.label or parameter.name.replace("_", " ").capitalize()
    if symbol == "C" and parameter.name.startswith("c_"):
        symbol = "C_" + parameter.name[2:]
        label = {"c_in": "Input channels", "c_out": "Output channels"}.get(parameter.name, label)
    return Knob(
        name=parameter.name, symbol=symbol or parameter.name, label=label, help=spec.help, group=spec.group, kind=kind,
        default=None if required else parameter.default, required=required, low=spec.low, high=spec.high, step=spec.step, values=spec.values, odd=spec.odd,
    )  # fmt: skip


def _constructor(cls: type) -> Callable[..., None]:
    """The function that is the class's ``__init__``, its own or inherited."""
    init: Callable[..., None] = inspect.getattr_static(cls, "__init__")
    return init


def checked(cls: type) -> type:
    """Make the constructor of ``cls`` check its knobs, and keep what it was given in ``knob_values``.

    Raises :class:`KnobError` for an unknown knob (listing the known ones), a missing one, or a value out of range.
    """
    init = _constructor(cls)
    parameters = _parameters(init)
    by_position = tuple(p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD)
    required = frozenset(p.name for p in parameters if p.default is p.empty)
    defaults = {p.name: None if p.name in required else p.default for p in parameters}

    @functools.wraps(init)
    def checked_init(self: object, *args: object, **kwargs: object) -> None:
        filled = dict(zip(by_position, args, strict=False))
        if (
            len(args) > len(by_position)
            or not kwargs.keys() <= defaults.keys()
            or filled.keys() & kwargs.keys()
            or not required <= filled.keys() | kwargs.keys()
        ):
            raise _misnamed(cls, args, kwargs)
        given = {**defaults, **filled, **kwargs}
        for knob in knobs_of(cls):
            value = given[knob.name]
            if value is not knob.default or value is None:
                knob.check(value)
        with named_for(cls):
            init(self, *args, **kwargs)
        self.__dict__["knob_values"] = given

    cls.__init__ = checked_init  # type: ignore[misc]
    return cls


def passes_on(to: type, *names: str, **defaults: object) -> Callable[[Callable[..., None]], Callable[..., None]]:
    """Declare that a constructor takes knobs of another class and passes them on: a decorator for an ``__init__`` that ends in ``**knobs``.

    A knob is then declared once, by the class that uses it. ``names`` are knobs of ``to``, with its annotations and its defaults
    unless ``defaults`` gives others. The body finds all of them in its ``**`` parameter, whether or not the caller gave them::

        class Wide(ResNet):
            @passes_on(ResNet, "kernel_size", "num_classes", num_classes=10)
            def __init__(self, *, widen_factor: WidenFactor = 10.0, **knobs: object) -> None:
                super().__init__(widths=widths_of(widen_factor), **knobs)

    For the caller they are ordinary keyword arguments, and ``inspect.signature`` shows them, so that pages, addresses and formulas read
    them as any other knob. They stand behind the constructor's own parameters; where ``names`` has some of these too, in the order of ``names``.

    Raises TypeError at once for a name that neither class has. The constructor raises :class:`KnobError` for an argument that it does not take.
    """
    theirs = {p.name: p for p in _parameters(_constructor(to))}
    hints = _hints(_constructor(to))

    def decorate(init: Callable[..., None]) -> Callable[..., None]:
        me, *own = (p for p in inspect.signature(init).parameters.values() if p.kind is not p.VAR_KEYWORD)
        declared = {p.name: p for p in own}
        for name in names:
            if name not in declared:
                if name not in theirs:
                    raise TypeError(f"{to.__name__} has no knob {name} to pass on; it has {', '.join(theirs)}")
                declared[name] = theirs[name].replace(
                    kind=inspect.Parameter.KEYWORD_ONLY, default=defaults.get(name, theirs[name].default), annotation=hints[name]
                )
        passed = {name: p.default for name, p in declared.items() if p not in own and p.default is not p.empty}

        @functools.wraps(init)
        def init_passing_on(self: object, *args: object, **given: object) -> None:
            if not given.keys() <= declared.keys():
                wrong = next(name for name in given if name not in declared)
                raise unknown_knob(type(self).__name__, wrong, given[wrong], declared)
            init(self, *args, **{**passed, **given})

        shown = [me, *(declared[name] for name in _order([p.name for p in own], names))]
        vars(init_passing_on)["__signature__"] = inspect.Signature(shown, return_annotation=None)
        init_passing_on.__annotations__ = {**init.__annotations__, **{name: hints[name] for name in passed}}
        return init_passing_on

    return decorate


def _order(own: Sequence[str], names: Sequence[str]) -> list[str]:
    """Own parameters and passed names, in the order that :func:`passes_on` states."""
    first = next((i for i, name in enumerate(own) if name in names), len(own))
    return [*own[:first], *names, *(name for name in own[first:] if name not in names)]


@contextmanager
def named_for(cls: object) -> Iterator[None]:
    """While inside, an error about a part's knob names the knob of ``cls`` that it comes from, as ``cls.part_knobs`` maps them."""
    try:
        yield
    except KnobError as error:
        own = getattr(cls, "part_knobs", {}).get(error.argument)
        if own is None:
            raise
        raise KnobError(own, error.value, error.rule, error.nearest, error.divided) from None


def _misnamed(cls: type, args: tuple[object, ...], kwargs: Mapping[str, object]) -> Exception:
    known = knobs_of(cls)
    for name, value in kwargs.items():
        if name not in {k.name for k in known}:
            return unknown_knob(cls.__name__, name, value, (k.name for k in known))
    missing = [k.name for k in known[len(args) :] if k.required and k.name not in kwargs]
    if missing:
        return KnobError(missing[0], None, f"{cls.__name__} needs a value for it")
    return TypeError(f"{cls.__name__} takes {', '.join(k.name for k in known)}; some of these were given twice or by position")
