"""The house rules that no linter knows: import arrows, docstrings, pinned requirements, one meaning for a letter."""

from __future__ import annotations

import ast
import importlib
import re
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import blocks
from tests.house import (
    PYTHON,
    ROOT,
    circles,
    functions,
    imported_by_tests,
    imports,
    length,
    mirrored,
    module_graph,
    module_name,
    public_names,
    tree_of,
    unknown_paths,
    unknown_roles,
    within,
)

FIRST_PARTY = {"app", "architecture_explorer", "blocks", "viz", "pages", "scripts", "tests", "signature"}

# What the modules below a prefix may import of our own; the longest prefix that fits decides.
# A name allows itself and everything below it.
ARROWS: dict[str, tuple[str, ...]] = {
    "app": ("blocks.language", "viz.explore.one_screen", "viz.explore.warm_up", "viz.inside.one_screen", "viz.kit.language", "viz.server"),
    "architecture_explorer": ("architecture_explorer", "viz.kit.home", "blocks"),
    "pages": ("viz", "blocks"),
    "viz": ("viz", "blocks"),
    "viz.kit": ("viz.kit", "blocks"),
    "viz.server": ("viz.server", "viz.kit", "blocks"),
    "viz.graph": ("viz.graph", "viz.kit", "blocks"),
    "viz.experiments": ("viz.experiments", "viz.graph", "viz.kit", "blocks"),
    "blocks": ("blocks",),
    "blocks.knobs": ("blocks.language", "blocks.knobs", "blocks.trace.symbolic"),
    "blocks.layers": ("blocks.language", "blocks.layers", "blocks.knobs", "blocks.trace.symbolic"),
    "blocks.catalog": ("blocks.language", "blocks.catalog", "blocks.knobs", "blocks.trace"),
    "blocks.families": ("blocks.language", "blocks.families", "blocks.layers", "blocks.knobs", "blocks.catalog", "blocks.trace"),
    "blocks.trace": (
        "blocks.language",
        "blocks.trace",
    ),
    "blocks.cost": ("blocks.language", "blocks.cost", "blocks.trace", "blocks.knobs"),
    "blocks.formulas": ("blocks.language", "blocks.formulas", "blocks.cost", "blocks.trace", "blocks.knobs"),
    "blocks.analysis": ("blocks.language", "blocks.catalog", "blocks.formulas", "blocks.cost", "blocks.trace", "blocks.knobs"),
    "blocks.workers": (
        "blocks.language",
        "blocks.workers",
    ),
    "blocks.language": ("blocks.language",),
    "blocks.reference": ("blocks.reference",),
}
# What nobody below a prefix may import from elsewhere.
BANNED = {"blocks": {"streamlit", "plotly"}}


def broken_arrows(path: Path, source: str | None = None) -> list[str]:
    """The imports of a file that point the wrong way."""
    importer = module_name(path)
    rule = max((prefix for prefix in ARROWS if within(importer, prefix)), key=len, default=None)
    wrong = []
    for target in imports(path, source):
        ours = target.split(".")[0] in FIRST_PARTY
        if ours and rule is not None and not any(within(target, allowed) for allowed in ARROWS[rule]):
            wrong.append(f"{importer} imports {target}")
        if any(within(importer, prefix) and target.split(".")[0] in banned for prefix, banned in BANNED.items()):
            wrong.append(f"{importer} imports {target}")
    return wrong


@pytest.mark.parametrize("path", PYTHON, ids=module_name)
def test_imports_point_one_way(path: Path) -> None:
    assert broken_arrows(path) == []


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("blocks/trace/x.py", "from blocks.families import resnet"),
        ("blocks/trace/x.py", "from ..catalog import build"),
        ("blocks/cost/x.py", "def f():\n    import blocks.catalog"),
        ("blocks/families/x.py", "from blocks.cost import table"),
        ("blocks/latency/x.py", "import streamlit as st"),
        ("blocks/x.py", "from plotly import graph_objects"),
        ("blocks/x.py", "from viz import graph"),
        ("viz/kit/x.py", "from viz.explore import details"),
        ("viz/kit/x.py", "from viz.server import turns"),
        ("viz/x.py", "from pages import explore"),
        ("app.py", "from blocks import catalog"),
    ],
)
def test_a_wrong_arrow_is_seen(file: str, source: str) -> None:
    assert len(broken_arrows(ROOT / file, source)) == 1


