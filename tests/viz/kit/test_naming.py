"""What downloads are called."""

from __future__ import annotations

import re

import pytest

from blocks.language import speaking
from viz.kit.choice import Choice
from viz.kit.naming import dated, file_name, file_stem, of_title, today

TURNED = Choice("resnet50", {"groups": 32})


@pytest.mark.parametrize(
    ("of", "said"),
    [
        (TURNED, "resnet50, groups 32"),
        (Choice("resnet50", batch=8, dtype="float16", training=True), "resnet50, batch 8, float16, training"),
        ([TURNED], "resnet50, groups 32"),
        ([Choice("resnet18"), TURNED], "resnet18 and resnet50, groups 32"),
        ([Choice("resnet50"), *(Choice(f"vgg{n}") for n in (11, 13, 16, 19))], "resnet50 and 4 more"),
        (["a", "a", "b", "a"], "a and b"),
        ("61 published networks", "61 published networks"),
        ([], ""),
    ],
)
def test_networks_are_named_with_their_knobs_and_a_long_list_is_counted(of: object, said: str) -> None:
    assert of_title(of) == said  # type: ignore[arg-type]


def test_the_day_is_iso_8601() -> None:
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", today())
    assert dated(TURNED) == f"resnet50, groups 32 · {today()}"


def test_a_file_is_named_in_english_after_network_content_and_day() -> None:
    with speaking("zh"):
        assert file_stem(TURNED, "layers") == f"resnet50_groups_32-layers-{today()}"
    assert file_stem("分类器", "x") == f"network-x-{today()}"
    assert len(file_stem("n" * 5000, "w" * 5000)) < 160


@pytest.mark.parametrize(
    ("name", "harmless"), [("resnet50", "resnet50"), ("../../etc/passwd", "etc_passwd"), ("a b<c>", "a_b_c"), ("...", "network"), ("", "network")]
)
def test_file_names_are_harmless(name: str, harmless: str) -> None:
    assert file_name(name) == harmless
