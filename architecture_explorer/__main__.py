"""``architecture-explorer [run | count | diff | latency | weights | look | train] ...``; ``--help`` explains them. Also ``python -m architecture_explorer``."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Sequence

from architecture_explorer.start import NETWORK_FILE
from blocks import __version__
from blocks.knobs import nearest_names
from blocks.language import tr, translatable
from blocks.language.terminal import in_terminal_language

PROGRAM = "architecture-explorer"
#: The module behind each command; its ``main(arguments, program)`` returns the exit status. Loaded when asked for: counting needs no Streamlit.
COMMANDS = {
    "run": "architecture_explorer.start",
    "count": "blocks.__main__",
    "diff": "architecture_explorer.difference",
    "latency": "blocks.latency.__main__",
    "weights": "blocks.weights.__main__",
    "look": "blocks.look.__main__",
    "train": "blocks.train.__main__",
}
USAGE = translatable("""usage: {program} [--lang en|zh] [COMMAND] [ARGUMENTS]

  run [net.py:Class ...] [--server.port 8501 ...]   start the app (the default); options go to Streamlit
  count resnet50 --se-ratio 16                      headline figures and the layer table
  diff resnet50 seresnet50                          what differs between two networks, and what it costs
  latency measure resnet50                          measure, compare, profile, sweep and estimate latency
  weights resnet50 --check resnet50.pth             which tensors of a file fit
  look efficientnet_lite0 --picture cat.jpg --weights lite0   what a trained network sees in a picture
  train resnet18 --width-mult 0.25 --data digits    train a small network here

{program} COMMAND --help lists the options of a command; {program} --version prints the version.
Words are in the language of the terminal (LC_ALL, LC_MESSAGES or LANG), or of --lang.""")


@in_terminal_language
def main(arguments: Sequence[str] | None = None, program: str = PROGRAM) -> int:
    """Run one command; returns its exit status (2 with a sentence on standard error where there is no such command)."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if words[:1] in (["-h"], ["--help"]):
        print(tr(USAGE, program=program))
        return 0
    if words == ["--version"]:
        print(f"{program} {__version__}")
        return 0
    if not words or words[0].startswith("-") or NETWORK_FILE.search(words[0]):
        words.insert(0, "run")
    command, *rest = words
    if command not in COMMANDS:
        near = nearest_names(command, COMMANDS, 1)
        said = [tr("There is no command {name}.", name=repr(command)), *([tr("Nearest: {names}.", names=near[0])] if near else [])]
        print(f"{' '.join(said)}\n\n{tr(USAGE, program=program)}", file=sys.stderr)
        return 2
    try:
        status: int = importlib.import_module(COMMANDS[command]).main(rest, f"{program} {command}")
    except BrokenPipeError:  # the reader (head, less) has seen enough
        sys.stderr.close()
        return 0
    return status


if __name__ == "__main__":
    sys.exit(main())
