"""A class's name as the catalog writes it, and as a title."""

from __future__ import annotations

import re


def snake_case(name: str) -> str:
    """A class's name as the catalog writes it: InvertedResidual is inverted_residual."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def spaced(name: str) -> str:
    """A class's name as a title: Inverted Residual. Networks' own names stay as their papers write them: MobileNetV3 Block, ResNeXt Paths."""
    return _BETWEEN.sub(" ", name)


_BETWEEN = re.compile(r"(?<=[a-z0-9])(?=[A-Z])(?!Net|NeXt|LeNet|VNet|(?<=Net)V\d|(?<=Ne)Xt)|(?<=[A-Z])(?=[A-Z][a-z])(?!Net|NeXt)")
