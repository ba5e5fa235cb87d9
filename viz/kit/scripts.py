"""A component's script: ES modules of ``assets`` folders joined into one text, without a bundler.

Streamlit takes a component's script as one text, and a file that works without a server carries one. The modules stay
what linter, type checker and unit tests read: ``export`` before a definition, imports by name and relative path.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

_IMPORT = re.compile(r'^import \{[^}]*\} from "(\.{1,2}/[^"]+)";\n', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=const|let|class|async|function)", re.MULTILINE)
_STRANGE = re.compile(r"^import .*$|^export (?!default ).*$", re.MULTILINE)
_DEFINED = re.compile(r"^(?:const|let|class|(?:async )?function\*?) (\w+)", re.MULTILINE)


@cache
def joined_script(entry: Path) -> str:
    """``entry`` after every module that it imports, each once and after its own imports.

    Raises ValueError for an import that is not ``import { a, b } from "./file.js";`` and for a name defined by two modules:
    joined, they share one scope.
    """
    parts: dict[Path, str] = {}
    _add(entry.resolve(), parts, ())
    joined = "\n".join(parts.values())
    names = _DEFINED.findall(joined)
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise ValueError(f"{entry.name}: {', '.join(twice)} defined by more than one of {', '.join(path.name for path in parts)}")
    return joined


def _add(path: Path, parts: dict[Path, str], importers: tuple[Path, ...]) -> None:
    if path in importers:
        raise ValueError(f"{path.name}: imports itself by way of {importers[-1].name}")
    if path in parts:
        return
    source = path.read_text("utf-8")
    for relative in _IMPORT.findall(source):
        _add((path.parent / relative).resolve(), parts, (*importers, path))
    text = _EXPORT.sub("", _IMPORT.sub("", source))
    if strange := _STRANGE.search(text):
        raise ValueError(f'{path.name}: {strange[0]!r} cannot be joined; write import {{ name }} from "./file.js";')
    parts[path] = text
