"""Pictures that come with the program: photographs with their licences, and test cards that are drawn."""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor

from blocks.experiments.pictures import Picture, decode, square
from blocks.knobs import KnobError
from blocks.language import translatable

_FOLDER = Path(__file__).parent / "photographs"
CARD_SIDE = 224  # pixels


class Photograph(NamedTuple):
    """A photograph: what it shows, whose it is, and under which terms it is given on. All are cut to their middle square and reduced to 320 x 320."""

    title: str
    author: str
    licence: str
    source: str


_PUBLIC_DOMAIN, _WITH_CITATION = translatable("public domain"), translatable("free to use and publish, with citation")

#: Two are of one motorcycle, from two places beside each other.
PHOTOGRAPHS: dict[str, Photograph] = {
    "cat": Photograph(translatable("Cat"), "Stefan van der Walt", "CC0", "scikit-image, chelsea.png"),
    "coffee": Photograph(translatable("Coffee"), "Rachel Michetti", "CC0", "scikit-image, coffee.png"),
    "flower": Photograph(translatable("Flower"), "vultilion", "CC BY 2.0", "scikit-learn, flower.jpg; cut and reduced"),
    "temple": Photograph(translatable("Temple"), "danielbuechele", "CC BY 2.0", "scikit-learn, china.jpg; cut and reduced"),
    "astronaut": Photograph(translatable("Astronaut"), "NASA", _PUBLIC_DOMAIN, "scikit-image, astronaut.png"),
    "rocket": Photograph(translatable("Rocket"), "SpaceX", _PUBLIC_DOMAIN, "scikit-image, rocket.jpg"),
    "motorcycle_left": Photograph(translatable("Motorcycle, left"), "Scharstein et al. 2014", _WITH_CITATION, "Middlebury stereo data, by way of scikit-image"),
    "motorcycle_right": Photograph(
        translatable("Motorcycle, right"), "Scharstein et al. 2014", _WITH_CITATION, "Middlebury stereo data, by way of scikit-image"
    ),
}


def _edges(x: Tensor, y: Tensor) -> Tensor:
    """A vertical, a horizontal and a slanted edge, from black to white."""
    bright = torch.where(y < 0.5, torch.where(x < 0.5, (x > 0.25).float(), (y > 0.25).float()), (x + y > 1.25).float())
    return bright.expand(3, *bright.shape)


def _gratings(x: Tensor, y: Tensor) -> Tensor:
    """Waves in four directions, each half turned finer from the left to the right."""
    angle = (y * 4).floor() * (math.pi / 4)
    along = x * torch.cos(angle) + y * torch.sin(angle)
    wave = 0.5 + 0.5 * torch.sin(2 * math.pi * torch.where(x < 0.5, 12.0, 28.0) * along)
    return wave.expand(3, *wave.shape)


def _checkerboard(x: Tensor, y: Tensor) -> Tensor:
    """Eight by eight squares."""
    black = ((x * 8).floor() + (y * 8).floor()) % 2
    return black.expand(3, *black.shape)


def _dot(x: Tensor, y: Tensor) -> Tensor:
    """One bright pixel in the middle of a black picture: what a network answers to it is its impulse response."""
    middle = x.shape[-1] // 2
    bright = torch.zeros_like(x + y)
    bright[middle, middle] = 1.0
    return bright.expand(3, *bright.shape)


#: Each draws from the positions of the pixels' middles, 0 to 1.
TEST_CARDS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"edges": _edges, "gratings": _gratings, "checkerboard": _checkerboard, "dot": _dot}
CARD_TITLES = {
    "edges": translatable("Edges"),
    "gratings": translatable("Gratings"),
    "checkerboard": translatable("Checkerboard"),
    "dot": translatable("One bright dot"),
}


def sample_names() -> list[str]:
    """The names of all pictures that come with the program, photographs first."""
    return [*PHOTOGRAPHS, *TEST_CARDS]


def sample_title(name: str) -> str:
    """What a picture is called, in English."""
    return PHOTOGRAPHS[name].title if name in PHOTOGRAPHS else CARD_TITLES[name]


@functools.lru_cache(maxsize=32)
def sample_pixels(name: str, side: int) -> Tensor:
    """The picture ``name`` as (3, side, side), 0 to 1. A test card is drawn at that side, a photograph resized."""
    if name in TEST_CARDS:
        steps = (torch.arange(side) + 0.5) / side
        return TEST_CARDS[name](steps[None, :].expand(side, side), steps[:, None].expand(side, side)).contiguous()
    return square(photograph(name), side)


def photograph(name: str) -> Picture:
    """A photograph, decoded. Raises :class:`KnobError` for a name that is none."""
    if name not in PHOTOGRAPHS:
        raise KnobError("picture", name, f"must be one of {', '.join(sample_names())}", [next(iter(PHOTOGRAPHS))])
    return decode((_FOLDER / f"{name}.jpg").read_bytes(), name)