def test_no_modules_import_each_other() -> None:
    assert circles(module_graph(PYTHON)) == []


@pytest.mark.parametrize(
    ("graph", "found"),
    [({"a": {"b"}, "b": {"c"}, "c": set()}, []), ({"a": {"b"}, "b": {"c"}, "c": {"a"}, "d": {"a"}}, [["a", "b", "c"]])],
)
def test_a_circle_is_seen(graph: dict[str, set[str]], found: list[list[str]]) -> None:
    assert circles(graph) == found


PAGE_FOLDERS = ("atlas", "explore", "compare", "inside", "scaling", "space", "latency", "devices", "lectures")


def test_no_page_folder_imports_another_pages() -> None:
    wrong = []
    for importer, targets in module_graph(PYTHON).items():
        for page in PAGE_FOLDERS:
            if within(importer, f"viz.{page}"):
                wrong += [(importer, t) for t in targets if any(within(t, f"viz.{other}") for other in PAGE_FOLDERS if other != page)]
    assert wrong == []


# What may lie at the roots: what belongs to no room.
LOOSE = {
    "blocks": {"__init__", "__main__", "analysis", "export", "extras"},
    "blocks/latency": {"__init__", "__main__", "lab", "terminal"},
    "viz": {"__init__"},
}


@pytest.mark.parametrize("folder", sorted(LOOSE))
def test_no_loose_files(folder: str) -> None:
    assert {p.stem for p in (ROOT / folder).glob("*.py")} - LOOSE[folder] == set()


LONGEST_FILE, LONGEST_FUNCTION = 400, 60


@pytest.mark.parametrize("path", PYTHON, ids=module_name)
def test_files_and_functions_are_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= LONGEST_FILE
    assert {node.name: length(node) for node in functions(tree_of(path)) if length(node) > LONGEST_FUNCTION} == {}


# The form of a family file, of an experiment and of a command; and classes that several papers call by one name.
SAID_EVERYWHERE = {"FAMILY", "PAPER", "EXPERIMENT", "draw", "run", "main"}
NAMED_BY_PAPERS = {"Bottleneck"}


def test_a_public_name_is_defined_once() -> None:
    places: dict[str, set[str]] = {}
    for path in PYTHON:
        if path.parent.name != "pages":
            for name in public_names(tree_of(path)):
                places.setdefault(name, set()).add(module_name(path))
    assert {name: sorted(found) for name, found in places.items() if len(found) > 1 and name not in SAID_EVERYWHERE | NAMED_BY_PAPERS} == {}


def test_app_is_navigation_and_page_configuration_only() -> None:
    tree = ast.parse((ROOT / "app.py").read_text())
    assert set(imports(ROOT / "app.py")) == {
        "streamlit", "blocks.language.tr", "viz.explore.one_screen.ONE_SCREEN", "viz.explore.warm_up.warm_up_pages", "viz.kit.language.settle_language",
        "viz.inside.one_screen.INSIDE_ON_ONE_SCREEN", "viz.server.log.log_page_error", "viz.server.middleware.server_middleware",
    }  # fmt: skip
    [session] = [node for node in tree.body if isinstance(node, ast.If)]
    assert ast.unparse(session.test) == "__name__ == '__main__'"
    assert [ast.unparse(node) for node in session.orelse] == [
        "warm_up_pages()",
        "app = st.App(__file__, middleware=server_middleware(ONE_SCREEN + INSIDE_ON_ONE_SCREEN), on_script_error=log_page_error)",
    ]
    assert all(isinstance(node, (ast.Expr, ast.Import, ast.ImportFrom, ast.If)) for node in tree.body)
    called = {ast.unparse(node.func) for line in session.body for node in ast.walk(line) if isinstance(node, ast.Call)}
    assert {name for name in called if not name.endswith(".run")} <= {"st.set_page_config", "st.navigation", "st.Page", "tr", "settle_language"}


