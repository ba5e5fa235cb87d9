"""The pictures that come with the program."""

from __future__ import annotations

import pytest
import torch

from blocks.knobs import KnobError
from blocks.look import samples


@pytest.mark.parametrize("name", samples.sample_names())
def test_each_picture_is_there_and_square(name: str) -> None:
    pixels = samples.sample_pixels(name, 96)
    assert pixels.shape == (3, 96, 96)
    assert 0 <= float(pixels.min()) < float(pixels.max()) <= 1
    assert samples.sample_title(name)


def test_every_photograph_names_author_licence_and_source() -> None:
    assert len(samples.PHOTOGRAPHS) >= 6
    for photo in samples.PHOTOGRAPHS.values():
        assert all(photo)


def test_two_photographs_are_of_one_object_from_two_sides() -> None:
    left, right = (samples.sample_pixels(f"motorcycle_{side}", 64) for side in ("left", "right"))
    assert 0.01 < float((left - right).abs().mean()) < 0.2


def test_the_dot_is_one_pixel() -> None:
    assert int((samples.sample_pixels("dot", 33) > 0).sum()) == 3  # in three colours


def test_the_checkerboard_repeats_every_second_square() -> None:
    board = samples.sample_pixels("checkerboard", 64)[0]
    assert torch.equal(board[:, :48], board[:, 16:])
    assert not torch.equal(board[:, :56], board[:, 8:])


def test_gratings_have_the_frequencies_that_they_say() -> None:
    row = samples.sample_pixels("gratings", 256)[0][10]  # the upper band has vertical stripes
    strongest = [int(torch.fft.rfft(part - part.mean()).abs().argmax()) for part in (row[:128], row[128:])]
    assert strongest == [6, 14]  # 12 and 28 over the whole width


def test_another_name_is_refused() -> None:
    with pytest.raises(KnobError, match="must be one of cat"):
        samples.photograph("dog")
