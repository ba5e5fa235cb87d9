"""One graph as one SVG file."""

from __future__ import annotations

import xml.etree.ElementTree as ET

import pytest

from blocks import analyse
from viz.graph.figure import figure_svg


def texts(svg: str) -> list[str]:
    return ["".join(e.itertext()) for e in ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}text")]


def test_an_svg_says_what_the_picture_says() -> None:
    svg = figure_svg(analyse("bottleneck"))
    said = texts(svg)
    assert {"Conv 1×1", "Conv 3×3", "256×56×56", "64×56×56", "+"} <= set(said)
    root = ET.fromstring(svg)
    assert len(root.findall(".//*[@data-from]")) == len(root.findall(".//*[@class='head']"))
    assert 'class="edge residual' in svg


def test_figures_come_at_each_level_direction_and_theme() -> None:
    analysis = analyse("se_bottleneck")
    sizes = {}
    for level in ("stage", "block", "operation"):
        for direction in ("TB", "LR"):
            root = ET.fromstring(figure_svg(analysis, level, direction, dark=level == "block"))
            sizes[level, direction] = float(root.attrib["width"]), float(root.attrib["height"])
    assert sizes["operation", "TB"][1] > sizes["block", "TB"][1]
    assert sizes["block", "LR"][0] > sizes["block", "TB"][0]
    with pytest.raises(ValueError, match="level = 'blocks': must be one of stage, block, operation"):
        figure_svg(analysis, "blocks")
    with pytest.raises(ValueError, match="direction = 'RL': must be TB or LR"):
        figure_svg(analysis, "block", "RL")
