"""The address of a page: the one memory of it, for every page.

A page declares how its state is read from an address and written to one (:class:`Address`). Its script opens the state first, and saves it last:

    saved = EXPLORE.open()
    ...                                    # widgets change the state
    EXPLORE.save(state)

An address counts when it opens a page: by a link, by a reload, by going back or forward. While the user is on the page the session's state
counts, and the address follows it: a browser may ask several times before it has heard of the newest address. A page that is opened without parameters
in a session that knows it comes back as it was left, with the network that the user looked at last.

A run of the script may be overtaken by the next one and end late. What is kept is therefore never changed in place, but replaced, by
``st.session_state``, which an overtaken run cannot reach any more. An address with something wrong in it stays, with its sentences on the page, until
the user changes something.

The language is no part of a page's state: ``lang`` is taken out of an address before a page reads it, and put into what the browser is told.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

import streamlit as st

from blocks.language import language
from viz.kit.address_bar import Query, by_history, by_link, current_query, in_fragment, left_for, push, settle_silently, show_entry
from viz.kit.choice import Choice, can_run, read_choice, write_choice
from viz.kit.language import chosen_language, language_refused, with_language, without_language

__all__ = ["Address", "Query", "Saved", "current_query"]

S = TypeVar("S")
_PAGES, _HERE, _VISITS, _NETWORK, _LEFT = "address.pages", "address.here", "address.visits", "address.network", "address.left"
_UNHEARD = 200  # former addresses of a page that are kept, at most


@dataclass(frozen=True)
class Saved(Generic[S]):
    """A page's state in one session, with the address ``query`` that it was read from or last written to.

    ``written`` is the address that stands for the state, ``problems`` what could not be read of the address, ``generation`` how often the page was
    opened since the session began: as a part of widgets' keys it gives them fresh values. ``unheard`` are the addresses before that: a
    browser that has not heard of the newest may still ask with one of them. ``visit`` counts the openings of all pages; it is ``settled`` once a run has written its address.
    ``network`` is the one network that the page was about, ``said_in`` the language of ``problems``.
    """

    state: S
    query: Query = ()
    written: Query = ()
    problems: tuple[str, ...] = ()
    generation: int = 0
    fresh: bool = True  # nothing has been changed since the address was read
    unheard: tuple[Query, ...] = ()
    visit: int = 0
    settled: bool = False
    network: Choice | None = None
    said_in: str = ""


@dataclass(frozen=True)
class Address(Generic[S]):
    """How a page's state is read and written.

    ``page`` is the page's file; the ``main`` one stands at the app's root. ``read`` gives the state and a sentence for each part of the address that could not be used; ``write`` the address of a
    state, with what is as the page opens left out. ``opened`` is called with a state that is shown anew and the one before it (None at first): it may set
    widgets. With ``spelled`` the address is written out even where the page is as it opens. ``network`` is the one network that a state is about, if any;
    ``follow`` gives a state the network that the user looked at last on other pages, ``begin`` makes the first state for that network where it is
    another than without.
    """

    page: str
    read: Callable[[Query], tuple[S, list[str]]]
    write: Callable[[S], Query]
    opened: Callable[[S, S | None], None] = lambda _state, _before: None
    spelled: bool = False
    network: Callable[[S], Choice | None] = lambda _state: None
    follow: Callable[[S, Choice], S] = lambda state, _network: state
    begin: Callable[[Choice], S] | None = None
    main: bool = False

    def open(self) -> Saved[S]:
        """This session's state: read anew where an address opens it, as it was left where the page is come back to."""
        saved = self._said_anew(self._open(current_query()))
        st.session_state[_HERE] = self.page
        return saved

    def _open(self, asked: Query) -> Saved[S]:
        query, saved, told = without_language(asked), self._saved(), left_for(self.page)
        if told is not None or by_history():
            return self._read(query if told is None else without_language(told), saved)
        if by_link() and here() == self.page:
            push(with_language(query))
            return self._read(query, saved, settled=True)
        if here() != self.page:
            return self._read(query, saved) if asked else self._return(saved)
        if saved is None:
            return self._read(query, None)
        known = not query or any(query in (other.query, *other.unheard) for other in _pages().values())
        return saved if known else self._read(query, saved)

    def _said_anew(self, saved: Saved[S]) -> Saved[S]:
        """``saved``, with its problems in the language of now."""
        if not saved.problems or saved.said_in == language():
            return saved
        return self._keep(replace(saved, problems=tuple(self._understood(saved.query)[1]), said_in=language()))

    def _understood(self, query: Query) -> tuple[S, list[str]]:
        """The state of an address without a language, and what is wrong with the address."""
        state, problems = self.read(tuple((name, value) for name, value in query if name != "lang"))
        return state, [*language_refused(query), *problems]

    def _written(self, state: S) -> Query:
        """The address of a state, without the language."""
        return without_language(self.write(state))

    def _saved(self) -> Saved[S] | None:
        return _pages().get(self.page)

    def _read(self, query: Query, before: Saved[S] | None, settled: bool = False) -> Saved[S]:
        state, problems = self._understood(query)
        self.opened(state, before.state if before else None)
        generation = before.generation + 1 if before else 0
        return self._keep(Saved(state, query, self._written(state), tuple(problems), generation, visit=_next_visit(), settled=settled, said_in=language()))

    def _return(self, saved: Saved[S] | None) -> Saved[S]:
        """The state as it was left, or as the page opens, with the network that the user looked at last."""
        network: Choice | None = st.session_state.get(_NETWORK)
        saved = saved or self._remembered()
        if saved is None and network is None:
            return self._read((), None)
        state = self._followed(saved, network)
        self.opened(state, None if saved is None else saved.state)
        now = Saved(state, written=self._written(state)) if saved is None else replace(saved, state=state, generation=saved.generation + 1)
        if (written := self._written(state)) != now.written or saved is None:
            now = replace(now, written=written, problems=(), fresh=False)
        return self._keep(replace(now, visit=_next_visit(), settled=False, network=self.network(state)))

    def _remembered(self) -> Saved[S] | None:
        """The page as the tab remembers it from the session before this one."""
        left: Query | None = st.session_state.get(_LEFT, {}).get(self.page)
        if left is None:
            return None
        state, problems = self._understood(left)
        return Saved(state, left, self._written(state), tuple(problems), fresh=not left)

    def _followed(self, saved: Saved[S] | None, network: Choice | None) -> S:
        """The state that is come back to, with ``network`` unless that cannot run."""
        if network is None or not can_run(network):
            return self.read(())[0] if saved is None else saved.state
        if saved is None:
            return self.begin(network) if self.begin else self.follow(self.read(())[0], network)
        return self.follow(saved.state, network)

    def _keep(self, saved: Saved[S]) -> Saved[S]:
        """Keep ``saved``. Where its network is another than before, that is the one that the user looks at now."""
        network = self.network(saved.state)
        if network is not None and network != saved.network:
            st.session_state[_NETWORK] = network
        saved = replace(saved, network=network)
        st.session_state[_PAGES] = {**_pages(), self.page: saved}
        return saved

    def state(self, default: Callable[[], S]) -> S:
        """This session's state, for another page: no address is read. ``default`` makes it where there is none yet."""
        saved = self._saved()
        if saved is None:
            state = default()
            saved = self._keep(self._remembered() or Saved(state, written=self._written(state)))
        return saved.state

    def update(self, state: S) -> None:
        """Change the state from a widget's callback, before the page runs, or from another page; the address follows when the page saves."""
        saved = self._saved() or Saved(state, written=self._written(state))
        if here() != self.page and (written := self._written(state)) != saved.written:
            saved = replace(saved, query=written, written=written, problems=(), fresh=False)
        self._keep(replace(saved, state=state, problems=tuple(self.problems(state))))

    def amend(self, state: S) -> None:
        """As :meth:`update`, where the user goes on with what made the newest entry of the browser's history: that entry gets the new address."""
        self.update(state)
        saved = self._saved()
        if saved is not None:
            self._keep(replace(saved, visit=_next_visit(), settled=False))

    def problems(self, state: S) -> list[str]:
        """What of the address could not be read, until the user has changed something: ``state`` is what the widgets hold now."""
        saved = self._saved()
        return list(saved.problems) if saved is not None and self._written(state) == saved.written else []

    def save(self, state: S) -> None:
        """Keep ``state`` for the next run, and write it into the address unless problems of that still stand."""
        saved = self._saved() or Saved(state)
        written = self._written(state)
        if written != saved.written:
            saved = replace(saved, written=written, problems=(), fresh=False)
        stays = saved.problems or (saved.fresh and not saved.query and not self.spelled)
        query = saved.query if stays else written
        if not saved.settled:
            settle_silently(with_language(query))
        elif query != saved.query or current_query() != with_language(query):
            push(with_language(query))
        unheard = saved.unheard if query == saved.query else (*saved.unheard, saved.query)[-_UNHEARD:]
        saved = self._keep(replace(saved, state=state, query=query, unheard=unheard, settled=True))
        if not in_fragment():
            name = "" if self.main else self.page.removeprefix("pages/").removesuffix(".py")
            show_entry(name, saved.visit, with_language(query), addresses_left(), remember_left, chosen_language())


def here() -> str:
    """The file of the page that is open, "" before any."""
    return str(st.session_state.get(_HERE, ""))


def addresses_left() -> dict[str, Query]:
    """The address of each page that this session has opened or remembers, by the page's file; by "" that of the network that was looked at last."""
    found: dict[str, Query] = {**st.session_state.get(_LEFT, {}), **{page: saved.query for page, saved in _pages().items()}}
    network: Choice | None = st.session_state.get(_NETWORK)
    return found if network is None else {**found, "": tuple(write_choice(network).items())}


def remember_left(left: Mapping[str, Query]) -> None:
    """Remember the addresses that pages had in the session before this one, for when they are opened without parameters."""
    if _NETWORK not in st.session_state and "" in left:
        network, problems = read_choice(dict(left[""]))
        if not problems:
            st.session_state[_NETWORK] = network
    st.session_state[_LEFT] = {page: query for page, query in left.items() if page}


def _pages() -> dict[str, Saved[Any]]:
    found: dict[str, Saved[object]] = st.session_state.get(_PAGES, {})
    return found


def _next_visit() -> int:
    visit = int(st.session_state.get(_VISITS, 0)) + 1
    st.session_state[_VISITS] = visit
    return visit
