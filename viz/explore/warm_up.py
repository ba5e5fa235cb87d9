"""What the first user would wait for is done when the server starts: libraries loaded, the first network analysed, a graph laid out."""

from __future__ import annotations

import importlib
import logging
import threading
from pathlib import Path

from viz.kit.choice import Choice, analysed

_PAGES = Path(__file__).parents[2] / "pages"


def warm_up_pages() -> threading.Thread:
    """Begin, and return at once. A page that is opened meanwhile waits for no more than it needs itself."""
    thread = threading.Thread(target=_work, daemon=True, name="warm-up")
    thread.start()
    return thread


def _work() -> None:
    try:
        prepare_first_page(Choice())
        for name in _imports_of_pages():
            importlib.import_module(name)
    except Exception:  # a page that needs it says what is wrong
        logging.getLogger(__name__).exception("the app could not warm up")


def prepare_first_page(choice: Choice) -> None:
    """Analyse and fold ``choice``, write its formulas and lay its graph out, as Explore will ask for it."""
    from viz.explore.formulas import model_formulas_text
    from viz.graph.fold import fold_of
    from viz.graph.payload import payload
    from viz.graph.readings import Readings
    from viz.graph.view_state import parse_view_state

    analysis = analysed(choice)
    fold = fold_of(analysis.graph)
    payload(analysis, fold, Readings(analysis), parse_view_state(None, choice.name, "TB"), frozenset(), {}, None)
    model_formulas_text(choice, "macs")
    _ = analysis.table


def _imports_of_pages() -> list[str]:
    """The modules of ours that the pages' files import."""
    found = []
    for file in sorted(_PAGES.glob("*.py")):
        lines = file.read_text("utf-8").splitlines()
        found += [line.split()[1] for line in lines if line.startswith(("from viz.", "from blocks."))]
    return list(dict.fromkeys(found))