# --- Docstrings ------------------------------------------------------------------------------------

# What torch calls; the class says what it does.
CALLED_BY_TORCH = {"forward", "backward", "setup_context"}
Documented = ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


def public(node: ast.Module | ast.ClassDef, name: str) -> Iterator[tuple[str, Documented]]:
    """Every public module, class, function and method with its dotted name."""
    yield name, node
    for child in node.body:
        if isinstance(child, (ast.FunctionDef, ast.AsyncFunctionDef)) and not child.name.startswith("_") and child.name not in CALLED_BY_TORCH:
            if not any(ast.unparse(d).endswith((".setter", "overload")) for d in child.decorator_list):
                yield f"{name}.{child.name}", child
        elif isinstance(child, ast.ClassDef) and not child.name.startswith("_"):
            yield from public(child, f"{name}.{child.name}")


@pytest.mark.parametrize("path", PYTHON, ids=module_name)
def test_every_public_name_has_a_docstring(path: Path) -> None:
    missing = [name for name, node in public(ast.parse(path.read_text()), module_name(path)) if not ast.get_docstring(node) and not inherited(name)]
    assert missing == []


def inherited(name: str) -> bool:
    """Whether a method overrides one that says what it does (torch's own for a proxy)."""
    owner, _, attribute = name.rpartition(".")
    module, _, cls = owner.rpartition(".")
    if not cls[:1].isupper():
        return False
    around = getattr(importlib.import_module(module), cls).__mro__[1:]
    return any(getattr(getattr(base, attribute, None), "__doc__", None) for base in around)


IN_DOCSTRINGS = [path for path in PYTHON if path.parent.name != "pages" and path.name != "app.py"]  # a page cannot be imported without running


@pytest.mark.parametrize("path", IN_DOCSTRINGS, ids=module_name)
def test_names_in_docstrings_exist(path: Path) -> None:
    assert unknown_roles(path) == []


def test_a_name_that_is_not_there_is_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    file = ROOT / "blocks" / "export.py"
    said = '""":data:`NETWORK_FORMATS`, :class:`~blocks.knobs.KnobError`, :meth:`Export.size`, :func:`blocks.knobs.gone`, :data:`KINDS`."""'
    monkeypatch.setattr(Path, "read_text", lambda *_: said)
    assert unknown_roles(file) == ["Export.size", "blocks.knobs.gone", "KINDS"]


TEXTS = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md", "pyproject.toml", "Makefile")] + sorted((ROOT / "docs").rglob("*.md")) + PYTHON


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_paths_in_texts_exist(path: Path) -> None:
    assert unknown_paths(path.read_text()) == []


def test_a_path_that_is_not_there_is_seen() -> None:
    text = "See blocks/gone.py, blocks/analysis.py, docs/architecture.md and tests/viz/test_palette.py."
    assert unknown_paths(text) == ["blocks/gone.py", "tests/viz/test_palette.py"]


def test_letters_are_listed_where_the_package_says() -> None:
    listed = {word.split("_")[0] for word in re.findall(r"[A-Za-zα]\w*", blocks.__doc__ or "")}
    used = set()
    for path in (ROOT / "blocks").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("Spec", "Named", "named") and node.args:
                symbol = node.args[0]
                if isinstance(symbol, ast.Constant) and isinstance(symbol.value, str) and symbol.value:
                    used.add(symbol.value.split("_")[0].replace("alpha", "α"))
    assert {"k", "g", "r", "α"} <= used
    assert used - listed == set()


# --- Requirements ----------------------------------------------------------------------------------

PINNED = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(\[[a-z,]+\])?==\d[\w.]*\s+# \S.{4,}$")


