"""Networks that the command line names: ``streamlit run app.py -- net.py:Class net.pt2``."""

from __future__ import annotations

import sys
from functools import cache

from blocks.catalog import opened
from blocks.knobs import KnobError


@cache
def from_command_line() -> tuple[str, ...]:
    """What could not be opened of the app's own arguments, as sentences; the rest is announced, once a process."""
    if not sys.argv or not sys.argv[0].endswith("app.py"):
        return ()
    problems = []
    for argument in sys.argv[1:]:
        try:
            for address in opened.announce([argument]):
                opened.opened_entry(address)
        except KnobError as error:
            problems.append(str(error))
    return tuple(problems)


def first() -> str | None:
    """The address that the app opens on: the first network named on its command line."""
    from_command_line()
    return next(iter(opened.addresses()), None)
