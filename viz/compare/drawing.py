"""Charts as SVG files without a browser: for the report, where no script runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, floor, log10
from xml.sax.saxutils import escape

import pandas as pd

from blocks.language import tr
from blocks.latency.roofline.chart_data import network_point, roof_line, roofline_table
from blocks.latency.roofline.machines import Machine
from viz.compare.content import COST_TITLES
from viz.kit.board import Side
from viz.kit.numbers import memory, short
from viz.kit.palette import GROUND, INK, QUIET, variant_colour

_FONT = "Helvetica, Arial, sans-serif"
LEFT, RIGHT, TOP, BOTTOM = 76, 12, 34, 46


def bars_svg(sides: Sequence[Side], frame: pd.DataFrame, quantity: str, width: int = 900, height: int = 330) -> str:
    """Grouped bars of a :func:`viz.compare.content.cost_frame` as an SVG file: light ground, a legend on top, labelled axes."""
    most = max(float(frame.to_numpy().max()), 1.0) if len(frame) else 1.0
    step = tick_step(most)
    top = step * -(-most // step)
    wide, high = width - LEFT - RIGHT, height - TOP - BOTTOM
    parts = [_legend(sides, quantity)]
    for i in range(int(top / step) + 1):
        y = TOP + high * (1 - i * step / top)
        parts.append(
            _line(LEFT, y, width - RIGHT, y)
            + svg_text(LEFT - 8, y + 4, memory(i * step) if quantity == tr(COST_TITLES["bytes"]) else short(i * step, digits=3), "end", 11, QUIET.light)
        )
    room = wide / max(len(frame), 1)
    bar = room * 0.76 / len(sides)
    for place, (name, row) in enumerate(frame.iterrows()):
        x = LEFT + place * room + room * 0.12
        for i, side in enumerate(sides):
            tall = high * float(row[side.title]) / top
            parts.append(
                f'<rect x="{x + i * bar:.1f}" y="{TOP + high - tall:.1f}" width="{max(bar - 1, 0.5):.1f}" height="{tall:.1f}" fill="{variant_colour(side.colour)}"/>'
            )
        parts.append(_label(x + room * 0.38, height - BOTTOM + 16, str(name), room))
    return svg(width, height, "".join(parts))


def roofline_svg(sides: Sequence[Side], machine: Machine, width: int = 900, height: int = 420) -> str:
    """Operations (dots) and whole networks (diamonds) under a machine's roof, both axes logarithmic, as an SVG file.

    Raises KnobError where the machine has no figure for a variant's type.
    """
    tables = [roofline_table(side.analysis, machine) for side in sides]
    drawn = [t[(t["flops"] > 0) & (t["bytes"] > 0)] for t in tables]
    every = pd.concat(drawn) if drawn else pd.DataFrame({"intensity": [], "speed": []})
    dtype = sides[0].analysis.dtype
    low, high = floor(log10(min([0.1, *every["intensity"]]))), ceil(log10(max([1000.0, *every["intensity"]])))
    line = roof_line(machine, dtype, 10.0**low, 10.0**high)
    bottom, top = floor(log10(min([*every["speed"], *line["speed"]]))), ceil(log10(machine.peak(dtype)))

    def at(intensity: float, speed: float) -> tuple[float, float]:
        right, up = (log10(intensity) - low) / (high - low), (log10(speed) - bottom) / (top - bottom)
        return LEFT + right * (width - LEFT - RIGHT), height - BOTTOM - up * (height - TOP - BOTTOM)

    parts = [_legend(sides, tr("Roofline"))]
    for power in range(low, high + 1):
        x, y = at(10.0**power, 10.0**bottom)
        parts.append(_line(x, TOP, x, y) + svg_text(x, y + 16, f"{10.0**power:g}", "middle", 11, QUIET.light))
    for power in range(bottom, top + 1):
        x, y = at(10.0**low, 10.0**power)
        parts.append(_line(x, y, width - RIGHT, y) + svg_text(x - 8, y + 4, short(10.0**power, digits=3), "end", 11, QUIET.light))
    corners = " L ".join(f"{x:.1f} {y:.1f}" for x, y in (at(i, s) for i, s in zip(line["intensity"], line["speed"], strict=True)))
    parts.append(f'<path d="M {corners}" stroke="{INK.light}" stroke-width="2.2" fill="none"/>')
    parts += [_dots(side, table, at) for side, table in zip(sides, drawn, strict=True)]
    parts += [_diamond(side, network_point(table), at) for side, table in zip(sides, tables, strict=True)]
    parts.append(
        svg_text(
            width / 2,
            height - 8,
            tr("FLOPs per byte; height: FLOPs per second on {machine} ({type})", machine=machine.title, type=dtype),
            "middle",
            11.5,
            QUIET.light,
        )
    )
    return svg(width, height, "".join(parts))


_Position = Callable[[float, float], tuple[float, float]]


def _dots(side: Side, table: pd.DataFrame, at: _Position) -> str:
    colour, total = variant_colour(side.colour), float(table["seconds"].sum()) or 1.0
    parts = []
    for intensity, speed, seconds in zip(table["intensity"], table["speed"], table["seconds"], strict=True):
        x, y = at(intensity, speed)
        size = 2 + 11 * (seconds / total) ** 0.5
        parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:.1f}" fill="{colour}" fill-opacity="0.45" stroke="{colour}"/>')
    return "".join(parts)


def _diamond(side: Side, dot: dict[str, float], at: _Position) -> str:
    if not dot or not dot["flops"] or not dot["bytes"]:
        return ""
    x, y = at(dot["intensity"], dot["speed"])
    shape = f'<path d="M {x:.1f} {y - 9:.1f} L {x + 9:.1f} {y:.1f} L {x:.1f} {y + 9:.1f} L {x - 9:.1f} {y:.1f} Z" fill="{variant_colour(side.colour)}" stroke="{GROUND.light}"/>'
    return shape + svg_text(x, y + 22, side.letter, "middle", 12)


def svg(width: float, height: float, content: str) -> str:
    """An SVG file with the report's ground."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:g}" height="{height:g}" viewBox="0 0 {width:g} {height:g}">'
        f'<rect width="{width:g}" height="{height:g}" fill="{GROUND.light}"/>{content}</svg>'
    )


