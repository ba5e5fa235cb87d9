"""Reading deploy/: its YAML, and the environment that the image sets."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"
CONTAINERFILE = (DEPLOY / "Containerfile").read_text()


def documents(path: Path) -> list[dict[str, Any]]:
    """The documents of a YAML file."""
    return list(yaml.safe_load_all(path.read_text()))


def manifests() -> dict[tuple[str, str], dict[str, Any]]:
    """Every object of the cluster by kind and name."""
    files = [KUBERNETES / name for name in documents(KUBERNETES / "kustomization.yaml")[0]["resources"]]
    return {(one["kind"], one["metadata"]["name"]): one for file in files for one in documents(file)}


def instructions(name: str) -> list[str]:
    """What follows an instruction of the Containerfile, lines joined."""
    joined = re.sub(r"\\\n\s*", "", re.sub(r"^\s*#.*\n", "", CONTAINERFILE, flags=re.MULTILINE))
    return [line.removeprefix(f"{name} ") for line in joined.splitlines() if line.startswith(f"{name} ")]


def image_environment() -> dict[str, str]:
    """The variables that the image sets for the app."""
    return dict(pair.split("=", 1) for pair in instructions("ENV")[-1].split())


def names_in(path: Path) -> set[str]:
    """The variables that a file of settings sets."""
    return set(re.findall(r"^(\w+)=", path.read_text(), flags=re.MULTILINE))
