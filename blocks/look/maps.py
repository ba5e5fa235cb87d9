"""What an operation gives, as pictures and figures: a mean map for a thumbnail, the channels as a wall, histogram and statistics."""

from __future__ import annotations

import base64
import math
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

THUMB_SIDE, WALL_SIDE = 28, 56  # pixels of a map, at most
MOST_BARS, MOST_CHANNELS, BINS = 48, 64, 40

Order = Literal["channel", "strength", "variance", "zeros"]
ORDERS: tuple[Order, ...] = ("channel", "strength", "variance", "zeros")


@dataclass(frozen=True)
class GreyMap:
    """A map for a screen: ``height`` x ``width`` bytes in base64, 0 for ``low`` and 255 for ``high``."""

    height: int
    width: int
    pixels: str
    low: float
    high: float


class ValueStatistics(NamedTuple):
    """Of all values of a tensor: mean, standard deviation, Euclidean norm, least, largest, and the share that is zero.

    ``dead`` is the share of channels whose every value is zero.
    """

    mean: float
    deviation: float
    norm: float
    low: float
    high: float
    zeros: float
    dead: float


@dataclass(frozen=True)
class Channel:
    """One channel of the wall: its number, mean absolute value, variance, share of zeros, and its map or single value."""

    number: int
    strength: float
    variance: float
    zeros: float
    map: GreyMap


def as_channels(given: Tensor) -> Tensor:
    """What an operation gives for one picture as (channels, height, width).

    A feature map is that already. Tokens (1, N, D) are D channels over the grid of patches, without the class token where N is one more than a
    square; a row of scores is as many channels of one value. Of anything else the last two dimensions are the map.
    """
    given = given.detach()
    if given.dim() == 4:
        return given[0]
    if given.dim() == 3:
        tokens = given[0]
        side = math.isqrt(tokens.shape[0])
        if side * side == tokens.shape[0] - 1:
            tokens = tokens[1:]
        elif side * side != tokens.shape[0]:
            return tokens.T[:, None, :]
        return tokens.T.reshape(-1, side, side)
    if given.dim() <= 2:
        return given.reshape(-1, 1, 1)
    return given.reshape(-1, *given.shape[-2:])


def statistics(given: Tensor) -> ValueStatistics:
    """Of all values that an operation gives. Few passes over them: a page asks this of many operations."""
    channels = as_channels(given.detach().float()).flatten(1)
    count, mean = channels.numel(), channels.mean()
    low, high = channels.amin(1), channels.amax(1)  # torch's var and its count along a dimension take several times as long
    return ValueStatistics(
        float(mean),
        float(torch.linalg.vector_norm(channels - mean)) / math.sqrt(count),
        float(torch.linalg.vector_norm(channels)),
        float(low.min()),
        float(high.max()),
        1 - int(torch.count_nonzero(channels)) / count,
        float(((low == 0) & (high == 0)).float().mean()),
    )


def grey_map(values: Tensor, most: int) -> GreyMap:
    """A map (height, width), reduced by averaging to at most ``most`` pixels per side."""
    height, width = values.shape
    if max(height, width) > most:
        size = (max(1, round(height * most / max(height, width))), max(1, round(width * most / max(height, width))))
        values = F.adaptive_avg_pool2d(values[None].float(), size)[0]
    low, high = float(values.min()), float(values.max())
    level = (values.numpy() - low) * (255 / (high - low) if high > low else 0)
    pixels = base64.b64encode(np.rint(level).clip(0, 255).astype(np.uint8).tobytes()).decode()
    return GreyMap(values.shape[0], values.shape[1], pixels, low, high)


def thumbnail(given: Tensor) -> GreyMap | list[float]:
    """The mean over channels as a map; for a vector its values as bars between -1 and 1, neighbours averaged where they are many."""
    maps = as_channels(given).float()
    if maps.shape[1] * maps.shape[2] > 1:
        return grey_map(maps.mean(0), THUMB_SIDE)
    row = maps.flatten()
    if len(row) > MOST_BARS:
        row = F.adaptive_avg_pool1d(row[None, None], MOST_BARS)[0, 0]
    return [round(v, 4) for v in (row / max(float(row.abs().max()), 1e-12)).tolist()]


def wall(given: Tensor, order: Order = "channel", first: int = 0, most: int = MOST_CHANNELS) -> list[Channel]:
    """``most`` channels from the ``first``-th on, in an order; the strongest, most varied or deadest lead."""
    maps = as_channels(given).float()
    flat = maps.flatten(1)
    strength, variance, zeros = flat.abs().mean(1), flat.var(1, unbiased=False), (flat == 0).float().mean(1)
    by = {"channel": -torch.arange(len(flat), dtype=torch.float32), "strength": strength, "variance": variance, "zeros": zeros}[order]
    numbers = torch.argsort(by, descending=True, stable=True)[first : first + most].tolist()
    return [Channel(n, float(strength[n]), float(variance[n]), float(zeros[n]), grey_map(maps[n], WALL_SIDE)) for n in numbers]


def histogram(given: Tensor) -> tuple[list[float], list[int]]:
    """Edges (one more) and counts of :data:`BINS` equal bins over all values."""
    values = given.detach().float().flatten()
    low, high = float(values.min()), float(values.max())
    high = high if high > low else low + 1.0
    counts = torch.histc(values, BINS, low, high)
    return torch.linspace(low, high, BINS + 1).tolist(), [int(c) for c in counts]
