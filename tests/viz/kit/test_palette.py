"""The palette: lines and text that can be read, and kinds that colour-blind eyes tell apart."""

from __future__ import annotations

import tomllib
from itertools import combinations
from pathlib import Path

import pytest

from viz.kit import palette
from viz.kit.palette import KIND_COLOURS, MARK_COLOURS, RAMP, VARIANT_COLOURS, Colour, contrast, luminance, ramp

ROOT = Path(__file__).resolve().parents[3]
# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
BLINDNESS = {
    "none": ((1, 0, 0), (0, 1, 0), (0, 0, 1)),
    "protan": ((0.152286, 1.052583, -0.204868), (0.114503, 0.786281, 0.099216), (-0.003882, -0.048116, 1.051998)),
    "deutan": ((0.367322, 0.860646, -0.227968), (0.280085, 0.672501, 0.047413), (-0.011820, 0.042940, 0.968881)),
    "tritan": ((1.255528, -0.076749, -0.178779), (-0.078411, 0.930809, 0.147602), (0.004733, 0.691367, 0.303900)),
}
# Kinds that touch each other in most graphs; further pairs differ in shape or sign too.
NEIGHBOURS = [
    ("convolution", "norm"), ("convolution", "activation"), ("convolution", "pool"), ("convolution", "add"), ("convolution", "concat"), ("norm", "attention"),
    ("linear", "activation"), ("linear", "attention"), ("convolution", "multiply"), ("norm", "linear"), ("convolution", "reshape"),
]  # fmt: skip
APART = 12.0  # distance in CIELAB; 2.3 is just noticeable


def linear(colour: str) -> tuple[float, ...]:
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)


def lab(colour: str, blindness: str) -> tuple[float, float, float]:
    r, g, b = (min(max(sum(w * c for w, c in zip(row, linear(colour), strict=True)), 0), 1) for row in BLINDNESS[blindness])
    x, y, z = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.95047,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.08883,
    )
    f = [v ** (1 / 3) if v > 216 / 24389 else (24389 / 27 * v + 16) / 116 for v in (x, y, z)]
    return 116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])


def distance(a: str, b: str, blindness: str) -> float:
    return sum((p - q) ** 2 for p, q in zip(lab(a, blindness), lab(b, blindness), strict=True)) ** 0.5


def test_the_simulation_knows_red_from_green_only_with_all_cones() -> None:
    assert distance("#C00000", "#6A6A00", "none") > 3 * distance("#C00000", "#6A6A00", "protan")


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("blindness", BLINDNESS)
def test_neighbouring_kinds_stay_apart(blindness: str, dark: bool) -> None:
    near = {f"{a} {b}": distance(KIND_COLOURS[a].on(dark), KIND_COLOURS[b].on(dark), blindness) for a, b in NEIGHBOURS}
    assert {pair: round(d, 1) for pair, d in near.items() if d < APART} == {}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("blindness", BLINDNESS)
def test_the_first_six_variants_and_the_marks_stay_apart(blindness: str, dark: bool) -> None:
    for colours in (VARIANT_COLOURS[:6], [MARK_COLOURS["added"], MARK_COLOURS["removed"], MARK_COLOURS["equal"]]):
        for a, b in combinations(colours, 2):
            assert distance(a.on(dark), b.on(dark), blindness) > APART, (a, b)


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_lines_and_text_can_be_read(dark: bool) -> None:
    ground = palette.GROUND.on(dark)
    lines: dict[str, Colour] = {
        **KIND_COLOURS,
        **{f"mark {k}": c for k, c in MARK_COLOURS.items()},
        **{f"variant {i}": c for i, c in enumerate(VARIANT_COLOURS)},
    }
    assert {name: round(contrast(c.on(dark), ground), 2) for name, c in lines.items() if contrast(c.on(dark), ground) < 3} == {}
    for text in (palette.INK, palette.QUIET):
        assert contrast(text.on(dark), ground) >= 4.5
    for kind in KIND_COLOURS:
        assert contrast(palette.INK.on(dark), palette.tint(kind, dark)) >= 7


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_scale_rises_steadily_in_grey_too(dark: bool) -> None:
    steps = [luminance(ramp(i / 20, dark)) for i in range(21)]
    assert steps == sorted(steps, reverse=not dark)
    assert contrast(RAMP[dark][0], RAMP[dark][-1]) > 7


def test_unknown_kinds_and_many_variants_have_colours() -> None:
    assert palette.kind_colour("something new") == KIND_COLOURS["other"].light
    assert palette.variant_colour(len(VARIANT_COLOURS)) == VARIANT_COLOURS[0].light
    assert palette.mix("#000000", "#FFFFFF", 0.25) == "#BFBFBF"


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_every_text_colour_of_the_theme_can_be_read_on_every_ground(dark: bool) -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]["dark" if dark else "light"]
    inks = {name: config[name] for name in ("primaryColor", "textColor", "linkColor", "greenColor", "redColor", "grayColor")} | {
        "quiet": palette.QUIET.on(dark)
    }
    grounds = {name: found[name] for found in (config, config["sidebar"]) for name in ("backgroundColor", "secondaryBackgroundColor")}
    pairs = {(ink, ground): contrast(inks[ink], grounds[ground]) for ink in inks for ground in grounds}
    pairs["on accent", "accent"] = contrast(palette.ON_ACCENT.on(dark), config["primaryColor"])
    pairs["accent", "a pressed button of the graph"] = contrast(config["primaryColor"], palette.mix(config["primaryColor"], config["backgroundColor"], 0.13))
    assert {pair: round(ratio, 2) for pair, ratio in pairs.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_palette_and_the_theme_say_the_same(dark: bool) -> None:
    config = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text("utf-8"))["theme"]["dark" if dark else "light"]
    ours = (palette.ACCENT, palette.LINK, palette.INK, palette.GROUND, palette.QUIET)
    assert [colour.on(dark) for colour in ours] == [config[f"{name}Color"] for name in ("primary", "link", "text", "background", "gray")]
