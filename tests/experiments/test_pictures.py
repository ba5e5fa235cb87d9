"""Pictures: hostile files are sentences, honest ones survive, the drawn ones are the same at every size."""

from __future__ import annotations

import io
import struct
import zlib

import pytest
import torch
from PIL import Image

from blocks.experiments import pictures
from blocks.experiments.pictures import DRAWN_IMAGES, MAX_BYTES, decode, drawn, png, square
from blocks.knobs import KnobError


def saved(image: Image.Image, form: str = "PNG", **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_that_says(width: int, height: int, data: bytes = b"") -> bytes:
    """A PNG whose header names any size, with whatever compressed data."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(data)) + chunk(b"IEND", b"")


RED_OVER_BLUE = Image.new("RGB", (40, 20))
RED_OVER_BLUE.paste((200, 10, 20), (0, 0, 40, 10))
RED_OVER_BLUE.paste((10, 20, 200), (0, 10, 40, 20))


# --- Hostile -------------------------------------------------------------------------------------

GOOD = saved(RED_OVER_BLUE)
HOSTILE = {
    "empty": (b"", "is not an image"),
    "text": (b"<html>not a picture</html>" * 50, "is not an image"),
    "gif": (saved(RED_OVER_BLUE, "GIF"), "is not an image"),
    "tiff": (saved(RED_OVER_BLUE, "TIFF"), "is not an image"),
    "bmp": (saved(RED_OVER_BLUE, "BMP"), "is not an image"),
    "postscript": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n" * 9, "is not an image"),
    "svg": (b"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>", "is not an image"),
    "large file": (b"\x89PNG" + b"\0" * MAX_BYTES, "the limit is 8 MB"),
    "too many pixels": (png_that_says(6000, 5000), "6000 x 5000"),
    "bomb": (png_that_says(30_000, 30_000, b"\0" * 10**6), "million"),
    "absurd": (png_that_says(2**31 - 1, 2**31 - 1), "million"),
    "truncated png": (GOOD[: len(GOOD) // 2], "damaged or incomplete"),
    "truncated jpeg": (saved(drawn_image := Image.effect_noise((99, 77), 60).convert("RGB"), "JPEG")[:1500], "damaged or incomplete"),
    "truncated webp": (saved(drawn_image, "WEBP")[:900], "damaged or incomplete"),
    "no data": (png_that_says(50, 40), "damaged or incomplete"),
    "flipped bits": (GOOD[:45] + bytes(255 - b for b in GOOD[45:70]) + GOOD[70:], "damaged or incomplete"),
    "sliver": (saved(Image.new("RGB", (900, 3))), "each side needs at least 8"),
    "no width": (png_that_says(0, 9), "picture"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_file_is_a_sentence(case: str) -> None:
    data, said = HOSTILE[case]
    with pytest.raises(KnobError, match=said) as caught:
        decode(data, "holiday.png")
    assert str(caught.value).startswith("picture = 'holiday.png'")


def test_pixels_are_counted_before_any_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_self: Image.Image) -> None:
        raise AssertionError("decoded")

    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", load)
    with pytest.raises(KnobError, match="at most 24 million"):
        decode(png_that_says(5000, 5000))


def test_a_text_bomb_inside_a_picture_is_a_sentence() -> None:
    bomb = chunk(b"zTXt", b"k\0\0" + zlib.compress(b"x" * 5_000_000, 9))
    data = GOOD[:33] + bomb + GOOD[33:]
    assert len(data) < MAX_BYTES
    with pytest.raises(KnobError, match="damaged or incomplete"):
        decode(data)


@pytest.mark.parametrize("seed", range(4))
def test_random_damage_never_escapes(seed: int) -> None:
    rng = torch.Generator().manual_seed(seed)
    for form in ("PNG", "JPEG", "WEBP"):
        whole = bytearray(saved(drawn_image, form))
        for _ in range(25):
            broken = bytearray(whole)
            for at in torch.randint(0, len(whole), (9,), generator=rng).tolist():
                broken[at] = int(torch.randint(0, 256, (), generator=rng))
            try:
                assert decode(bytes(broken)).pixels.shape[0] == 3
            except KnobError:
                pass


# --- Honest --------------------------------------------------------------------------------------


def test_colours_and_rows_come_through() -> None:
    pixels = decode(GOOD, "flag").pixels
    assert pixels.shape == (3, 20, 40)
    assert (pixels[:, 3, 5] * 255).round().tolist() == [200, 10, 20]
    assert (pixels[:, 16, 30] * 255).round().tolist() == [10, 20, 200]


def test_a_camera_held_upright_is_turned() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera's right-hand side was up
    turned = decode(saved(RED_OVER_BLUE, "PNG", exif=exif)).pixels
    assert turned.shape == (3, 40, 20)
    assert turned[0, 20, 17] > 0.7 > turned[0, 20, 2]


@pytest.mark.parametrize("mode", ["L", "LA", "RGBA", "P", "1", "CMYK", "I;16"])
def test_every_mode_becomes_three_channels(mode: str) -> None:
    form = "JPEG" if mode == "CMYK" else "PNG"
    image = Image.new("I;16", (24, 16), 40_000) if mode == "I;16" else RED_OVER_BLUE.convert(mode)
    pixels = decode(saved(image, form)).pixels
    assert pixels.shape[0] == 3
    assert 0 <= float(pixels.min()) <= float(pixels.max()) <= 1
    if mode == "I;16":
        assert pixels.mean().item() == pytest.approx(40_000 / 65_536, abs=0.01)


def test_transparent_is_white() -> None:
    assert decode(saved(Image.new("RGBA", (16, 16), (0, 0, 0, 0)))).pixels.min() == 1


def test_a_large_picture_is_kept_small() -> None:
    assert decode(saved(Image.new("RGB", (1600, 900), "teal"), "JPEG")).pixels.shape == (3, 288, 512)


def test_square_cuts_the_middle() -> None:
    wide = torch.zeros(3, 10, 30)
    wide[:, :, 10:20] = 1
    assert square(pictures.Picture("wide", wide), 10).min() == 1
    tall = pictures.Picture("tall", wide.transpose(1, 2))
    assert square(tall, 5).shape == (3, 5, 5)


# --- Drawn ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", DRAWN_IMAGES)
def test_a_drawn_picture_scales(name: str) -> None:
    small, large = drawn(name, 24), drawn(name, 96)
    assert small.shape == (3, 24, 24)
    assert 0 <= float(large.min()) < float(large.max()) <= 1
    assert (torch.nn.functional.avg_pool2d(large[None], 4)[0] - small).abs().mean() < 0.05


def test_drawn_pictures_differ_and_are_nobody_elses_to_change() -> None:
    squares = [square(name, 16) for name in DRAWN_IMAGES]
    assert min(float((a - b).abs().mean()) for i, a in enumerate(squares) for b in squares[:i]) > 0.05
    square("cat", 16).zero_()
    assert square("cat", 16).sum() > 0
    with pytest.raises(KnobError, match="must be one of"):
        square("dog", 16)


def test_png_is_its_own_inverse_to_a_level() -> None:
    pixels = square("leaves", 32)
    assert (decode(png(pixels)).pixels - pixels).abs().max() <= 0.5 / 255 + 1e-6
