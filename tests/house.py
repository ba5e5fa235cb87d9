"""Reading the project's own source: modules, what each imports, what each defines. For tests/test_house.py."""

from __future__ import annotations

import ast
import builtins
import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("architecture_explorer", "blocks", "viz", "pages", "scripts")
PYTHON = sorted(p for folder in FOLDERS for p in (ROOT / folder).rglob("*.py")) + [ROOT / "app.py"]


def module_name(path: Path) -> str:
    """Dotted name of a file of the project."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def tree_of(path: Path) -> ast.Module:
    """The parsed file."""
    return ast.parse(path.read_text())


def imports(path: Path, source: str | None = None) -> Iterator[str]:
    """Every module that a file imports, wherever in the file; ``from a import b`` is ``a.b``."""
    package = module_name(path).split(".") if path.name == "__init__.py" else module_name(path).split(".")[:-1]
    for node in ast.walk(tree_of(path) if source is None else ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else []
            origin = ".".join([*base, *filter(None, [node.module])])
            yield from (f"{origin}.{alias.name}" for alias in node.names)


def within(name: str, prefix: str) -> bool:
    """Whether ``name`` is ``prefix`` or lies below it."""
    return name == prefix or name.startswith(prefix + ".")


def module_graph(files: Iterable[Path]) -> dict[str, set[str]]:
    """Which of the modules each one imports; ``from package import name`` is the module that ``name`` is, else the package."""
    known = {module_name(p): p for p in files}
    found: dict[str, set[str]] = {}
    for name, path in known.items():
        targets = {t if t in known else t.rpartition(".")[0] for t in imports(path)}
        found[name] = {t for t in targets if t in known and t != name}
    return found


def circles(graph: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """Groups of modules that import each other, each group once (Tarjan 1972)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    found: list[list[str]] = []

    def visit(name: str) -> None:
        index[name] = low[name] = len(index)
        stack.append(name)
        for target in graph.get(name, ()):
            if target not in index:
                visit(target)
                low[name] = min(low[name], low[target])
            elif target in stack:
                low[name] = min(low[name], index[target])
        if low[name] == index[name]:
            group = stack[stack.index(name) :]
            del stack[stack.index(name) :]
            if len(group) > 1:
                found.append(sorted(group))

    for name in graph:
        if name not in index:
            visit(name)
    return found


def public_names(tree: ast.Module) -> Iterator[str]:
    """Public classes, functions and variables that a module defines at its top level."""
    for node in tree.body:
        names: list[str] = []
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)):
            names = [node.name]
        elif isinstance(node, ast.Assign):
            names = [target.id for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names = [node.target.id]
        yield from (name for name in names if not name.startswith("_"))


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    """Every function and method of a module."""
    return (node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)))


def length(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Lines of a function, decorators left out."""
    return (node.end_lineno or node.lineno) - node.lineno + 1


# --- Names in text ---------------------------------------------------------------------------------

_ROLE = re.compile(r":(?:class|func|meth|attr|data|mod|exc):`~?([\w.]+)`")
_PATH = re.compile(r"(?<![\w/-])(?:blocks|docs|pages|scripts|tests|viz)/[\w/.-]*\w\.(?:py|md|js|css|csv|txt|ipynb)\b")


def unknown_roles(path: Path) -> list[str]:
    """Names that the docstrings and comments of a file refer to by a role and that do not exist."""
    module = importlib.import_module(module_name(path))
    source = path.read_text()
    return [name for name in _ROLE.findall(source) if not _known(name, module) and f"self.{name} = " not in source]


def _known(name: str, module: ModuleType) -> bool:
    """Whether a name means something in a module: its own, a class's member, a builtin or a full path."""
    classes = [value for value in vars(module).values() if isinstance(value, type)]
    if any(_reached(owner, name) for owner in (module, builtins, *classes)):
        return True
    holder, _, last = name.rpartition(".")
    try:
        return bool(holder) and (_reached(pkgutil.resolve_name(holder), last) or pkgutil.resolve_name(name) is not None)
    except (ImportError, AttributeError, ValueError):
        return False


def _reached(owner: object, name: str) -> bool:
    for part in name.split("."):
        if part in getattr(owner, "__annotations__", {}):
            return True
        if not hasattr(owner, part):
            return False
        owner = getattr(owner, part)
    return True


def unknown_paths(text: str) -> list[str]:
    """Paths of the project that a text names and that are not there."""
    return [found for found in _PATH.findall(text) if not (ROOT / found).exists()]


# --- Tests -----------------------------------------------------------------------------------------


@cache
def imported_by_tests() -> frozenset[str]:
    """Every module that a test imports."""
    names = [name for path in sorted((ROOT / "tests").rglob("*.py")) for name in imports(path)]
    return frozenset(names) | {name.rpartition(".")[0] for name in names}


def mirrored(module: str) -> Path:
    """Where the tests of a module stand: the rooms of ``blocks`` at the root of the tests, those of ``viz`` below ``viz``."""
    *rooms, name = module.removeprefix("blocks.").split(".")
    return ROOT.joinpath("tests", *rooms, f"test_{name}.py")
