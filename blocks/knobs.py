"""Knobs: what a constructor's parameter means, said once as an annotated type.

A block writes ``kernel_size: KernelSize = 3``; the symbol, label, range and help that pages, URLs,
formulas, errors and tests need are read from ``KernelSize`` by :func:`knobs_of`.
A block that uses one type twice renames it in place: ``c_squeeze: Annotated[Channels, Named("C_s", "Squeeze channels")]``.
"""

from __future__ import annotations

import difflib
import functools
import inspect
import math
import typing
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Annotated, Any

from blocks.trace.symbolic import plain


class KnobError(ValueError):
    """A knob has a value that its block cannot take.

    Attributes: ``argument`` (the knob's name), ``value`` (what was given), ``rule`` (what must hold, as
    a sentence) and ``nearest`` (the nearest values that work, best first; may be empty).
    """

    def __init__(self, argument: str, value: Any, rule: str, nearest: Iterable[Any] = ()) -> None:
        self.argument = argument
        self.value = plain(value)
        self.rule = rule
        self.nearest = tuple(plain(v) for v in nearest)
        hint = f" Nearest: {' or '.join(map(str, self.nearest))}." if self.nearest else ""
        super().__init__(f"{argument} = {self.value!r}: {rule.rstrip('.')}.{hint}")


@dataclass(frozen=True, slots=True)
class Spec:
    """The meaning of an annotated knob type; ranges are inclusive and binding."""

    symbol: str
    label: str
    help: str
    group: str
    low: float | None = None
    high: float | None = None
    step: float | None = None
    values: tuple[Any, ...] | None = None
    odd: bool = False


@dataclass(frozen=True, slots=True)
class Named:
    """Another symbol, label or help for a knob type used in one place, as in ``Annotated[Channels, Named("C_3")]``."""

    symbol: str | None = None
    label: str | None = None
    help: str | None = None
    low: float | None = None
    high: float | None = None
    values: tuple[Any, ...] | None = None


@dataclass(frozen=True, slots=True)
class Knob:
    """One parameter of one constructor: its meaning, its range and its default."""

    name: str
    symbol: str
    label: str
    help: str
    group: str
    kind: str  # "int", "float", "bool", "choice" or "ints"
    default: Any
    required: bool = False
    low: float | None = None
    high: float | None = None
    step: float | None = None
    values: tuple[Any, ...] | None = None
    odd: bool = False

    def check(self, value: Any) -> None:
        """Raise :class:`KnobError` unless ``value`` has this knob's type and lies in its range."""
        bare = plain(value)
        if self.kind == "choice":
            if bare not in (self.values or ()):
                raise KnobError(self.name, bare, f"must be one of {_some(self.values or ())}", _closest(bare, self.values or ()))
        elif self.kind == "bool":
            if not isinstance(bare, bool):
                raise KnobError(self.name, bare, "must be True or False", [bool(bare)])
        elif self.kind == "ints":
            self._check_ints(bare)
        else:
            self._check_number(bare)

    def _check_number(self, bare: Any) -> None:
        whole = self.kind == "int"
        if isinstance(bare, bool) or not isinstance(bare, int if whole else (int, float)) or not math.isfinite(bare):
            nearest = [self._inside(round(bare))] if whole and isinstance(bare, float) and math.isfinite(bare) else [self.default]
            raise KnobError(self.name, bare, f"must be a {'whole ' if whole else 'finite '}number", nearest)
        if self._inside(bare) != bare:
            raise KnobError(self.name, bare, f"must lie between {self.low:g} and {self.high:g}", [self._inside(bare)])
        if self.odd and bare % 2 == 0:
            raise KnobError(self.name, bare, "must be odd, so that padding (k-1)/2 keeps the size", [v for v in (bare - 1, bare + 1) if self._inside(v) == v])

    def _check_ints(self, bare: Any) -> None:
        if not isinstance(bare, (tuple, list)) or not bare or any(isinstance(v, bool) or not isinstance(v, int) for v in bare):
            raise KnobError(self.name, bare, "must be a list of whole numbers such as 3,4,6,3", [self.default])
        if any(self._inside(v) != v for v in bare):
            raise KnobError(self.name, bare, f"each entry must lie between {self.low:g} and {self.high:g}", [tuple(self._inside(v) for v in bare)])

    def _inside(self, value: float) -> float:
        low = value if self.low is None else self.low
        high = value if self.high is None else self.high
        nearest = min(max(value, low), high)
        return int(nearest) if self.kind in ("int", "ints") else nearest

    def parse(self, text: str) -> Any:
        """The value that ``text`` (from a URL or a command line) stands for; :class:`KnobError` if it is none."""
        text = text.strip()
        value: Any = text
        try:
            if self.kind == "int":
                value = int(text)
            elif self.kind == "float":
                value = float(text)
            elif self.kind == "bool":
                value = {"true": True, "1": True, "yes": True, "on": True, "false": False, "0": False, "no": False, "off": False}[text.lower()]
            elif self.kind == "ints":
                value = tuple(int(part) for part in text.strip("()[] ").replace(" ", "").rstrip(",").split(","))
            else:
                value = next((v for v in self.values or () if str(v) == text), text)
        except (ValueError, KeyError):
            wanted = {"int": "a whole number", "float": "a number", "bool": "true or false", "ints": "whole numbers such as 3,4,6,3"}[self.kind]
            raise KnobError(self.name, text, f"must be {wanted}", [self.default]) from None
        self.check(value)
        return value

    def text(self, value: Any) -> str:
        """The inverse of :meth:`parse`."""
        bare = plain(value)
        if self.kind == "ints":
            return ",".join(map(str, bare))
        return str(bare).lower() if self.kind == "bool" else str(bare)


