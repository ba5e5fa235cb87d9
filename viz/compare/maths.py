"""Formulas outside of a page: LaTeX as MathML, and as an SVG picture of outlines."""

from __future__ import annotations

from functools import lru_cache
from xml.etree import ElementTree

import ziamath
from latex2mathml.converter import convert

_SPACE = "http://www.w3.org/1998/Math/MathML"
ElementTree.register_namespace("", _SPACE)
ziamath.config.svg2 = False  # outlines where they are used: a reader of SVG then has nothing to look up


def mathml(latex: str) -> str:
    """``latex`` as a MathML element, rows inside rows flattened."""
    root = ElementTree.fromstring(convert(latex, display="block"))
    _flatten(root)
    return ElementTree.tostring(root, encoding="unicode")


def _flatten(element: ElementTree.Element) -> None:
    """Rows of one thing become that thing, and rows inside a row its members: every level doubles the work of laying it out."""
    for place, child in enumerate(list(element)):
        _flatten(child)
        if child.tag == f"{{{_SPACE}}}mrow" and not child.attrib and len(child) == 1:
            element[place] = child[0]
    if element.tag not in (f"{{{_SPACE}}}mrow", f"{{{_SPACE}}}math"):
        return
    made: list[ElementTree.Element] = []
    for child in element:
        made += list(child) if child.tag == f"{{{_SPACE}}}mrow" and not child.attrib and not _fenced(child) else [child]
    element[:] = made


def _fenced(row: ElementTree.Element) -> bool:
    return len(row) > 0 and row[0].get("fence") == "true"


@lru_cache(maxsize=1024)
def maths_svg(latex: str, size: float = 15) -> str:
    """``latex`` as an SVG file of vector outlines; ``size`` in pixels."""
    drawn: str = ziamath.Math(mathml(latex).replace("\u2009", " "), size=size).svg()
    return drawn
