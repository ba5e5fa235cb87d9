"""The language of a command line: asked for by ``--lang``, else the terminal's; a parser whose help and complaints are in it, and tables."""

from __future__ import annotations

import argparse
import sys
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import Any, NoReturn, Protocol

import pandas as pd

from blocks.language.retelling import retell
from blocks.language.speaking import LANGUAGES, asked_language, language, speaking, system_language
from blocks.language.translating import tr, translatable

_OPTION = "--lang"
#: What argparse says; it fills in names and values.
_COMPLAINTS = (
    translatable("the following arguments are required: {names}"),
    translatable("unrecognized arguments: {names}"),
    translatable("argument {name}: expected one argument"),
    translatable("argument {name}: expected at least one argument"),
    translatable("argument {name}: invalid choice: {value} (choose from {choices})"),
    translatable("argument {name}: invalid {kind} value: {value}"),
)

#: Heads of tables by the columns' own names, which are the English heads.
_HEADS = {
    "module": translatable("Module"), "op": translatable("Operation"), "setting": translatable("Setting"), "output": translatable("Output"),
    "params": translatable("Parameters"), "macs": translatable("MACs"), "flops": translatable("FLOPs"), "bytes": translatable("Bytes"),
    "intensity": translatable("FLOPs/byte"), "bound": translatable("Bound by"), "status": translatable("Status"), "what": translatable("What"), "where": translatable("Where"),
    "operations": translatable("Operations"), "change": translatable("Difference"), "when": translatable("When"), "kind": translatable("Kind"), "network": translatable("Network"),
    "figure": translatable("Figure"), "batch": translatable("Batch"), "device_name": translatable("Device"), "dtype": translatable("Type"), "mode": translatable("Mode"),
    "name": translatable("Name"), "machine": translatable("Machine"), "error": translatable("Error"), "source": translatable("Source"), "state": translatable("State"),
}  # fmt: skip


class CommandMain(Protocol):
    """Runs a command line and returns its exit status."""

    def __call__(self, arguments: Sequence[str] | None = None, program: str = "") -> int:
        """``arguments`` are those of this process without any; ``program`` is what its help calls it."""


def in_terminal_language(main: CommandMain) -> CommandMain:
    """``main(arguments, program)``, run in the language of the terminal, or in the one that ``--lang`` among its arguments asks for."""

    @wraps(main)
    def run(arguments: Sequence[str] | None = None, program: str = "") -> int:
        rest, asked = apart_from_language(sys.argv[1:] if arguments is None else arguments)
        name = asked or asked_language() or system_language()
        if name not in LANGUAGES:
            with speaking(system_language()):
                sys.stderr.write(tr("--lang = {value}: must be one of {known}.", value=name, known=", ".join(LANGUAGES)) + "\n")
            return 2
        with speaking(name):
            return main(rest, program) if program else main(rest)

    return run


def apart_from_language(arguments: Sequence[str]) -> tuple[list[str], str]:
    """``arguments`` without ``--lang NAME``, and the name; "" where none is asked for. What follows ``--`` is left alone."""
    rest: list[str] = []
    asked = ""
    words = list(arguments)
    while words:
        word = words.pop(0)
        if word == "--":
            return [*rest, word, *words], asked
        if word == _OPTION:
            asked = words.pop(0) if words else "?"
        elif word.startswith(f"{_OPTION}="):
            asked = word.partition("=")[2] or "?"
        else:
            rest.append(word)
    return rest, asked


def padded(text: str, width: int) -> str:
    """``text`` and spaces up to ``width`` columns of a terminal, in which a Chinese letter takes two."""
    taken = sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)
    return text + " " * (width - taken)


def printed_table(frame: pd.DataFrame, formatters: Mapping[str, Callable[[object], str]] | None = None, **options: Any) -> str:
    """``frame`` as ``DataFrame.to_string`` prints it, without its index, its heads in the language of now."""
    heads = {} if language() == "en" else {name: tr(_HEADS[name]) for name in map(str, frame.columns) if name in _HEADS}
    formats = {heads.get(name, name): format for name, format in (formatters or {}).items()}
    with pd.option_context("display.unicode.east_asian_width", True):  # a Chinese letter takes two columns of a terminal
        return str(frame.rename(columns=heads).to_string(index=False, formatters=formats, **options))


class _Help(argparse.HelpFormatter):
    def add_usage(self, usage: str | None, actions: Any, groups: Any, prefix: str | None = None) -> None:
        super().add_usage(usage, actions, groups, tr("usage: ") if prefix is None else prefix)


class CommandParser(argparse.ArgumentParser):
    """A parser in the language of now, with the option ``--lang``."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"formatter_class": _Help, **options, "add_help": False})
        self._positionals.title, self._optionals.title = tr("arguments"), tr("options")
        self.add_argument("-h", "--help", action="help", default=argparse.SUPPRESS, help=tr("show this help and exit"))
        self.add_argument(_OPTION, choices=list(LANGUAGES), help=tr("language of what is printed (default: the terminal's, by LC_ALL, LC_MESSAGES or LANG)"))

    def error(self, message: str) -> NoReturn:
        """Print ``message`` in the language of now, with the usage, and exit with status 2."""
        self.print_usage(sys.stderr)
        self.exit(2, tr("{program}: error: {message}", program=self.prog, message=retell(message)) + "\n")
