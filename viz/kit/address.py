"""The address of a page: the one memory of it, for every page.

A page declares how its state is read from an address and written to one (:class:`Address`). Its script opens the state first, and saves it last:

    saved = EXPLORE.open()
    ...                                    # widgets change the state
    EXPLORE.save(state)

An address that was opened or changed from outside the page (a link, the back button) is read anew. A changed state is written into the address.
An address with something wrong in it stays, with its sentences on the page, until the user changes something.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import streamlit as st

S = TypeVar("S")
#: The parameters of an address in their order; a name may occur more than once.
Query = tuple[tuple[str, str], ...]
#: Seconds after a change in which a browser may still ask with the address before it.
LATE = 2.0


@dataclass
class Saved(Generic[S]):
    """A page's state in one session, with the address ``query`` that it was read from or last written to.

    ``written`` is the address that stands for the state, ``problems`` what could not be read of the address, ``generation`` how often an address
    was read since the session began: as a part of widgets' keys it gives them fresh values.
    """

    state: S
    query: Query = ()
    written: Query = ()
    problems: list[str] = field(default_factory=list)
    generation: int = 0
    fresh: bool = True  # nothing has been changed since the address was read
    before: Query = ()
    changed_at: float = float("-inf")


@dataclass(frozen=True)
class Address(Generic[S]):
    """How a page's state is read and written.

    ``read`` gives the state and a sentence for each part of the address that could not be used; ``write`` the address of a state, with what is as
    the page opens left out. ``opened`` is called with a state just read and the one before it (None at first): it may set widgets. With
    ``resumes`` an address without parameters means the state that the session already has.
    """

    key: str
    read: Callable[[Query], tuple[S, list[str]]]
    write: Callable[[S], Query]
    opened: Callable[[S, S | None], None] = lambda _state, _before: None
    resumes: bool = False

    def open(self) -> Saved[S]:
        """This session's state, read anew when the address was opened or changed from outside the page."""
        query = current_query()
        saved: Saved[S] | None = st.session_state.get(self.key)
        if saved is None:
            return self._read(query, None)
        if query == saved.query:
            return saved
        if query == saved.before and time.monotonic() < saved.changed_at + LATE:
            # Something else on the page, such as a running measurement, asked for a run before the browser knew the new address.
            _go(saved.query)
            return saved
        if self.resumes and not query:
            saved.query = query
            return saved
        return self._read(query, saved)

    def _read(self, query: Query, before: Saved[S] | None) -> Saved[S]:
        state, problems = self.read(query)
        self.opened(state, before.state if before else None)
        saved = Saved(state, query, self.write(state), problems, before.generation + 1 if before else 0)
        st.session_state[self.key] = saved
        return saved

    def state(self, default: Callable[[], S]) -> S:
        """This session's state, for another page: no address is read. ``default`` makes it where there is none yet."""
        saved: Saved[S] | None = st.session_state.get(self.key)
        if saved is None:
            state = default()
            saved = st.session_state[self.key] = Saved(state, written=self.write(state))
        return saved.state

    def update(self, state: S) -> None:
        """Change the state in a widget's callback, before the page runs; the address follows when the page saves."""
        saved: Saved[S] = st.session_state[self.key]
        saved.state = state
        saved.problems = self.problems(state)

    def problems(self, state: S) -> list[str]:
        """What of the address could not be read, until the user has changed something: ``state`` is what the widgets hold now."""
        saved: Saved[S] = st.session_state[self.key]
        return saved.problems if self.write(state) == saved.written else []

    def save(self, state: S) -> None:
        """Keep ``state`` for the next run, and write it into the address unless problems of that still stand."""
        saved: Saved[S] = st.session_state[self.key]
        saved.state, query = state, self.write(state)
        if query != saved.written:
            saved.written, saved.problems, saved.fresh = query, [], False
        as_it_opens = saved.fresh and not saved.query and not self.resumes
        if query != saved.query and not saved.problems and not as_it_opens:
            saved.before, saved.query, saved.changed_at = saved.query, query, time.monotonic()
            _go(query)


def current_query() -> Query:
    """The parameters of the address that the browser asked with."""
    return tuple((name, value) for name in st.query_params for value in st.query_params.get_all(name))


def _go(query: Query) -> None:
    values: dict[str, list[str]] = {}
    for name, value in query:
        values.setdefault(name, []).append(value)
    st.query_params.from_dict(values)
