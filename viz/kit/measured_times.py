"""Measured seconds by operation, kept in the browser session for every page that draws them."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from blocks.latency.measure.profile import Profile
from viz.kit.choice import Choice

#: Key in ``st.session_state``: {Choice.key: Profile}, the newest few.
_PROFILES = "measured_profiles"
_KEPT = 8


def keep_profile(choice: Choice, profile: Profile) -> None:
    """Remember the profile of ``choice`` for this session."""
    kept: dict[object, Profile] = st.session_state.setdefault(_PROFILES, {})
    kept.pop(choice.key, None)
    kept[choice.key] = profile
    while len(kept) > _KEPT:
        del kept[next(iter(kept))]


def profile_of(choice: Choice) -> Profile | None:
    """The newest profile of exactly this choice in this session; None where none was measured."""
    found: Profile | None = st.session_state.get(_PROFILES, {}).get(choice.key)
    return found


def times_of(choice: Choice) -> Mapping[int, float] | None:
    """Seconds by node index of the choice's trace, as graphs and tables show them (``graph_view(times=...)``); None where none were measured."""
    profile = profile_of(choice)
    return None if profile is None else profile.by_node
