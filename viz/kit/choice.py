"""What a user has chosen, and its form in the URL. Reading never fails: what cannot be used is said, the rest holds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from blocks import analyse, catalog
from blocks.analysis import DTYPES, Analysis
from blocks.catalog import free_places
from blocks.knobs import KnobError, unknown_knob
from blocks.language import tr
from blocks.space.axes import MOST_SIDE
from blocks.trace.errors import TraceError
from blocks.trace.memo import Bounded
from viz.kit.command_line import first
from viz.kit.parameters import one_of, whole_number

FIRST_NETWORK = "resnet50"
MAX_SIDE, MAX_BATCH = MOST_SIDE, 4096
_INPUT = ("batch", "side", "dtype", "mode")


@dataclass(frozen=True)
class Choice:
    """A network with its knobs and its input. ``knobs`` holds only what differs from the preset; ``side`` is the picture's
    side (tokens for a block of tokens), None for the published one."""

    name: str = FIRST_NETWORK
    knobs: Mapping[str, object] = field(default_factory=dict)
    side: int | None = None
    batch: int = 1
    dtype: str = "float32"
    training: bool = False

    @property
    def shape(self) -> tuple[int, ...]:
        """The input's shape."""
        shape = list(catalog.input_shape(self.name, **self.knobs))
        shape[0] = self.batch
        if self.side is not None:
            for place in free_places(self.name):
                shape[place] = self.side
        return tuple(shape)

    @property
    def key(self) -> tuple[object, ...]:
        """All of it as one hashable value."""
        return (self.name, tuple(sorted(self.knobs.items())), self.shape, self.dtype, self.training)

    def __hash__(self) -> int:
        return hash((self.name, tuple(sorted(self.knobs.items())), self.side, self.batch, self.dtype, self.training))

    def default(self) -> Choice:
        """The same network as published, on the same batch and type."""
        return replace(self, knobs={}, side=None)


def turned(before: Choice, now: Choice) -> tuple[str, ...]:
    """Names of the knobs at which two choices of one network differ; none where the networks differ."""
    if before.name != now.name:
        return ()
    return tuple(k for k in {*now.knobs, *before.knobs} if now.knobs.get(k) != before.knobs.get(k))


#: Operations of all analyses that are kept, at about 11 kB each with everything that pages read of them.
MOST_OPERATIONS = 20_000
_kept: Bounded[Analysis] = Bounded(MOST_OPERATIONS)


def analysed(choice: Choice, symbolic: bool = False) -> Analysis:
    """The analysis of a choice, cached. Raises KnobError or TraceError."""
    key = (choice.key, symbolic)
    found = _kept.used(key)
    if found is None:
        found = analyse(choice.name, choice.shape, dtype=choice.dtype, training=choice.training, symbolic=symbolic, **choice.knobs)
        _kept.put(key, found, len(found.graph.nodes))
    return found


def can_run(choice: Choice) -> bool:
    """Whether a choice can be analysed."""
    try:
        analysed(choice)
    except (KnobError, TraceError):
        return False
    return True


def read_choice(params: Mapping[str, str]) -> tuple[Choice, list[str]]:
    """The choice that a URL stands for, and a sentence for each part that could not be used."""
    problems: list[str] = []
    name = params.get("net") or first() or FIRST_NETWORK
    try:
        catalog.entry(name)
    except KnobError as error:
        problems.append(tr("{problem} Showing {network}.", problem=error, network=FIRST_NETWORK))
        return Choice(), problems
    known = {k.name: k for k in catalog.knobs(name)}
    knobs: dict[str, object] = {}
    for key, text in params.items():
        if key == "net" or key in _INPUT or key.startswith("_"):
            continue
        try:
            if key not in known:
                raise unknown_knob(name, key, text, known)
            value = known[key].parse(text)
        except KnobError as error:
            problems.append(str(error))
            continue
        if value != known[key].default:
            knobs[key] = value
    choice = Choice(name, knobs)
    for key, text in params.items():
        if key in _INPUT:
            try:
                choice = _with_input(choice, key, text)
            except KnobError as error:
                problems.append(str(error))
    return choice, problems


def _with_input(choice: Choice, key: str, text: str) -> Choice:
    if key == "dtype":
        return replace(choice, dtype=one_of("dtype", text, list(DTYPES)))
    if key == "mode":
        if text not in ("training", "inference"):
            raise KnobError("mode", text, tr("must be inference or training"), ["inference"])
        return replace(choice, training=text == "training")
    value = whole_number(key, text, 1, MAX_SIDE if key == "side" else MAX_BATCH)
    return replace(choice, side=value) if key == "side" else replace(choice, batch=value)


def write_choice(choice: Choice) -> dict[str, str]:
    """The URL parameters of a choice, knobs in the network's own order; what is as published is left out."""
    known = {k.name: k for k in catalog.knobs(choice.name)}
    params = {"net": choice.name} | {k: knob.text(choice.knobs[k]) for k, knob in known.items() if k in choice.knobs}
    if choice.side is not None:
        params["side"] = str(choice.side)
    if choice.batch != 1:
        params["batch"] = str(choice.batch)
    if choice.dtype != "float32":
        params["dtype"] = choice.dtype
    if choice.training:
        params["mode"] = "training"
    return params


def python_code(choice: Choice) -> str:
    """The Python that builds and analyses exactly this."""
    given = ", ".join(f"{k}={v!r}" for k, v in choice.knobs.items())
    build = f'net = catalog.build("{choice.name}"{", " + given if given else ""})'
    options = (f', dtype="{choice.dtype}"' if choice.dtype != "float32" else "") + (", training=True" if choice.training else "")
    return f"from blocks import analyse, catalog\n\n{build}\na = analyse(net, {choice.shape}{options})"
