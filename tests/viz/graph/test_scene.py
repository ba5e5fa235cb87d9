"""The picture as shapes."""

from __future__ import annotations

import pytest

from blocks import analyse
from viz.graph.fold import Fold
from viz.graph.scene import Scene, ScenePart, TextShape, scene


def box(part: ScenePart) -> tuple[float, ...]:
    return tuple(map(float, part.data["box"].split()))


def within(inner: tuple[float, ...], outer: tuple[float, ...]) -> bool:
    return (
        outer[0] <= inner[0] and outer[1] <= inner[1] and inner[0] + inner[2] <= outer[0] + outer[2] + 0.2 and inner[1] + inner[3] <= outer[1] + outer[3] + 0.2
    )


@pytest.fixture(scope="module", params=["TB", "LR"])
def drawn(request: pytest.FixtureRequest) -> tuple[Fold, Scene]:
    fold = Fold(analyse("resnet50").graph)
    return fold, scene(fold.folded(fold.preset("block")), fold.graph, request.param)


def test_boxes_lie_in_the_frames_of_their_parents_and_frames_in_the_picture(drawn: tuple[Fold, Scene]) -> None:
    fold, picture = drawn
    frames = {part.data["id"]: box(part) for part in picture.frames}
    for part in [*picture.nodes, *picture.frames]:
        parent = fold.items[part.data["id"]].parent
        around = frames[parent.id] if parent and parent.id in frames else (0.0, 0.0, picture.width, picture.height)
        assert within(box(part), around), part.data["id"]


def test_boxes_do_not_overlap(drawn: tuple[Fold, Scene]) -> None:
    boxes = [box(part) for part in drawn[1].nodes]
    for i, (x, y, w, h) in enumerate(boxes):
        assert not any(x < X + W and x + w > X and y < Y + H and y + h > Y for X, Y, W, H in boxes[:i])


def test_each_tensor_is_labelled_once(drawn: tuple[Fold, Scene]) -> None:
    labelled = [(part.data["from"], part.data["ref"]) for part in drawn[1].edges if any(isinstance(s, TextShape) for s in part.shapes)]
    assert len(labelled) == len(set(labelled))
    assert set(labelled) == {(part.data["from"], part.data["ref"]) for part in drawn[1].edges}


def test_the_widest_edge_has_the_full_width(drawn: tuple[Fold, Scene]) -> None:
    assert max(part.scale for part in drawn[1].edges) == 1.0


def test_another_direction_is_refused() -> None:
    fold = Fold(analyse("basic_block").graph)
    with pytest.raises(ValueError, match="direction = 'up': must be TB or LR"):
        scene(fold.folded(fold.preset("stage")), fold.graph, "up")
