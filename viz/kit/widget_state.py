"""What a widget shows, when the session decides it.

Streamlit sends a value of the session's state only in the run that sets it. If that run is cut short before the browser has its widgets, the next run brings them
with their own default, a number field with its minimum, and the browser reports that as the user's value. So the value is given as the widget's default too.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import streamlit as st


def held(key: str, first: object) -> Any:
    """What the session holds for the widget ``key``, for its ``value`` or ``default``; ``first`` is put there where it holds nothing."""
    return st.session_state.setdefault(key, first)


def held_index(key: str, options: Sequence[object], first: object) -> int:
    """As :func:`held` for a select box: where the held option stands among ``options``; ``first`` where the held one is no option any more.

    A language that changes makes it so: the browser says an option in the words of before.
    """
    if st.session_state.get(key) not in options:
        st.session_state[key] = first if first in options else options[0]
    return options.index(st.session_state[key])
