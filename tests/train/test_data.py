"""Data to train on: what it holds, its parts, and folders that do not do."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image

from blocks.knobs import KnobError
from blocks.train.data import as_input, load_samples, split_samples


@pytest.mark.parametrize(("given", "count", "side", "classes"), [("digits", 1797, 8, 10), ("shapes", 800, 32, 4)])
def test_what_comes_with_the_program(given: str, count: int, side: int, classes: int) -> None:
    samples = load_samples(given)
    assert samples.pictures.shape == (count, 3, side, side)
    assert samples.pictures.min() >= 0
    assert samples.pictures.max() <= 1.05
    assert sorted(samples.labels.unique().tolist()) == list(range(classes)) == list(range(len(samples.classes)))
    assert torch.equal(load_samples(given).pictures, samples.pictures)


def test_the_parts_share_no_picture_and_each_class_alike() -> None:
    samples = load_samples("shapes")
    train, test = split_samples(samples)
    assert len(train.labels) + len(test.labels) == len(samples.labels)
    assert torch.bincount(test.labels).tolist() == [40] * 4
    assert torch.equal(split_samples(samples)[1].labels, test.labels)
    assert not torch.equal(split_samples(samples, seed=1)[1].pictures, test.pictures)
    known = {picture.numpy().tobytes() for picture in train.pictures}
    assert not any(picture.numpy().tobytes() in known for picture in test.pictures)


def test_an_input_is_resized_and_on_imagenets_scale() -> None:
    grey = torch.full((2, 3, 8, 8), 0.5)
    given = as_input(grey, 24)
    assert given.shape == (2, 3, 24, 24)
    assert given[0, :, 0, 0].tolist() == pytest.approx([(0.5 - 0.485) / 0.229, (0.5 - 0.456) / 0.224, (0.5 - 0.406) / 0.225], rel=1e-4)


def picture(path: Path, colour: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (20, 12), colour).save(path)


def test_a_folder_of_ones_own(tmp_path: Path) -> None:
    for i in range(3):
        picture(tmp_path / "red" / f"{i}.png", "red")
        picture(tmp_path / "blue" / f"{i}.jpg", "blue")
    samples = load_samples(str(tmp_path))
    assert samples.classes == ("blue", "red")
    assert samples.labels.tolist() == [0, 0, 0, 1, 1, 1]
    assert samples.pictures.shape == (6, 3, 64, 64)
    assert samples.pictures[5, 0].mean() > 0.9


def test_folders_that_do_not_do_are_sentences(tmp_path: Path) -> None:
    with pytest.raises(KnobError, match="is no folder here"):
        load_samples(str(tmp_path / "none"))
    with pytest.raises(KnobError, match="holds 0 folders"):
        load_samples(str(tmp_path))
    picture(tmp_path / "a" / "1.png", "red")
    picture(tmp_path / "a" / "2.png", "red")
    picture(tmp_path / "b" / "1.png", "red")
    with pytest.raises(KnobError, match="fewer than two pictures"):
        load_samples(str(tmp_path))
    (tmp_path / "b" / "2.png").write_bytes(b"no picture")
    with pytest.raises(KnobError, match=r"2\.png"):
        load_samples(str(tmp_path))
