"""Images for experiments: drawn here, or uploaded by the user and decoded defensively.

Nothing is read from or written to disk: an image is a tensor in memory.
"""

from __future__ import annotations

import functools
import io
import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from PIL import Image, ImageOps
from torch import Tensor
from torch.nn import functional as F

from blocks.knobs import KnobError
from blocks.language import translatable

#: Largest file in bytes, largest size in pixels (by the file's header, checked before decoding), and shortest side in pixels.
MAX_BYTES = 8 * 2**20
MAX_PIXELS = 24_000_000
MIN_SIDE = 8
#: Uploaded images are reduced to this many pixels per side.
KEPT_SIDE = 512
FORMATS = ("PNG", "JPEG", "WEBP")
SUFFIXES = ("png", "jpg", "jpeg", "webp")


@dataclass(frozen=True, slots=True, eq=False)
class Picture:
    """An uploaded image: ``pixels`` (3, H, W) between 0 and 1."""

    name: str
    pixels: Tensor


# --- Uploaded images --------------------------------------------------------------------------------


def decode(data: bytes, name: str = "picture") -> Picture:
    """The image in a file's bytes: rotated by its EXIF orientation, on white where transparent, at most ``KEPT_SIDE`` per side.

    Raises :class:`KnobError` for a file that is too large, is of another format, or cannot be decoded to its end.
    """
    if len(data) > MAX_BYTES:
        raise KnobError("picture", name, f"has {len(data) / 2**20:.1f} MB; the limit is {MAX_BYTES // 2**20} MB", [f"{MAX_BYTES // 2**20} MB"])
    try:
        with Image.open(io.BytesIO(data), formats=FORMATS) as image:
            _require_size(image.size, name)
            image.draft("RGB", (KEPT_SIDE, KEPT_SIDE))
            flat = _flat(image)
    except KnobError:
        raise
    except Image.DecompressionBombError:
        raise KnobError("picture", name, f"has more than {MAX_PIXELS // 10**6} million pixels", [f"{MAX_PIXELS // 10**6} million"]) from None
    except Image.UnidentifiedImageError:
        raise KnobError("picture", name, f"is not an image in a supported format: {', '.join(FORMATS)}", [FORMATS[0]]) from None
    except Exception:  # whatever a broken file makes a decoder say
        raise KnobError("picture", name, "cannot be decoded: the file is damaged or incomplete") from None
    pixels = torch.frombuffer(bytearray(flat.tobytes()), dtype=torch.uint8).reshape(flat.height, flat.width, 3)
    return Picture(name, pixels.permute(2, 0, 1).float() / 255)


def _require_size(size: tuple[int, int], name: str) -> None:
    width, height = size
    if width * height > MAX_PIXELS:
        raise KnobError(
            "picture", name, f"has {width} x {height} pixels; at most {MAX_PIXELS // 10**6} million are decoded", [f"{MAX_PIXELS // 10**6} million"]
        )
    if min(size) < MIN_SIDE:
        raise KnobError("picture", name, f"has {width} x {height} pixels; each side needs at least {MIN_SIDE}", [MIN_SIDE])


def _flat(image: Image.Image) -> Image.Image:
    """Three channels of eight bits, small, upright."""
    image.load()
    upright = ImageOps.exif_transpose(image)
    if upright.mode.startswith("I"):  # sixteen bits a channel
        upright = upright.convert("I").point(lambda v: v / 256).convert("L")
    see_through = upright.mode in ("RGBA", "LA", "PA") or "transparency" in upright.info
    upright.thumbnail((KEPT_SIDE, KEPT_SIDE), reducing_gap=2.0)
    if not see_through:
        return upright.convert("RGB")
    upright = upright.convert("RGBA")
    return Image.alpha_composite(Image.new("RGBA", upright.size, "white"), upright).convert("RGB")


# --- Either ----------------------------------------------------------------------------------------


def square(which: str | Picture, side: int) -> Tensor:
    """The central square of an image at ``side`` pixels, (3, side, side) between 0 and 1. ``which`` is a name of :data:`DRAWN_IMAGES` or a :class:`Picture`."""
    if not isinstance(which, Picture):
        if which not in DRAWN_IMAGES:
            raise KnobError("picture", which, f"must be one of {', '.join(DRAWN_IMAGES)}", [next(iter(DRAWN_IMAGES))])
        return drawn(which, side).clone()
    height, width = which.pixels.shape[-2:]
    least = min(height, width)
    top, left = (height - least) // 2, (width - least) // 2
    cut = which.pixels[:, top : top + least, left : left + least]
    return F.interpolate(cut[None], size=(side, side), mode="bilinear", antialias=True, align_corners=False)[0].clamp(0, 1)


def png(pixels: Tensor) -> bytes:
    """``pixels`` (3, H, W), 0 to 1, as a PNG file's bytes."""
    raw = (pixels.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).contiguous().numpy()
    out = io.BytesIO()
    Image.fromarray(raw).save(out, "PNG")
    return out.getvalue()


