"""The widgets that set how the Explore page is looked at, and what they stand at. The graph keeps its own level, direction and open modules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from blocks.language import tr, translatable
from viz.explore.address import SETTINGS, ViewSettings
from viz.kit.widget_state import held

GRAPH_KEY = "explore_graph"  # the viewer's key on the page
_KEYS = {"count": "of", "tab": "view", "graph": "graph_how", "latency": "latency_view", "optimizer": "optimizer"}
_LABELS: Mapping[str, Mapping[str, str]] = {
    "count": {"macs": translatable("MACs"), "params": translatable("Params"), "flops": translatable("FLOPs")},
    "tab": {
        "layers": translatable("Layers"),
        "stages": translatable("Stages"),
        "memory": translatable("Memory"),
        "code": translatable("Code"),
        "published": translatable("Published"),
        "export": translatable("Export"),
    },
    "graph": {"folded": translatable("Folded by module"), "tensors": translatable("Every tensor (torchview)")},
    "latency": {"time": translatable("Time"), "versus": translatable("Ratio"), "operations": translatable("Parts")},
    "optimizer": {"adam": "Adam", "adamw": "AdamW", "momentum": translatable("SGD with momentum"), "sgd": "SGD"},
}


def view_control(name: str, label: str, **options: Any) -> str:
    """The widget of a setting; ``options`` go to st.segmented_control. Returns what it stands at."""
    key = _KEYS[name]
    picked = st.segmented_control(
        label,
        SETTINGS[name],
        key=key,
        default=held(key, SETTINGS[name][0]),
        format_func=lambda setting: setting_word(name, setting),
        required=True,
        label_visibility="collapsed",
        **options,
    )
    return str(picked or SETTINGS[name][0])  # nothing is picked for a moment where the browser redraws it


def setting_word(name: str, setting: str) -> str:
    """What the widget of a setting calls one of its values."""
    return tr(_LABELS[name][setting])


def show_view(view: ViewSettings, network: str) -> None:
    """Set the widgets and the graph to exactly ``view``: the page was opened with it."""
    for name, key in _KEYS.items():
        st.session_state[key] = view[name]
    graph = {"level": view["level"], "open": []} if view.opened is None else {"level": "", "open": list(view.opened)}
    st.session_state[f"{GRAPH_KEY}.kept"] = {"view": {"of": network, "direction": view["direction"], **graph}}


def current_view() -> ViewSettings:
    """How the page is looked at now."""
    found = {name: st.session_state.get(key) for name, key in _KEYS.items()}
    graph = st.session_state.get(f"{GRAPH_KEY}.kept", {}).get("view") or {}
    found |= {name: graph.get(name) for name in ("level", "direction")}
    settings = {name: value for name, value in found.items() if value in SETTINGS[name][1:]}
    return ViewSettings(settings, tuple(graph.get("open", ())) if graph.get("level") == "" else None)