def required(file: str) -> set[str]:
    """Normalised names that a requirements file pins, itself or by inclusion."""
    names = set()
    for line in (ROOT / file).read_text().splitlines():
        if line.startswith("-r "):
            names |= required(line.removeprefix("-r ").strip())
        elif found := PINNED.match(line):
            names.add(re.sub(r"[-_.]+", "-", found["name"]).lower())
    return names


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-dev.txt"])
def test_requirements_are_pinned_and_say_why(file: str) -> None:
    lines = [line for line in (ROOT / file).read_text().splitlines() if line and not line.startswith(("#", "-r "))]
    assert lines
    assert [line for line in lines if not PINNED.match(line)] == []


@pytest.mark.parametrize(
    "line", ["torch  # no version at all", "torch>=2  # a lower bound only", "torch==2.*  # any of a series", "torch==2.13.0", "torch==2.13.0  # why"]
)
def test_a_loose_requirement_is_seen(line: str) -> None:
    assert not PINNED.match(line)


# Imports of our own that are optional: the sentence on the page says what to install.
OPTIONAL = {"timm", "torchvision", "onnxruntime", "intel_extension_for_pytorch", "ray"}


@pytest.mark.parametrize(
    ("folders", "file"), [(("architecture_explorer", "blocks", "viz", "pages"), "requirements.txt"), (("tests", "scripts"), "requirements-dev.txt")]
)
def test_what_is_imported_is_required(folders: tuple[str, ...], file: str) -> None:
    distributions = packages_distributions()
    known = required(file)
    missing = set()
    for path in (p for folder in folders for p in (ROOT / folder).rglob("*.py")):
        for target in imports(path):
            top = target.split(".")[0]
            if top in sys.stdlib_module_names or top in FIRST_PARTY | OPTIONAL or any((ROOT / "tests" / name).exists() for name in (top, f"{top}.py")):
                continue
            if not known & {re.sub(r"[-_.]+", "-", d).lower() for d in distributions.get(top, [top])}:
                missing.add(f"{module_name(path)} imports {top}")
    assert missing == set()


# Where packages come from is the business of the machine that installs them. (Joined here, so that this file names none.)
HOSTS = [
    ".".join(parts)
    for parts in (("pypi", "org"), ("pythonhosted", "org"), ("download", "pytorch", "org"), ("npmjs", "com"), ("npmjs", "org"), ("anaconda", "org"))
]
FLAGS = ["--" + name for name in ("index-url", "extra-index-url", "find-links", "trusted-host")]
SKIPPED = {".git", ".venv", "node_modules", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", "build"}


def test_no_file_names_where_packages_come_from() -> None:
    found = []
    for path in ROOT.rglob("*"):
        if (
            path.suffix in {".py", ".txt", ".toml", ".md", ".sh", ".js", ".css", ".html", ""}
            and path.is_file()
            and not SKIPPED & set(path.relative_to(ROOT).parts)
        ):
            text = path.read_text(errors="ignore")
            found += [f"{path.relative_to(ROOT)}: {word}" for word in HOSTS + FLAGS if word in text]
    assert found == []


@pytest.mark.parametrize("path", sorted((ROOT / "pages").glob("*.py")), ids=lambda p: p.stem)
def test_every_page_begins_alike(path: Path) -> None:
    first = next(node for node in ast.parse(path.read_text()).body[1:] if not isinstance(node, (ast.Import, ast.ImportFrom)))
    assert ast.unparse(first) in ("begin_page()", "begin_page(steady=True)")


# --- Tests -----------------------------------------------------------------------------------------

TESTED = [module_name(path) for path in PYTHON if within(module_name(path), "blocks") or within(module_name(path), "viz") if path.name != "__init__.py"]


def test_every_module_has_a_test() -> None:
    assert [module for module in TESTED if module not in imported_by_tests() and not mirrored(module).exists()] == []


def test_a_mirrored_place_exists_for_each_root() -> None:
    assert mirrored("blocks.trace.rules.conv").is_file()
    assert mirrored("viz.kit.palette").is_file()
    assert mirrored("blocks.export").is_file()
