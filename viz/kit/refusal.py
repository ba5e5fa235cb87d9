"""What a page says of a choice that cannot be analysed: which of its settings cause that, and the nearest ones that work."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from blocks import catalog
from blocks.knobs import Knob, KnobError, brief
from blocks.knobs.errors import as_typed
from blocks.language import retell, tr
from blocks.trace.build import build_bare
from blocks.trace.errors import NoRule, TraceError
from viz.kit.choice import MAX_SIDE, Choice, analysed, can_run, free_places
from viz.kit.knob_names import knob_name
from viz.kit.knob_widgets import main_first
from viz.kit.setting import knob_words, setting_words

_SIDE = "side"
_NEAR = 8  # whole numbers that are tried on each side of a refused one


@dataclass(frozen=True)
class WayOut:
    """``choice`` is the refused one with ``setting`` (a knob's argument, or "side") at the nearest value that works."""

    setting: str
    choice: Choice

    @property
    def words(self) -> str:
        """The setting in words of the language of now; ways out are kept for readers of every language."""
        return _words(self.choice, self.setting)


def refusal_sentence(error: KnobError | TraceError, choice: Choice) -> str:
    """What a page says about a choice that cannot be analysed. A knob of a block inside, which the page does not show, is put down to those that it shows."""
    if isinstance(error, KnobError):
        known = {*(k.name for k in catalog.knobs(choice.name)), _SIDE}
        if error.argument in known and error.divided is not None and catalog.settings(choice.name, **choice.knobs).get(error.divided[0]) != error.divided[1]:
            return _inner_division(error, choice, error.divided)
        if error.argument in known or not (found := causes(choice)):
            return str(error)
        cause = tr(" with ").join(setting_words(_only(choice, found)))
        inside = f"{error.argument} = {brief(repr(error.value))}"
        return tr(
            "{cause} cannot be used here: in a block of {network}, {setting} {rule}.",
            cause=cause,
            network=choice.name,
            setting=inside,
            rule=retell(error.rule.rstrip(".")),
        )
    smallest = smallest_side(choice)
    hint = f" {tr('The smallest resolution that works is {side}.', side=smallest)}" if smallest else ""
    return f"{error}{'' if str(error).endswith(('.', '。')) else '.'}{hint}"


def _inner_division(error: KnobError, choice: Choice, divided: tuple[str, int]) -> str:
    """What a page says where a knob must divide channels that only a block inside knows: how many they are, and which knobs of the page set them."""
    setters = _setters(choice, error.argument, divided)
    said = {"setting": _words(choice, error.argument), "n": divided[1]}
    if setters:
        knobs = tr(", ").join(map(knob_name, setters))
        sentence = tr("{setting} cannot be used here: it must divide the {n} channels that it splits; these follow from {knobs}.", **said, knobs=knobs)
    else:
        sentence = tr("{setting} cannot be used here: it must divide the {n} channels that it splits.", **said)
    nearest = tr(" or ").join(map(as_typed, error.nearest))
    return f"{sentence} {tr('Nearest: {names}.', names=nearest)}" if nearest else sentence


@lru_cache(maxsize=64)
def _setters(choice: Choice, argument: str, divided: tuple[str, int]) -> tuple[Knob, ...]:
    """The knobs that set what ``argument`` must divide: each that changes it, or makes it fit, when it is moved by a step or two."""
    main, others = main_first(catalog.knobs(choice.name))
    values = catalog.settings(choice.name, **choice.knobs)
    numbers = [knob for knob in (*main, *others) if knob.kind in ("int", "float", "ints") and knob.name != argument]
    moved = {knob: [_moved(knob, values[knob.name], steps) for steps in (1, 2)] for knob in numbers}
    return tuple(knob for knob, near in moved.items() if any(_changes(_with(choice, knob.name, value), argument, divided) for value in near))


def _moved(knob: Knob, value: Any, steps: int) -> Any:
    """``value`` so many steps up, or down from the end."""
    if isinstance(value, tuple):
        return tuple(_moved(knob, v, steps) for v in value)
    by = steps * (knob.step or 1)
    return value + by if knob.high is None or value + by <= knob.high else value - by


def _changes(choice: Choice, argument: str, divided: tuple[str, int]) -> bool:
    entry = catalog.entry(choice.name)
    settings = catalog.settings(choice.name, **choice.knobs)
    try:
        build_bare(lambda: entry.cls(**settings))  # analysing it would look for values that work, each time
    except KnobError as error:
        return error.argument == argument and error.divided is not None and error.divided[0] == divided[0] and error.divided[1] != divided[1]
    except (NoRule, TraceError):
        return False
    return True


def refused_base(choice: Choice, moved: Iterable[str]) -> tuple[Choice, str] | None:
    """What a page that moves the settings ``moved`` cannot start from: ``choice`` with those as published, and the sentence on it; None where that works."""
    base = _without(choice, moved)
    try:
        analysed(base)
    except (KnobError, TraceError) as error:
        return base, refusal_sentence(error, base)
    return None


def causes(choice: Choice) -> list[str]:
    """The settings that make ``choice`` impossible: each that would mend it alone, were it as published; else the fewest that do together."""
    moved = [*choice.knobs, *([_SIDE] if choice.side is not None else [])]
    alone = [name for name in moved if can_run(_without(choice, [name]))]
    if alone:
        return alone
    together = list(moved)
    for name in moved:
        fewer = [other for other in together if other != name]
        if can_run(_without(choice, fewer)):
            together = fewer
    return together if can_run(_without(choice, together)) else []


@lru_cache(maxsize=64)
def ways_out(choice: Choice, most: int = 2) -> tuple[WayOut, ...]:
    """Up to ``most`` choices near a refused one that can be analysed: what its error proposes first, then each of its causes at the nearest value."""
    proposed = [(name, value) for name, value in _proposed(choice) if can_run(_with(choice, name, value))]
    named = dict(reversed(proposed))
    for name in causes(choice):
        if name not in named and (value := nearest_working(choice, name)) is not None:
            named[name] = value
    return tuple(WayOut(name, _with(choice, name, value)) for name, value in list(named.items())[:most])


def _proposed(choice: Choice) -> list[tuple[str, object]]:
    try:
        analysed(choice)
    except KnobError as error:
        if any(k.name == error.argument for k in catalog.knobs(choice.name)):
            return [(error.argument, value) for value in error.nearest]
    except TraceError:
        if (smallest := smallest_side(choice)) is not None:
            return [(_SIDE, smallest)]
    return []


def nearest_working(choice: Choice, name: str) -> object:
    """The value of the setting ``name`` nearest to the refused one with which ``choice`` works; None where none was found."""
    for value in _candidates(choice, name):
        if can_run(_with(choice, name, value)):
            return value
    return None


def _candidates(choice: Choice, name: str) -> Iterator[object]:
    """Values to try, nearest first: neighbours of a whole number, then those half way and ever nearer to the refused one, found by halving."""
    published, value = _published(choice, name), choice.side if name == _SIDE else choice.knobs[name]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not isinstance(published, (int, float)):
        yield published
        return
    whole = isinstance(value, int)
    if whole:
        yield from (value + step for distance in range(1, _NEAR + 1) for step in (-distance, distance) if value + step > 0)
    works, fails = published, value
    while abs(fails - works) > (1 if whole else 0.01 * abs(value)):
        middle = (works + fails) // 2 if whole else round((works + fails) / 2, 3)
        if middle in (works, fails):
            break
        works, fails = (middle, fails) if can_run(_with(choice, name, middle)) else (works, middle)
    yield works


def _published(choice: Choice, name: str) -> object:
    if name == _SIDE:
        return catalog.input_shape(choice.name)[free_places(choice.name)[0]]
    return next(k.default for k in catalog.knobs(choice.name) if k.name == name)


def _with(choice: Choice, name: str, value: Any) -> Choice:
    as_published = value == _published(choice, name)
    if name == _SIDE:
        return replace(choice, side=None if as_published else value)
    others = {k: v for k, v in choice.knobs.items() if k != name}
    return replace(choice, knobs=others if as_published else {**choice.knobs, name: value})


def _without(choice: Choice, names: Iterable[str]) -> Choice:
    for name in names:
        choice = _with(choice, name, _published(choice, name))
    return choice


def _only(choice: Choice, names: Iterable[str]) -> Choice:
    return _without(choice, [name for name in (*choice.knobs, *([_SIDE] if choice.side is not None else [])) if name not in set(names)])


def _words(choice: Choice, name: str) -> str:
    """The setting ``name`` of a choice in words, whether or not it is as published."""
    if name == _SIDE:
        return f"{choice.shape[free_places(choice.name)[0]]} {'px' if len(free_places(choice.name)) == 2 else 'tokens'}"
    knob = next(k for k in catalog.knobs(choice.name) if k.name == name)
    return knob_words(knob, choice.knobs.get(name, knob.default))


def smallest_side(choice: Choice) -> int | None:
    """The smallest input that this network runs on, found by halving; None where a larger one does not help either."""
    low = choice.shape[free_places(choice.name)[0]] if free_places(choice.name) else 0
    tried = (low * 2, low * 4, low * 16, 512)
    high = next((s for s in tried if low < s <= MAX_SIDE and can_run(replace(choice, side=s))), None)
    if high is None:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if can_run(replace(choice, side=middle)) else (middle, high)
    return high
