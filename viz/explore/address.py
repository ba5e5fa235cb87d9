"""The Explore page's state and its address: the network, and how it is looked at.

Parameters of the view begin with an underscore: no knob's name does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from blocks.knobs import KnobError
from blocks.language import tr
from viz.graph.dot import DIRECTIONS
from viz.graph.fold import FOLD_LEVELS
from viz.kit.address import Query
from viz.kit.choice import Choice, read_choice, write_choice
from viz.kit.parameters import one_of

_LONGEST_OPEN = 600  # characters of opened modules in an address
#: What each setting of the view may be, the default first; its parameter is the name with an underscore before it.
SETTINGS: Mapping[str, tuple[str, ...]] = {
    "count": ("macs", "params", "flops"),
    "tab": ("layers", "stages", "memory", "code", "published", "export"),
    "graph": ("folded", "tensors"),
    "latency": ("time", "versus", "operations"),
    "optimizer": ("adam", "adamw", "momentum", "sgd"),
    "level": tuple(FOLD_LEVELS),
    "direction": tuple(DIRECTIONS),
}


@dataclass(frozen=True)
class ViewSettings:
    """How the page is looked at: ``settings`` holds what is not the default (see :data:`SETTINGS`); ``opened`` are the ids of the graph's open
    modules where they are not those of a level."""

    settings: Mapping[str, str] = field(default_factory=dict)
    opened: tuple[str, ...] | None = None

    def __getitem__(self, name: str) -> str:
        return self.settings.get(name, SETTINGS[name][0])


@dataclass(frozen=True)
class ExploreState:
    """The network with its knobs and input, and how it is looked at."""

    choice: Choice = field(default_factory=Choice)
    view: ViewSettings = field(default_factory=ViewSettings)


def read_explore(query: Query) -> tuple[ExploreState, list[str]]:
    """The state of an address, and a sentence for each part that could not be used."""
    params = dict(query)
    choice, problems = read_choice(params)
    view = ViewSettings()
    for name, text in params.items():
        if name.startswith("_"):
            try:
                view = _with(view, name, text)
            except KnobError as error:
                problems.append(str(error))
    return ExploreState(choice, view), problems


def _with(view: ViewSettings, parameter: str, text: str) -> ViewSettings:
    name = parameter[1:]
    if name == "open":
        return replace(view, opened=tuple(text.split(",")) if text else ())
    if name not in SETTINGS:
        known = [f"_{known}" for known in (*SETTINGS, "open")]
        raise KnobError(parameter, text, tr("is not a setting of this page; there are {names}", names=", ".join(known)), known[:3])
    value = one_of(parameter, text, SETTINGS[name])
    return replace(view, settings={**view.settings, name: value} if value != SETTINGS[name][0] else {k: v for k, v in view.settings.items() if k != name})


def write_explore(state: ExploreState) -> Query:
    """The address of a state; what is as published and as the page opens is left out, and so are more open modules than an address holds."""
    params = write_choice(state.choice)
    view = state.view
    params |= {f"_{name}": view[name] for name in SETTINGS if view[name] != SETTINGS[name][0] and not (name == "level" and view.opened is not None)}
    if view.opened is not None and len(opened := ",".join(view.opened)) <= _LONGEST_OPEN:
        params["_open"] = opened
    return tuple(params.items())
