"""One visual language: the colour of each kind of operation and of each variant, on light and on dark ground.

The hues follow Okabe and Ito (2008), deepened on light ground and lifted on dark ground until a line of them has a
contrast of at least 3:1; kinds that stand next to each other in a graph stay apart for the three kinds of colour
blindness (tests/viz/kit/test_palette.py simulates them). Where two kinds share a family of hue, their node shapes differ.
"""

from __future__ import annotations

from typing import NamedTuple


class Colour(NamedTuple):
    """One colour as #rrggbb, for light and for dark ground."""

    light: str
    dark: str

    def on(self, dark: bool) -> str:
        """The colour for a dark or a light ground."""
        return self.dark if dark else self.light


#: Colour of each kind of operation, by the names of blocks.trace.graph.OPERATION_KINDS, and of a closed module.
KIND_COLOURS: dict[str, Colour] = {
    "input": Colour("#5F6670", "#A7AFBA"),
    "convolution": Colour("#0B63B0", "#5AA9F0"),
    "linear": Colour("#5B4BB8", "#A99BFF"),
    "attention": Colour("#B8478F", "#F08CCB"),
    "norm": Colour("#6D7F2A", "#C2D36B"),
    "activation": Colour("#B87700", "#F5BC42"),
    "pool": Colour("#00805C", "#3CCB9D"),
    "add": Colour("#C2410C", "#FF8A5C"),
    "multiply": Colour("#A3331F", "#FF9E8A"),
    "concat": Colour("#84512B", "#DDA577"),
    "reshape": Colour("#78808C", "#98A1AE"),
    "upsample": Colour("#1D8A99", "#5FD0DE"),
    "dropout": Colour("#868B93", "#8D96A3"),
    "other": Colour("#6B7280", "#9AA3B0"),
    "output": Colour("#5F6670", "#A7AFBA"),
    "module": Colour("#3F4A5A", "#B9C3D2"),
}

#: Colours of the variants that a page compares, in the order in which they are added.
VARIANT_COLOURS: tuple[Colour, ...] = (
    Colour("#0B63B0", "#5AA9F0"),
    Colour("#C2410C", "#FF8A5C"),
    Colour("#00805C", "#3CCB9D"),
    Colour("#B8478F", "#F08CCB"),
    Colour("#7B2FE0", "#8A5CF6"),
    Colour("#2A1A38", "#E8DE4B"),
    Colour("#B87700", "#F5BC42"),
    Colour("#5F6670", "#A7AFBA"),
)

#: Colours of the ideas that run through the families, by the names of blocks.catalog.lineage.IDEAS.
IDEA_COLOURS: dict[str, Colour] = {
    "stack": Colour("#5F6670", "#A7AFBA"),
    "split": Colour("#C2410C", "#FF8A5C"),
    "shortcut": Colour("#0B63B0", "#5AA9F0"),
    "aggregation": Colour("#84512B", "#DDA577"),
    "separable": Colour("#00805C", "#3CCB9D"),
    "attention": Colour("#B8478F", "#F08CCB"),
    "scaling": Colour("#5B4BB8", "#A99BFF"),
}

#: Grounds and inks of the two themes, for pictures that leave the page (.streamlit/config.toml says the same).
GROUND = Colour("#FCFCFA", "#14171C")
CARD = Colour("#FFFFFF", "#1D222A")
INK = Colour("#1B1E23", "#ECEEF1")
QUIET = Colour("#5F6670", "#A7AFBA")
LINE = Colour("#9AA1AB", "#6E7887")
ACCENT = Colour("#1B58B3", "#5B9BFF")
ON_ACCENT = Colour("#FFFFFF", "#14171C")
LINK = Colour("#1B58B3", "#8BB8FF")
CHANGED = Colour("#C2410C", "#FF9966")

#: What a comparison says of each part; each mark has a sign beside its colour.
MARK_COLOURS: dict[str, Colour] = {
    "added": Colour("#00805C", "#3CCB9D"),
    "removed": Colour("#B3261E", "#FF8A80"),
    "changed": Colour("#8A5A00", "#F5BC42"),
    "equal": Colour("#868B93", "#8D96A3"),
}

#: The overlay's scale from nothing to most: lightness rises (or falls) steadily, so it survives colour blindness and grey print.
RAMP: tuple[tuple[str, ...], tuple[str, ...]] = (
    ("#F4F1E6", "#F7D98B", "#F0A04B", "#D9593B", "#9C2A4A", "#541A4F"),
    ("#262B33", "#4A2A5A", "#8E2F5F", "#CF4F4A", "#F0964A", "#FBE08A"),
)


def kind_colour(kind: str, dark: bool = False) -> str:
    """The colour of one kind of operation; kinds without one of their own look like "other"."""
    return KIND_COLOURS.get(kind, KIND_COLOURS["other"]).on(dark)


def variant_colour(index: int, dark: bool = False) -> str:
    """The colour of the variant that was added as number ``index`` (from 0); after eight they come round again."""
    return VARIANT_COLOURS[index % len(VARIANT_COLOURS)].on(dark)


def idea_colour(idea: str, dark: bool = False) -> str:
    """The colour of one idea; KeyError for a name that is none."""
    return IDEA_COLOURS[idea].on(dark)


def mix(colour: str, ground: str, share: float) -> str:
    """``share`` of ``colour`` over ``ground``, both #rrggbb."""
    a, b = (tuple(int(c[i : i + 2], 16) for i in (1, 3, 5)) for c in (colour, ground))
    return "#" + "".join(f"{round(x * share + y * (1 - share)):02X}" for x, y in zip(a, b, strict=True))


def tint(kind: str, dark: bool = False) -> str:
    """The quiet fill of a node of this kind."""
    return mix(kind_colour(kind, dark), GROUND.on(dark), 0.22 if dark else 0.12)


def ramp(share: float, dark: bool = False) -> str:
    """The overlay's colour for ``share`` of the most, 0 to 1."""
    stops = RAMP[dark]
    place = min(max(share, 0.0), 1.0) * (len(stops) - 1)
    low = min(int(place), len(stops) - 2)
    return mix(stops[low + 1], stops[low], place - low)


def luminance(colour: str) -> float:
    """Relative luminance of #rrggbb as WCAG 2 defines it, 0 to 1."""
    channels = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    r, g, b = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(a: str, b: str) -> float:
    """Contrast ratio of two colours as WCAG 2 defines it, 1 to 21."""
    high, low = sorted((luminance(a), luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)
