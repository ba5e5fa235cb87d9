"""Networks and weights that the command line names: ``streamlit run app.py -- net.py:Class net.pt2 --weights resnet50=resnet50.pth``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from blocks import catalog
from blocks.catalog import opened
from blocks.knobs import KnobError

_WEIGHTS = "--weights"


@cache
def from_command_line() -> tuple[str, ...]:
    """What could not be opened of the app's own arguments, as sentences; the rest is announced, once a process."""
    if not sys.argv or not sys.argv[0].endswith("app.py"):
        return ()
    networks, weights = split_arguments(sys.argv[1:])
    problems = []
    for text in weights:
        try:
            _weights_file(text)
        except KnobError as error:
            problems.append(str(error))
    for argument in networks:
        try:
            for address in opened.announce([argument]):
                opened.opened_entry(address)
        except KnobError as error:
            problems.append(str(error))
    return tuple(problems)


@cache
def weights_given() -> dict[str, str]:
    """The weight files that the app's command line gives, by the network that they are for; those that cannot be used are left out."""
    if not sys.argv or not sys.argv[0].endswith("app.py"):
        return {}
    found = {}
    for text in split_arguments(sys.argv[1:])[1]:
        try:
            network, path = _weights_file(text)
        except KnobError:
            continue  # said by from_command_line
        found[network] = path
    return found


def split_arguments(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """The app's own arguments as networks, and what stands after ``--weights``."""
    networks: list[str] = []
    weights: list[str] = []
    rest = iter(arguments)
    for argument in rest:
        if argument == _WEIGHTS:
            weights.append(next(rest, ""))
        elif argument.startswith(f"{_WEIGHTS}="):
            weights.append(argument.removeprefix(f"{_WEIGHTS}="))
        else:
            networks.append(argument)
    return networks, weights


def _weights_file(text: str) -> tuple[str, str]:
    """The network and the file of ``resnet50=path``. Raises KnobError."""
    network, equals, path = text.partition("=")
    if not equals:
        raise KnobError(_WEIGHTS, text, "must be a network of the catalog and a file, such as resnet50=resnet50.pth", ["resnet50=resnet50.pth"])
    catalog.entry(network)
    if not Path(path).expanduser().is_file():
        raise KnobError(_WEIGHTS, text, f"there is no file {Path(path).name} here")
    return network, str(Path(path).expanduser().resolve())


def first() -> str | None:
    """The address that the app opens on: the first network named on its command line."""
    from_command_line()
    return next(iter(opened.addresses()), None)