# --- Drawn here ------------------------------------------------------------------------------------


@functools.lru_cache(maxsize=64)
def drawn(name: str, side: int) -> Tensor:
    """A drawn image, downsampled from twice the size."""
    n = 2 * side
    steps = (torch.arange(n) + 0.5) / n
    return F.avg_pool2d(DRAWN_IMAGES[name](steps[None, :].expand(n, n), steps[:, None].expand(n, n))[None], 2)[0].clamp(0, 1)


def _rgb(colour: str) -> Tensor:
    return torch.tensor([int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]).reshape(3, 1, 1)


def _blend(top: str, bottom: str, share: Tensor) -> Tensor:
    """From one colour to another by ``share``, 0 to 1."""
    return _rgb(top) * (1 - share) + _rgb(bottom) * share


def _put(picture: Tensor, where: Tensor, colour: str | Tensor) -> Tensor:
    """``picture`` with a colour ``where`` the mask holds."""
    return torch.where(where, _rgb(colour) if isinstance(colour, str) else colour, picture)


def _disc(x: Tensor, y: Tensor, cx: float, cy: float, rx: float, ry: float | None = None) -> Tensor:
    return ((x - cx) / rx) ** 2 + ((y - cy) / (ry or rx)) ** 2 < 1


def _triangle(x: Tensor, y: Tensor, *corners: tuple[float, float]) -> Tensor:
    """Inside the triangle, whichever way round its corners go."""
    sides = []
    for (ax, ay), (bx, by) in zip(corners, (*corners[1:], corners[0]), strict=True):
        sides.append((bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0)
    return (sides[0] & sides[1] & sides[2]) | ~(sides[0] | sides[1] | sides[2])


def _boat(x: Tensor, y: Tensor) -> Tensor:
    """A sailing boat before a low sun."""
    picture = _blend("#2B5C9E", "#FFC98A", (y / 0.62).clamp(0, 1) ** 1.4)
    glow = torch.exp(-((x - 0.7) ** 2 + (y - 0.5) ** 2) / 0.02)
    picture = picture + glow * (_rgb("#FFE2A8") - picture) * 0.8
    picture = _put(picture, _disc(x, y, 0.7, 0.5, 0.085), "#FFF3D0")
    ridge = 0.56 + 0.035 * torch.sin(9 * x + 1) + 0.02 * torch.sin(23 * x)
    picture = _put(picture, y > ridge, "#3B4A6B")
    ripples = 0.5 + 0.5 * torch.sin(140 * (y - 0.6) ** 0.8 * (1 + (y - 0.6).clamp(0)) + 5 * torch.sin(14 * x))
    sea = _blend("#D98E62", "#123A5E", ((y - 0.62) / 0.38).clamp(0, 1) ** 0.6) * (0.86 + 0.2 * ripples)
    picture = _put(picture, y > 0.62, sea)
    hull = (y > 0.72) & (y < 0.79) & ((x - 0.36).abs() < 0.21 - (y - 0.72) * 0.9)
    picture = _put(picture, hull, "#7A1F2B")
    picture = _put(picture, hull & (y < 0.735), "#F4E9D8")
    picture = _put(picture, ((x - 0.36).abs() < 0.007) & (y > 0.18) & (y < 0.73), "#3A2A20")
    picture = _put(picture, _triangle(x, y, (0.375, 0.2), (0.375, 0.69), (0.6, 0.69)), "#FAF6EC")
    return _put(picture, _triangle(x, y, (0.345, 0.27), (0.345, 0.69), (0.19, 0.69)), "#E4532F")


def _city(x: Tensor, y: Tensor) -> Tensor:
    """A skyline at night with lit windows."""
    picture = _blend("#0B1238", "#6A3A74", (y / 0.8).clamp(0, 1) ** 1.5)
    for k in range(60):
        sx, sy = math.modf(k * 0.6180339 + 0.13)[0], 0.5 * math.modf(k * 0.7548777 + 0.41)[0]
        picture = _put(picture, _disc(x, y, sx, sy, 0.0035), "#F2F0FF")
    picture = _put(picture, _disc(x, y, 0.78, 0.17, 0.08), "#FBF3D6")
    picture = _put(picture, _disc(x, y, 0.815, 0.15, 0.07), _blend("#0B1238", "#6A3A74", torch.full_like(y, 0.09)))
    towers = (
        (0.02, 0.14, 0.5), (0.13, 0.26, 0.34), (0.25, 0.34, 0.56), (0.33, 0.47, 0.22), (0.46, 0.6, 0.45),
        (0.58, 0.68, 0.3), (0.67, 0.83, 0.52), (0.82, 0.92, 0.38), (0.91, 1.0, 0.58),
    )  # fmt: skip
    for k, (left, right, top) in enumerate(towers):
        body = (x > left) & (x < right) & (y > top)
        picture = _put(picture, body, ("#1B2347", "#232C55", "#151B3A")[k % 3])
        column, row = ((x - left) / 0.028).floor(), ((y - top) / 0.036).floor()
        inside = (((x - left) / 0.028) % 1 - 0.5).abs().lt(0.28) & (((y - top) / 0.036) % 1 - 0.5).abs().lt(0.27)
        lit = ((column * 12.9898 + row * 78.233 + k * 37.7).sin() * 43758.5453).frac().abs() > 0.42
        picture = _put(picture, body & inside & lit & (x > left + 0.012) & (x < right - 0.012) & (y > top + 0.02), "#FFD479")
    return _put(picture, y > 0.95, "#0A0D1F")


def _cat(x: Tensor, y: Tensor) -> Tensor:
    """A ginger cat that looks at you."""
    picture = _blend("#BFE0DA", "#7FB9B4", y) * (1 + 0.05 * torch.sin(40 * (x + y)))
    body = _disc(x, y, 0.5, 1.12, 0.4, 0.42)
    head = _disc(x, y, 0.5, 0.52, 0.32, 0.28)
    for s in (-1, 1):
        picture = _put(picture, _triangle(x, y, (0.5 + s * 0.31, 0.08), (0.5 + s * 0.05, 0.3), (0.5 + s * 0.31, 0.45)), "#D9822B")
        picture = _put(picture, _triangle(x, y, (0.5 + s * 0.285, 0.15), (0.5 + s * 0.12, 0.31), (0.5 + s * 0.28, 0.4)), "#F2B7A0")
    fur = _blend("#EE9C3C", "#D67A22", (0.5 + 0.5 * torch.sin(34 * (x - 0.5).abs() + 22 * y)) ** 6 * ((y < 0.42) | ((x - 0.5).abs() > 0.2)).float())
    picture = _put(picture, body, "#DD8A30")
    picture = _put(picture, _disc(x, y, 0.5, 1.08, 0.2, 0.3), "#FBEFD9")
    picture = _put(picture, head, fur)
    picture = _put(picture, _disc(x, y, 0.43, 0.66, 0.1, 0.085) | _disc(x, y, 0.57, 0.66, 0.1, 0.085), "#FBEFD9")
    for s in (-1, 1):
        picture = _put(picture, _disc(x, y, 0.5 + s * 0.135, 0.49, 0.075, 0.062), "#23301E")
        picture = _put(picture, _disc(x, y, 0.5 + s * 0.135, 0.49, 0.066, 0.054), "#A9C94B")
        picture = _put(picture, _disc(x, y, 0.5 + s * 0.135, 0.49, 0.018, 0.05), "#10140E")
        picture = _put(picture, _disc(x, y, 0.515 + s * 0.135, 0.465, 0.013), "#FFFFFF")
        for k in (-1, 0, 1):
            line = (y - 0.66 - k * 0.035 - k * 0.35 * ((x - 0.5).abs() - 0.12)).abs() < 0.0045
            picture = _put(picture, line & ((x - 0.5) * s > 0.13) & ((x - 0.5) * s < 0.4), "#FFF8EC")
    picture = _put(picture, _triangle(x, y, (0.46, 0.59), (0.54, 0.59), (0.5, 0.635)), "#C4555A")
    smile = ((((x - 0.5).abs() - 0.045) ** 2 + (y - 0.64) ** 2).sqrt() - 0.045).abs() < 0.006
    return _put(picture, smile & (y > 0.645), "#5A3A2A")


def _leaves(x: Tensor, y: Tensor) -> Tensor:
    """Overlapping leaves with veins: fine texture everywhere."""
    picture = _blend("#0E2A20", "#173D2B", y).expand(3, *x.shape)
    colours = ("#1F6B3A", "#3E9A4B", "#7DBB55", "#2C7F5E", "#B9C94F", "#D98B3A")
    for k in range(46):
        cx, cy = math.modf(k * 0.7548777 + 0.05)[0], math.modf(k * 0.5698403 + 0.31)[0]
        angle, long = k * 2.39996, 0.15 + 0.07 * math.modf(k * 0.37)[0]
        u = (x - cx) * math.cos(angle) + (y - cy) * math.sin(angle)
        v = -(x - cx) * math.sin(angle) + (y - cy) * math.cos(angle)
        wide = 0.42 * long * (1 - (u / long) ** 2).clamp(0)
        veins = (((u.abs() * 1.0 - v.abs()) * 70).sin() > 0.82) | (v.abs() < 0.0035)
        shade = _rgb(colours[k % len(colours)]) * (0.82 + 0.35 * (v / (wide + 1e-6)).clamp(-1, 1) * 0.5 + 0.1)
        picture = _put(picture, (v.abs() < wide + 0.006) & (u.abs() < long), "#0B2018")
        inside = (v.abs() < wide) & (u.abs() < long)
        picture = _put(picture, inside, shade)
        picture = _put(picture, inside & veins, shade * 1.25)
    return picture


DRAWN_IMAGES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"boat": _boat, "city": _city, "cat": _cat, "leaves": _leaves}
IMAGE_TITLES = {"boat": translatable("Boat"), "city": translatable("City"), "cat": translatable("Cat"), "leaves": translatable("Leaves")}
