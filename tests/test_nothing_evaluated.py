"""Nothing that a user types or hands over is run: no evaluation, no pickle, no shell anywhere in the program, and HTML inside Markdown only of our own words."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from tests.house import PYTHON, ROOT, imports, module_name, tree_of

SHIPPED = [path for path in PYTHON if "scripts" not in path.parts]
CALLS = {"eval", "exec", "compile", "__import__", "sympify", "parse_expr", "literal_eval", "read_pickle", "load_module"}
DOTTED = {"torch.load", "torch.jit.load", "torch.export.load", "torch.package", "os.system", "os.popen", "yaml.load", "np.load", "numpy.load"}
MODULES = {"pickle", "cloudpickle", "dill", "marshal", "shelve", "joblib"}
#: The command line's own words, read as Python literals; and the files that it names and so allows (blocks.latency.lab.allow_file), which no page can.
ALLOWED = {
    ("blocks.latency.terminal", "literal_eval"),
    ("blocks.latency.measure.workload", "torch.export.load"),
    ("blocks.weights.read", "torch.load"),
    ("blocks.train.saving", "torch.load"),
}
#: Seven ideas and the lineage, whose words stand in the code.
HTML_IN_MARKDOWN = {"viz.atlas.panel"}


def risky(tree: ast.Module) -> list[str]:
    """Calls that run what they are given."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            name = ast.unparse(node.func)
            last = name.rpartition(".")[2]
            plain = isinstance(node.func, ast.Name) or last in CALLS - {"eval", "compile", "exec"}
            found += [name] if name in DOTTED else [last] if last in CALLS and plain else []
            found += ["shell"] if any(k.arg == "shell" for k in node.keywords) else []
    return found


@pytest.mark.parametrize("path", SHIPPED, ids=module_name)
def test_nothing_runs_what_it_is_given(path: Path) -> None:
    name = module_name(path)
    assert [found for found in risky(tree_of(path)) if (name, found) not in ALLOWED] == []
    assert [target for target in imports(path) if target.split(".")[0] in MODULES] == []


@pytest.mark.parametrize(
    "source", ["eval('1')", "torch.load(f)", "sympy.sympify(x)", "pd.read_pickle(x)", "subprocess.run(x, shell=True)", "ast.literal_eval(x)"]
)
def test_what_would_is_seen(source: str) -> None:
    assert risky(ast.parse(source))


@pytest.mark.parametrize("source", ["net.eval()", "re.compile('a')", "torch.compile(net)", "self.exec"])
def test_what_only_sounds_like_it_is_not(source: str) -> None:
    assert not risky(ast.parse(source))


def test_html_stands_in_markdown_only_where_all_words_are_our_own() -> None:
    assert {module_name(path) for path in SHIPPED if "unsafe_allow_html" in path.read_text()} <= HTML_IN_MARKDOWN


def test_scripts_of_the_pages_write_no_html_of_what_they_are_given() -> None:
    found = {}
    for path in (ROOT / "viz").rglob("*.js"):
        lines = [
            line.strip()
            for line in path.read_text().splitlines()
            if any(word in line for word in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("))
        ]
        found |= {path.name: lines} if lines else {}
    assert found == {"sharing.js": ['made.innerHTML = `<svg viewBox="0 0 20 20" aria-hidden="true">${ICONS[name]}</svg>`;']}


@pytest.mark.parametrize("path", [path for path in SHIPPED if "torch.load" in risky(tree_of(path))], ids=module_name)
def test_weights_are_loaded_as_weights_alone(path: Path) -> None:
    calls = [c for c in ast.walk(tree_of(path)) if isinstance(c, ast.Call) and ast.unparse(c.func) == "torch.load"]
    assert [{k.arg: ast.unparse(k.value) for k in c.keywords}["weights_only"] for c in calls] == ["True"]
