"""The fold tree: repeats, fused convolutions, operations."""

from __future__ import annotations

from blocks import analyse
from viz.graph.fold import Fold
from viz.graph.tree import fold_tree


def test_repeats_fold_and_open_to_n() -> None:
    fold = Fold(analyse("resnet18").graph)
    repeat = next(item for item in fold.items.values() if item.role == "repeat" and item.id.startswith("stages.0"))
    assert len(repeat.children) == 2
    closed, _ = fold.visible({"stages.0"})
    opened_up, _ = fold.visible({"stages.0", repeat.id})
    assert len(opened_up) == len(closed) + 1


def test_norm_and_activation_are_fused_at_block_level_and_apart_at_operation_level() -> None:
    analysis = analyse("resnet18")
    fold = Fold(analysis.graph)
    block, _ = fold.visible(fold.preset("block"))
    operation, _ = fold.visible(fold.preset("operation"))
    assert any(item.role == "fused" for item in block)
    assert all(item.stop - item.start == 1 for item in operation)
    assert len(operation) == len(analysis.graph.nodes)


def test_children_cover_their_parent_in_order() -> None:
    root = fold_tree(analyse("googlenet").graph)
    for item in root.walk():
        if item.children:
            assert [item.start, *(child.stop for child in item.children)] == [*(child.start for child in item.children), item.stop]
            assert all(child.parent is item for child in item.children)


def test_ids_are_unique_and_name_modules() -> None:
    ids = [item.id for item in fold_tree(analyse("resnet50").graph).walk()]
    assert len(ids) == len(set(ids))
    assert {"", "stem", "stages.0", "stages.3.0"} <= set(ids)


def test_few_equal_branches_are_drawn_side_by_side_and_many_are_folded() -> None:
    for cardinality, repeats in ((3, 0), (7, 1)):
        fold = Fold(analyse("resnext_concatenated", cardinality=cardinality).graph)
        assert sum(item.role == "repeat" for item in fold.items.values()) == repeats
