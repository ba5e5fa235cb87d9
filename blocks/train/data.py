"""Small data to train on: handwritten digits that come with a package, shapes drawn here, or a folder of the user's pictures."""

from __future__ import annotations

import math
from pathlib import Path
from typing import NamedTuple

import torch
from torch import Tensor
from torch.nn import functional as F

from blocks.experiments.pictures import SUFFIXES, decode, square
from blocks.extras import missing
from blocks.knobs import KnobError
from blocks.language import translatable
from blocks.weights.bundled import IMAGENET

#: A picture of a folder is kept at this side; training resizes it to the network's.
_KEPT = 64
_SHAPES = ("circle", "square", "triangle", "cross")
_SHAPE_PICTURES = 800
_MOST_PICTURES = 20_000


class Samples(NamedTuple):
    """``pictures`` (N, 3, side, side) from 0 to 1, ``labels`` (N,) as numbers of ``classes``, and what they are called."""

    name: str
    pictures: Tensor
    labels: Tensor
    classes: tuple[str, ...]


def load_samples(given: str) -> Samples:
    """The data that ``given`` names: ``digits`` (scikit-learn's 1,797 handwritten digits of 8 x 8), ``shapes`` (800 pictures drawn here), or a folder with a folder of pictures per class.

    Raises :class:`KnobError` for a folder that is none, has fewer than two classes, a class without pictures, or a file that cannot be decoded.
    """
    if given == "digits":
        return _digits()
    if given == "shapes":
        return _shapes()
    return _folder(Path(given).expanduser())


def split_samples(samples: Samples, test_share: float = 0.2, seed: int = 0) -> tuple[Samples, Samples]:
    """A part to train on and a part to test with, each with the same share of every class; the same for a seed."""
    chosen = torch.zeros(len(samples.labels), dtype=torch.bool)
    random = torch.Generator().manual_seed(seed)
    for label in range(len(samples.classes)):
        places = (samples.labels == label).nonzero().flatten()
        count = max(1, round(len(places) * test_share))
        chosen[places[torch.randperm(len(places), generator=random)[:count]]] = True
    return _part(samples, ~chosen), _part(samples, chosen)


def as_input(pictures: Tensor, side: int) -> Tensor:
    """Pictures (N, 3, H, W) from 0 to 1 as a network reads them: ``side`` x ``side``, on ImageNet's scale, which :mod:`blocks.look` takes for weights of unknown origin."""
    if pictures.shape[-1] != side:
        pictures = F.interpolate(pictures, size=(side, side), mode="bilinear", antialias=True, align_corners=False).clamp(0, 1)
    return IMAGENET.applied(pictures)


def _part(samples: Samples, chosen: Tensor) -> Samples:
    return samples._replace(pictures=samples.pictures[chosen], labels=samples.labels[chosen])


def _digits() -> Samples:
    if lacks := missing("train"):
        raise KnobError("data", "digits", lacks, ["shapes"])
    from sklearn.datasets import load_digits

    held = load_digits()
    pictures = torch.from_numpy(held.images).float()[:, None] / 16
    return Samples("digits", pictures.expand(-1, 3, -1, -1), torch.from_numpy(held.target).long(), tuple(map(str, range(10))))


def _shapes() -> Samples:
    """Grey shapes on noise, of any place, size and turn."""
    random = torch.Generator().manual_seed(0)
    labels = torch.arange(_SHAPE_PICTURES) % len(_SHAPES)
    pictures = torch.stack([_drawn(_SHAPES[label], random) for label in labels.tolist()])
    return Samples("shapes", pictures[:, None].expand(-1, 3, -1, -1), labels, _SHAPES)


def _drawn(shape: str, random: torch.Generator, side: int = 32) -> Tensor:
    """One shape (side, side), with soft edges of a pixel."""
    turn, size, x0, y0, light = (torch.rand(5, generator=random) * torch.tensor([math.pi / 2, 0.25, 0.6, 0.6, 0.5])).tolist()
    steps = (torch.arange(side) + 0.5) / side * 2 - 1
    x, y = steps[None, :] - x0 + 0.3, steps[:, None] - y0 + 0.3
    u, v = x * math.cos(turn) + y * math.sin(turn), y * math.cos(turn) - x * math.sin(turn)
    size += 0.3
    distance = {
        "circle": (u**2 + v**2).sqrt() - size,
        "square": torch.maximum(u.abs(), v.abs()) - 0.85 * size,
        "triangle": torch.maximum(v - 0.6 * size, 0.866 * u.abs() - 0.5 * v - 0.6 * size),
        "cross": torch.maximum(torch.minimum(u.abs(), v.abs()) - 0.28 * size, torch.maximum(u.abs(), v.abs()) - size),
    }[shape]
    inside = (0.5 - distance * side / 2).clamp(0, 1)
    noise = torch.rand(side, side, generator=random) * 0.4
    return noise * (1 - inside) + (0.5 + light) * inside


def _folder(path: Path) -> Samples:
    if not path.is_dir():
        raise KnobError("data", str(path), "is no folder here; digits and shapes come with the program", ["digits"])
    folders = sorted(child for child in path.iterdir() if child.is_dir() and not child.name.startswith("."))
    if len(folders) < 2:
        count = len(folders)
        raise KnobError("data", path.name, translatable(f"holds {count} folders; a folder of pictures per class is needed, at least two"))
    files = [(label, file) for label, folder in enumerate(folders) for file in sorted(folder.iterdir()) if file.suffix.lower().removeprefix(".") in SUFFIXES]
    for label, folder in enumerate(folders):
        if sum(found == label for found, _ in files) < 2:
            kinds = ", ".join(SUFFIXES)
            raise KnobError("data", f"{path.name}/{folder.name}", translatable(f"holds fewer than two pictures ({kinds})"))
    if len(files) > _MOST_PICTURES:
        count, most = len(files), _MOST_PICTURES
        raise KnobError("data", path.name, translatable(f"holds {count} pictures; at most {most} are read"))
    pictures = torch.stack([square(decode(file.read_bytes(), file.name), _KEPT) for _, file in files])
    return Samples(path.name, pictures, torch.tensor([label for label, _ in files]), tuple(folder.name for folder in folders))