def _listed(values: Iterable[Any]) -> str:
    return ", ".join(map(str, values))


def _some(values: Iterable[Any], most: int = 12) -> str:
    """As :func:`_listed`, with the middle left out where there are more than ``most``."""
    values = list(values)
    if len(values) <= most:
        return _listed(values)
    return f"{_listed(values[: most // 2])} ... {_listed(values[-most // 2 :])} ({len(values)} in all)"


def _closest(value: Any, values: tuple[Any, ...]) -> list[Any]:
    if isinstance(value, (int, float)) and all(isinstance(v, (int, float)) for v in values):
        return sorted(values, key=lambda v: abs(v - value))[:1]
    names = difflib.get_close_matches(str(value), [str(v) for v in values], n=2, cutoff=0.3)
    return [v for v in values if str(v) in names] or list(values[:1])


# --- The types -----------------------------------------------------------------------------------
# Letters mean one thing in the whole package; blocks/__init__.py lists them.

WIDTH, KERNEL, GROUPING, ATTENTION, DEPTH, EXTRA, TASK = "Width", "Kernel", "Groups", "Attention", "Depth", "Extras", "Task"

Channels = Annotated[int, Spec("C", "Channels", "Number of feature maps.", WIDTH, 1, 16384, 8)]
Features = Annotated[int, Spec("D", "Embedding width", "Length of a token's vector.", WIDTH, 1, 16384, 8)]
WidthMultiplier = Annotated[float, Spec("alpha", "Width multiplier", "Multiplies every layer's channels.", WIDTH, 0.05, 8.0, 0.05)]
Expansion = Annotated[float, Spec("t", "Expansion", "Inner channels over input channels.", WIDTH, 0.125, 16.0, 0.25)]
WidthPerGroup = Annotated[int, Spec("d", "Width per group", "Channels of one group in the first stage.", WIDTH, 1, 1024, 1)]
KernelSize = Annotated[int, Spec("k", "Kernel size", "Side of the convolution's window.", KERNEL, 1, 63, 2, odd=True)]
LargeKernel = Annotated[KernelSize, Named("k_5", "Large kernel", "Side of the windows that are 5 in the paper's table.")]
Stride = Annotated[int, Spec("s", "Stride", "Step of the window; 2 halves the resolution.", KERNEL, 1, 8, 1)]
UnitStride = Annotated[Stride, Named(help="1 adds the input; 2 halves the resolution and concatenates it.", high=2)]
Dilation = Annotated[int, Spec("d_k", "Dilation", "Spacing between the window's taps.", KERNEL, 1, 16, 1)]
Groups = Annotated[int, Spec("g", "Groups", "Independent channel groups of the convolution.", GROUPING, 1, 16384, 1)]
SERatio = Annotated[int, Spec("r", "SE ratio r", "Squeeze-and-excitation reduction C/r; 0 means no SE.", ATTENTION, 0, 256, 1)]
InputSERatio = Annotated[SERatio, Named(help="Squeeze-and-excitation to C_in/r, counted on the block's narrow input; 0 leaves it out.")]
Heads = Annotated[int, Spec("h", "Heads", "Attention heads; they divide the embedding width.", ATTENTION, 1, 256, 1)]
MLPRatio = Annotated[float, Spec("m", "MLP ratio", "Hidden width of the MLP over the embedding width.", WIDTH, 0.25, 16.0, 0.25)]
PatchSize = Annotated[int, Spec("P", "Patch size", "Side of one square patch, in pixels.", KERNEL, 1, 256, 1)]
Repeats = Annotated[int, Spec("n", "Repeats", "How many times the block is repeated.", DEPTH, 1, 256, 1)]
Depths = Annotated[tuple[int, ...], Spec("n", "Blocks per stage", "Number of blocks in each stage.", DEPTH, 1, 256, 1)]
Widths = Annotated[tuple[int, ...], Spec("C", "Channels per stage", "Number of channels in each stage.", WIDTH, 1, 16384, 1)]
Dropout = Annotated[float, Spec("p", "Dropout", "Share of activations dropped while training.", EXTRA, 0.0, 0.95, 0.05)]
AddedNorm = Annotated[bool, Spec("", "Batch norm", "A batch norm after each convolution; the paper has none.", EXTRA)]
Flag = Annotated[bool, Spec("", "", "", EXTRA)]
Activation = Annotated[
    str, Spec("", "Activation", "The non-linearity.", EXTRA, values=("relu", "relu6", "leaky_relu", "silu", "hardswish", "gelu", "sigmoid", "tanh", "identity"))
]
PartialRatio = Annotated[
    float, Spec("gamma", "Partial ratio", "Share of the channels that goes around the stage; 0 sends all of them through it.", WIDTH, 0.0, 0.95, 0.05)
]
Fusion = Annotated[
    str,
    Spec(
        "",
        "Transition",
        "Where 1x1 convolutions join the two parts: before and after the concatenation, only after it (fusion first) or only before it (fusion last).",
        EXTRA,
        values=("both", "fusion_first", "fusion_last"),
    ),
]
NumClasses = Annotated[int, Spec("K", "Classes", "Outputs of the classifier.", TASK, 1, 100_000, 1)]
InChannels = Annotated[int, Spec("C_0", "Input channels", "Channels of the picture: 3 for RGB.", TASK, 1, 4096, 1)]


