"""Start the app in this process: ``streamlit run app.py``, wherever it is installed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextvars import Context

from blocks.language import tr, translatable
from viz.kit.home import APP_FOLDER

NETWORK_FILE = re.compile(r"\.pt2$|\.py:\w+(@[\d,]+)?$")
WEIGHTS_OPTION = "--weights"  # an option of the app, not of Streamlit
_HELP = translatable("""usage: {program} [net.py:Class | net.pt2 ...] [--weights resnet50=resnet50.pth ...] [--server.port 8501 ...]

Start the app. Networks of your own go into the catalog, weights to the page that looks inside; other options (--server.port, --server.headless,
--theme.base ...) go to Streamlit; `streamlit run --help` lists them.""")


def main(arguments: Sequence[str], program: str) -> int:
    """Start the app and return when it ends. ``arguments`` are network files, and Streamlit's options."""
    if {"-h", "--help"} & set(arguments):
        print(tr(_HELP, program=program))
        return 0
    from streamlit.web import cli

    options, networks = split(arguments)
    command = ["run", str(APP_FOLDER / "app.py"), *options, "--", *networks]
    Context().run(cli.main, command, prog_name=program, standalone_mode=False)  # without the terminal's language: each browser has its own
    return 0


def split(arguments: Sequence[str]) -> tuple[list[str], list[str]]:
    """Streamlit's options with their values, and everything else, weights included. What follows ``--`` is never an option, a network's file never a value."""
    options: list[str] = []
    networks: list[str] = []
    words = list(arguments)
    while words:
        word = words.pop(0)
        if word == "--":
            networks += words
            break
        if not word.startswith("--") or word.startswith(f"{WEIGHTS_OPTION}="):
            networks.append(word)
            continue
        if word == WEIGHTS_OPTION:
            networks += [word, *words[:1]]
            del words[:1]
            continue
        options.append(word)
        if "=" not in word and words and not words[0].startswith("--") and not NETWORK_FILE.search(words[0]):
            options.append(words.pop(0))
    return options, networks
