"""Steps run in spawned processes, which import the parent's ``__main__`` first."""

from __future__ import annotations

import sys
import types
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="module", autouse=True)
def plain_main() -> Iterator[None]:
    """A ``__main__`` that a spawned process need not import: a page test before this one leaves its own script there."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, "__main__", types.ModuleType("__main__"))
        yield
