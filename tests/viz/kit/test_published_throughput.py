"""Published throughput in words: the best of each card, at the preset's own picture size."""

from __future__ import annotations

from blocks import reference
from viz.kit.published_throughput import throughputs


def test_the_best_of_each_card_at_the_presets_own_size() -> None:
    lines = [line for line, _ in throughputs("resnet50")]
    table = reference.throughput("resnet50")
    best = table[(table["image_size"] == 224) & table["setup"].str.contains("5090")]["images_per_second"].max()
    assert lines[0] == f"RTX 5090: {best:,.0f} images/s at 224 px".replace(",", " ")
    assert len({line.split(":")[0] for line in lines}) == len(lines) == 4
    assert all("224 px" in line for line in lines), "the table has other sizes, and faster"
    assert table["images_per_second"].max() > best


def test_processors_and_what_nobody_published_are_left_out() -> None:
    assert all("Core" not in line for line, _ in throughputs("resnet18"))
    assert throughputs("bottleneck") == []
