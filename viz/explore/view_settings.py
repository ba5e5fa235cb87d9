"""How the Explore page is looked at, in its address: tab, count, view of the latency, level and direction of the graph.

What a link restores besides the network. Names begin with an underscore: no knob's does.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import streamlit as st

from blocks.knobs import KnobError
from viz.graph.dot import DIRECTIONS
from viz.graph.fold import FOLD_LEVELS

GRAPH_KEY = "explore_graph"  # the viewer's key on the page
FOLDED, TENSORS = "Folded by module", "Every tensor (torchview)"
_LONGEST_OPEN = 600  # characters of opened modules in an address


@dataclass(frozen=True, slots=True)
class Setting:
    """One widget's key in the session, its name in the address, and its values there (the default first) with what they are to the widget."""

    key: str
    name: str
    values: Mapping[str, str]

    @property
    def default(self) -> str:
        """The widget's value that an address leaves out."""
        return next(iter(self.values.values()))


def _same(*values: str) -> dict[str, str]:
    return {v.lower(): v for v in values}


SETTINGS = (
    Setting("of", "_count", _same("macs", "params", "flops")),
    Setting("view", "_tab", _same("Layers", "Stages", "Memory", "Code", "Published", "Export")),
    Setting("graph_how", "_graph", {"folded": FOLDED, "tensors": TENSORS}),
    Setting("latency_view", "_latency", _same("time", "versus", "operations")),
)


_BY_KEY = {setting.key: setting for setting in SETTINGS}


def current(key: str) -> str:
    """What a setting stands at, its default at first."""
    return str(st.session_state.setdefault(key, _BY_KEY[key].default))


def control(key: str, label: str, **options: Any) -> str:
    """The setting's widget; ``options`` go to st.segmented_control. Returns what it stands at."""
    current(key)
    values = list(_BY_KEY[key].values.values())
    return str(st.segmented_control(label, values, key=key, required=True, label_visibility="collapsed", **options))


def take(params: Mapping[str, str], network: str) -> list[str]:
    """Set the page to what an address asks for; a sentence for each part that cannot be."""
    problems: list[str] = []
    known = {s.name: s for s in SETTINGS}
    graph: dict[str, Any] = {}
    for name, text in params.items():
        if not name.startswith("_"):
            continue
        if name in known:
            _set(known[name], text, problems)
        elif name == "_open":
            graph |= {"open": text.split(","), "level": ""}
        elif (allowed := {"_level": FOLD_LEVELS, "_direction": DIRECTIONS}.get(name)) and text in allowed:
            graph[name[1:]] = text
        else:
            nearest = allowed or [*known, "_level", "_direction", "_open"]
            problems.append(str(KnobError(name, text, f"must be one of {', '.join(nearest)}" if allowed else "is no setting of this page", list(nearest)[:3])))
    if graph:
        st.session_state[f"{GRAPH_KEY}.kept"] = {"view": {"of": network, "level": "stage", **graph}}
    return problems


def _set(setting: Setting, text: str, problems: list[str]) -> None:
    if text in setting.values:
        st.session_state[setting.key] = setting.values[text]
    else:
        problems.append(str(KnobError(setting.name, text, f"must be one of {', '.join(setting.values)}", list(setting.values)[:1])))


def given() -> dict[str, str]:
    """The part of the address that stands for how the page is looked at now; defaults are left out."""
    params = {}
    for setting in SETTINGS:
        held = current(setting.key)
        if held != setting.default:
            params[setting.name] = next(text for text, value in setting.values.items() if value == held)
    return params | _graph()


def _graph() -> dict[str, str]:
    kept = st.session_state.get(f"{GRAPH_KEY}.kept", {})
    view = kept.get("view") or {}
    params = {}
    if view.get("level") in FOLD_LEVELS[1:]:
        params["_level"] = view["level"]
    elif view.get("level") == "" and len(opened := ",".join(view.get("open", ()))) <= _LONGEST_OPEN:
        params["_open"] = opened
    if view.get("direction") in DIRECTIONS[1:]:
        params["_direction"] = view["direction"]
    return params
