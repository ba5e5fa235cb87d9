"""Small drawn shapes to train on: twelve classes, each image with random position, size, rotation and noise."""

from __future__ import annotations

import math
from collections.abc import Iterable

import torch
from torch import Tensor
from torch.nn import functional as F

SHAPE_SIDE = 32
SHAPE_NAMES = ("disc", "square", "triangle", "cross", "ring", "bar", "star", "moon", "ell", "dots", "heart", "zigzag")


def _inside(name: str, x: Tensor, y: Tensor) -> Tensor:
    """Which points of the plane, with the shape about one unit large, belong to it."""
    r, angle = (x * x + y * y).sqrt(), torch.atan2(y, x)
    wide = torch.maximum(x.abs(), y.abs())
    match name:
        case "disc":
            return r < 0.9
        case "square":
            return wide < 0.8
        case "triangle":
            return (y < 0.6) & (y > 1.75 * x.abs() - 1)
        case "cross":
            return (wide < 0.95) & (torch.minimum(x.abs(), y.abs()) < 0.28)
        case "ring":
            return (r < 1) & (r > 0.58)
        case "bar":
            return (x.abs() < 1.05) & (y.abs() < 0.28)
        case "star":
            return r < 0.62 + 0.42 * torch.cos(5 * angle)
        case "moon":
            return (r < 1) & ((x - 0.5) ** 2 + y * y > 0.62)
        case "ell":
            return (wide < 0.95) & ((x < -0.4) | (y > 0.4))
        case "dots":
            return ((x.abs() - 0.55) ** 2 + (y.abs() - 0.55) ** 2) < 0.14
        case "heart":
            return (x * x + (-1.1 * y + 0.2 - 0.75 * x.abs()) ** 2) < 0.75
        case _:
            return (y - 0.5 * torch.asin(torch.sin(5 * x)).abs() + 0.35).abs() < 0.26


def pictures_of(name: str, count: int, generator: torch.Generator, *, colour: bool = False) -> Tensor:
    """``count`` pictures of one shape: (B, 1, S, S), bright on dark, or (B, 3, S, S) in random colours; 0 to 1."""
    u = torch.rand(12, count, 1, 1, generator=generator)
    n = 2 * SHAPE_SIDE
    at = (torch.arange(n) + 0.5) / n * 2 - 1
    size, turn = 0.42 + 0.22 * u[0], math.radians(50) * (u[1] - 0.5)
    x = ((at[None, :] - 0.5 * (u[2] - 0.5)) / size).expand(count, n, n)
    y = ((at[:, None] - 0.5 * (u[3] - 0.5)) / size).expand(count, n, n)
    mask = F.avg_pool2d(_inside(name, x * turn.cos() + y * turn.sin(), y * turn.cos() - x * turn.sin()).float()[:, None], 2)
    noise = 0.06 * torch.randn(count, 1, SHAPE_SIDE, SHAPE_SIDE, generator=generator)
    if not colour:
        return (0.1 + (0.55 + 0.35 * u[4][:, None]) * mask + noise).clamp(0, 1)
    ground, ink = 0.45 * u[5:8].transpose(0, 1), 0.5 + 0.5 * u[8:11].transpose(0, 1)
    return (ground * (1 - mask) + ink * mask + noise).clamp(0, 1)


def batch(each: int, classes: Iterable[int], generator: torch.Generator, *, colour: bool = False) -> tuple[Tensor, Tensor]:
    """``each`` pictures of each class: (B, 1 or 3, S, S), class after class, and the class of each (B,)."""
    order = list(classes)
    drawn = torch.cat([pictures_of(SHAPE_NAMES[k], each, generator, colour=colour) for k in order])
    return drawn, torch.tensor(order).repeat_interleave(each)
