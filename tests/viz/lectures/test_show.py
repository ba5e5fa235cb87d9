"""How much of the window a picture gets."""

from __future__ import annotations

from pathlib import Path

import pytest

from viz.kit.screen import Screen
from viz.lectures.show import _for_part
from viz.lectures.source import parse

FRONT = "---\ntitle: T\nfamily: resnet\norder: 7\nbuilds_on:\nsummary: S.\n---\n## Step\n"
GRAPH, CHART = "```graph\nname: resnet50\n```\n", "```chart\nnames: resnet50\nof: macs\n```\n"


@pytest.mark.parametrize(
    ("body", "fills"),
    [
        (f"Text\n\n|||\n\n{GRAPH}", True),
        (f"Text\n\n|||\n\n{CHART}", True),
        (f"{GRAPH}\n|||\n\n{CHART}", False),
        (f"Text\n\n{GRAPH}", False),
        (f"Text\n\n|||\n\n{GRAPH}\n===\n\nMore", False),
    ],
)
def test_a_picture_alone_beside_the_text_takes_the_windows_height(body: str, fills: bool) -> None:
    step = parse(FRONT + body, Path("en/t.md")).steps[0]
    picture = next(part for part in step.parts() if not hasattr(part, "text"))
    shown = _for_part(picture, step, Screen("s", height=500, large=True))
    assert (shown.fills, shown.height > 500) == (fills, fills)
    assert not _for_part(picture, step, Screen("s", height=500)).fills