# --- Reading a constructor -----------------------------------------------------------------------


def knobs_of(cls: type) -> tuple[Knob, ...]:
    """The knobs of ``cls``, in the constructor's order; a parameter without a knob type is a programming error."""
    return _knobs_of(cls)


@functools.cache
def _knobs_of(cls: Any) -> tuple[Knob, ...]:
    init = inspect.unwrap(cls.__init__)  # type: ignore[misc]
    hints = typing.get_type_hints(init, include_extras=True)
    parameters = list(inspect.signature(init).parameters.values())[1:]
    return tuple(_knob(cls, p, hints.get(p.name)) for p in parameters)


def _knob(cls: type, parameter: inspect.Parameter, hint: Any) -> Knob:
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


def checked(cls: type) -> type:
    """Make the constructor of ``cls`` check its knobs, and keep what it was given in ``knob_values``.

    Raises :class:`KnobError` for an unknown knob (listing the known ones), a missing one, or a value out of range.
    """
    init = cls.__init__  # type: ignore[misc]
    signature = inspect.signature(init)
    parameters = list(signature.parameters.values())[1:]
    by_position = tuple(p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD)
    required = frozenset(p.name for p in parameters if p.default is p.empty)
    defaults = {p.name: None if p.name in required else p.default for p in parameters}

    @functools.wraps(init)
    def checked_init(self: Any, *args: Any, **kwargs: Any) -> None:
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


@contextmanager
def named_for(cls: Any) -> Iterator[None]:
    """While inside, an error about a part's knob names the knob of ``cls`` that it comes from, as ``cls.part_knobs`` maps them."""
    try:
        yield
    except KnobError as error:
        own = getattr(cls, "part_knobs", {}).get(error.argument)
        if own is None:
            raise
        raise KnobError(own, error.value, error.rule, error.nearest) from None


def unknown_knob(owner: str, name: str, value: Any, known: Iterable[str]) -> KnobError:
    """The error for a knob that ``owner`` does not have."""
    known = list(known)
    return KnobError(name, value, f"{owner} has no such knob; it has {_listed(known)}", difflib.get_close_matches(name, known, n=2, cutoff=0.5))


def _misnamed(cls: type, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> Exception:
    known = knobs_of(cls)
    for name, value in kwargs.items():
        if name not in {k.name for k in known}:
            return unknown_knob(cls.__name__, name, value, (k.name for k in known))
    missing = [k.name for k in known[len(args) :] if k.required and k.name not in kwargs]
    if missing:
        return KnobError(missing[0], None, f"{cls.__name__} needs a value for it")
    return TypeError(f"{cls.__name__} takes {_listed(k.name for k in known)}; some of these were given twice or by position")


# --- Rules between knobs -------------------------------------------------------------------------


def require_divides(argument: str, divisor: int, **wholes: int) -> None:
    """Raise :class:`KnobError` for ``argument`` unless ``divisor`` divides each of ``wholes`` without remainder."""
    for name, whole in wholes.items():
        if whole % divisor != 0:
            common = math.gcd(*(int(w) for w in wholes.values()))
            fitting = [d for d in range(1, common + 1) if common % d == 0]
            nearest = sorted(fitting, key=lambda d: abs(d - int(divisor)))[:2]
            raise KnobError(argument, divisor, f"must divide {name} = {int(whole)}", nearest)


def require(holds: bool, argument: str, value: Any, rule: str, nearest: Iterable[Any] = ()) -> None:
    """Raise :class:`KnobError` unless ``holds``."""
    if not holds:
        raise KnobError(argument, value, rule, nearest)


def require_one_a_stage(argument: str, values: tuple[Any, ...], stages: int) -> None:
    """Raise :class:`KnobError` for ``argument`` unless it has one entry for each of ``stages`` stages."""
    fitting = (tuple(values) + (values[-1],) * stages)[:stages]
    require(len(values) == stages, argument, tuple(values), f"needs one entry for each of the {stages} stages", [fitting])
