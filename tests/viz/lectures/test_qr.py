"""QR codes against those of the independent package qrcode 8.2, recorded as hashes of their modules."""

from __future__ import annotations

import hashlib

import pytest

from viz.lectures.qr import qr_modules, qr_svg


@pytest.mark.parametrize(
    ("text", "mask", "side", "digest"),
    [
        ("h", 0, 21, "1391567a70f54312"),
        ("http://192.0.2.7:8501/lectures?lecture=resnet&step=3", 3, 33, "444f4f4a22efd9f9"),
        ("x" * 150, 5, 49, "e17150c4a4f75f54"),
        ("x" * 213, 7, 57, "a67e7f68b8b6bc32"),
    ],
)
def test_the_modules_are_those_of_another_encoder(text: str, mask: int, side: int, digest: str) -> None:
    rows = ["".join("01"[on] for on in row) for row in qr_modules(text, mask)]
    assert len(rows) == side
    assert hashlib.sha256("\n".join(rows).encode()).hexdigest().startswith(digest)


def test_without_a_mask_the_one_with_the_lowest_penalty_is_taken() -> None:
    assert qr_modules("abc") in [qr_modules("abc", mask) for mask in range(8)]


def test_the_image_has_its_quiet_zone_and_black_on_white() -> None:
    svg = qr_svg("abc")
    assert 'viewBox="0 0 29 29"' in svg
    assert 'fill="#fff"' in svg


def test_a_text_that_is_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="214 bytes"):
        qr_modules("x" * 214)
