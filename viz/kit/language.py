"""The language of a browser's session: from its address, the user's choice, or what the browser asks for."""

from __future__ import annotations

from contextvars import ContextVar

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx

from blocks.language import LANGUAGES, ask_with, language, tr
from blocks.language.speaking import known_language
from viz.kit.address_bar import Query, by_history, by_link

_SPOKEN, _CHOSEN = "language", "language.chosen"
_PARAMETER = "lang"
#: The cookie in which a browser keeps the user's choice.
COOKIE = "explorer_language"
_UNSAID = "en"  # the language of an address that says none
# Streamlit's running sign, which comes and goes beside the menu, keeps to the left of the switch.
# On a phone the sidebar's closing button would lie under it.
# Its wrapper is taken out of the page, too: an empty row would still cost the page a gap.
_STYLE = """[data-testid="stLayoutWrapper"]:has(> .st-key-language) { position: fixed; top: 0.72rem; right: 3.4rem; width: auto; z-index: 999991; }
[data-testid="stStatusWidget"] { margin-right: 5.8rem; }
@media (max-width: 640px) { [data-testid="stSidebarCollapseButton"] { margin-right: 2.5rem; } }
@media print { .st-key-language { display: none; } }"""
# Streamlit says how many pages its navigation has no room for, in English.
_REST = """[data-testid="stTopNavSection"] p {{ font-size: 0; }}
[data-testid="stTopNavSection"] p::after {{ content: "{word}"; font-size: 0.875rem; }}"""


#: The session's language as this thread's run knows it, with the run's context: a page asks some hundred times, and the session's state takes long to answer.
_OF_RUN: ContextVar[tuple[object, str] | None] = ContextVar("language of the run", default=None)


def _of_session() -> str | None:
    context = get_script_run_ctx(suppress_warning=True)
    if context is None:
        return None
    known = _OF_RUN.get()
    if known is not None and known[0] is context:
        return known[1]
    found: str | None = st.session_state.get(_SPOKEN)
    if found is not None:
        _OF_RUN.set((context, found))
    return found


def _speak(name: str) -> None:
    """Let this session speak ``name`` from now on."""
    st.session_state[_SPOKEN] = name
    _OF_RUN.set((get_script_run_ctx(suppress_warning=True), name))


ask_with(_of_session)


def settle_language() -> None:
    """Find the language of a run, before anything is said.

    The address counts when it begins a session or is gone back to; an address that says none then is English. At its beginning a session without an
    address that says it takes what the browser's user chose before, or the browser's own language.
    """
    said = st.query_params.get(_PARAMETER)
    asked = said if said in LANGUAGES else None
    if by_history() or (by_link() and asked):
        _speak(asked or _UNSAID)
    elif _SPOKEN not in st.session_state:
        _speak(asked or known_language(st.context.cookies.get(COOKIE) or "") or known_language(st.context.locale or "") or _UNSAID)
    else:
        _speak(st.session_state[_SPOKEN])  # another thread may have chosen it


def choose_language(name: str) -> None:
    """Speak this language from now on, in this browser; for a widget's callback."""
    st.session_state[_CHOSEN] = name
    _speak(name)


def chosen_language() -> str:
    """What the user has chosen in this session; "" for nothing."""
    return str(st.session_state.get(_CHOSEN, ""))


def language_switch() -> None:
    """The button at the top of every page that changes the language."""
    with st.container(key="language"):
        for name in (other for other in LANGUAGES if other != language()):
            st.button(LANGUAGES[name], key=f"lang-{name}", icon=":material/translate:", type="tertiary", on_click=choose_language, args=(name,))
    rest = "" if language() == _UNSAID else _REST.format(word=tr("More"))
    st.html(f"<style>{_STYLE}{rest}</style>")


def without_language(query: Query) -> Query:
    """``query`` without the language; one that is none of ours stays, to be refused."""
    return tuple((name, value) for name, value in query if name != _PARAMETER or value not in LANGUAGES)


def with_language(query: Query) -> Query:
    """``query`` with the language of now."""
    said = () if language() == _UNSAID else ((_PARAMETER, language()),)
    return (*without_language(query), *said)


def in_language(query: Query) -> Query:
    """``query`` with a language: its own, or else that of now."""
    return query if _PARAMETER in dict(query) else with_language(query)


def language_refused(query: Query) -> list[str]:
    """A sentence where an address asks for a language that the program does not speak."""
    wrong = [value for name, value in query if name == _PARAMETER and value not in LANGUAGES]
    return [
        tr("lang = {lang}: must be one of {known}. Nearest: {nearest}.", lang=repr(value[:20]), known=", ".join(LANGUAGES), nearest=_UNSAID) for value in wrong
    ]
