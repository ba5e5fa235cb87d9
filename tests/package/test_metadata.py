"""pyproject.toml, requirements.txt and the extras that the code names say the same."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

import blocks
from blocks.extras import EXTRAS, missing
from blocks.latency.store.ledger import Ledger, LedgerError

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def ranges() -> dict[str, Requirement]:
    """Every requirement of the package, its extras included."""
    extras = PROJECT["optional-dependencies"]
    lines = [*PROJECT["dependencies"], *(line for name, group in extras.items() if name != "all" for line in group)]
    return {canonicalize_name(r.name): r for r in map(Requirement, lines)}


def pins(file: str) -> dict[str, str]:
    """The version that a requirements file pins, by name."""
    found = (re.match(r"([\w.-]+)(?:\[[\w,]+\])?==(\S+)", line) for line in (ROOT / file).read_text().splitlines())
    return {canonicalize_name(m[1]): m[2] for m in found if m}


def test_requirements_list_the_packages_of_the_project() -> None:
    assert set(pins("requirements.txt")) == set(ranges()) - {"ray"}  # tests alone start a cluster
    assert "ray" in pins("requirements-dev.txt")


@pytest.mark.parametrize("name", sorted(ranges()))
def test_every_pin_lies_in_its_range(name: str) -> None:
    pinned = {**pins("requirements-dev.txt"), **pins("requirements.txt")}[name]
    assert ranges()[name].specifier.contains(pinned)
    assert any(s.operator == ">=" for s in ranges()[name].specifier)


def test_the_code_names_the_extras_of_the_project() -> None:
    listed = {name: {re.match(r"[\w.-]+(\[[\w,]+\])?", line)[0] for line in group} for name, group in PROJECT["optional-dependencies"].items()}  # type: ignore[index]
    assert {name: set(packages.values()) for name, packages in EXTRAS.items()} == {k: v for k, v in listed.items() if k != "all"}
    assert listed["all"] == {f"architecture-explorer[{','.join(EXTRAS)}]"}


def test_the_version_is_said_once() -> None:
    assert PROJECT["dynamic"] == ["version"]
    assert re.fullmatch(r"\d+\.\d+\.\d+", blocks.__version__)
    assert f"## [{blocks.__version__}]" in (ROOT / "CHANGELOG.md").read_text()
    assert f"version: {blocks.__version__}\n" in (ROOT / "CITATION.cff").read_text()


def test_a_missing_extra_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    assert missing("report") == ""
    monkeypatch.setitem(EXTRAS, "report", {"fpdf": "fpdf2", "no_such_module": "no-such-package", "nor_this": "nor-this"})
    assert missing("report") == "needs no-such-package and nor-this, not installed here: pip install no-such-package nor-this"


def test_a_ledger_without_its_driver_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(EXTRAS, "postgres", {"no_such_module": "psycopg[binary]"})
    with pytest.raises(LedgerError, match=re.escape("A ledger in PostgreSQL needs psycopg[binary], not installed here: pip install psycopg[binary].")):
        Ledger("postgresql+psycopg://nobody@127.0.0.1:1/none")