def svg_text(x: float, y: float, words: str, anchor: str = "start", size: float = 12, colour: str = INK.light) -> str:
    """One line of text at a baseline."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" font-family="{_FONT}" font-size="{size:g}" fill="{colour}">{escape(words)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path d="M {x1:.1f} {y1:.1f} L {x2:.1f} {y2:.1f}" stroke="#D5D5CF" stroke-width="1" fill="none"/>'


def _label(x: float, y: float, words: str, room: float) -> str:
    """A category's name, cut where the next one begins."""
    letters = max(3, int(room / 6.2))
    return svg_text(x, y, words if len(words) <= letters else f"{words[: letters - 1]}…", "middle", 11, QUIET.light)


def _legend(sides: Sequence[Side], quantity: str) -> str:
    parts, x = [svg_text(8, 18, quantity, size=13)], 130.0
    for side in sides:
        parts.append(f'<rect x="{x:.1f}" y="8" width="12" height="12" fill="{variant_colour(side.colour)}"/>' + svg_text(x + 18, 18, side.title))
        x += 42 + 7 * len(side.title)
    return "".join(parts)


def tick_step(most: float, ticks: int = 5) -> float:
    """A round step (1, 2, 2.5 or 5 times a power of ten) that divides 0 to ``most`` into about ``ticks`` parts."""
    rough = most / ticks
    scale = 10 ** floor(log10(rough))
    return next(step * scale for step in (1, 2, 2.5, 5, 10) if step * scale >= rough * 0.999)
