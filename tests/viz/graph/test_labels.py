"""Texts of boxes."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from blocks import analyse
from viz.graph.fold import Fold
from viz.graph.labels import box_label, class_title, convolution_name, full_title, heading, kind_names, operation_title, path_text, shape_text


@pytest.mark.parametrize(("shape", "text"), [((1, 64, 56, 56), "64×56×56"), ((2, 197, 768), "197×768"), ((7, 1000), "1000"), ((5,), "5"), ((), "scalar")])
def test_shapes_are_written_without_the_batch(shape: tuple[int, ...], text: str) -> None:
    assert shape_text(shape) == text


@pytest.mark.parametrize(
    ("op", "title"), [("relu_", "ReLU"), ("adaptive_avg_pool2d", "Average pool"), ("cat", "Concat"), ("some_new_op", "Some new op"), ("__iadd__", "Add")]
)
def test_operations_have_their_usual_names(op: str, title: str) -> None:
    assert operation_title(op) == title


def test_convolutions_say_kernel_stride_and_groups() -> None:
    names = {convolution_name(n) for n in analyse("mobilenet_v2").graph.nodes if n.kind == "convolution"}
    assert {"Conv 3×3 /2", "Conv 1×1", "Depthwise 3×3", "Depthwise 3×3 /2"} <= names
    dilated = analyse(nn.Sequential(nn.Conv2d(6, 4, 3, dilation=2, groups=2)), (1, 6, 9, 9)).graph.nodes[1]
    assert convolution_name(dilated) == "Conv 3×3 dilated 2"


def test_boxes_of_each_role() -> None:
    analysis = analyse("resnet50")
    fold = Fold(analysis.graph)
    labels = {item.id: box_label(item, analysis.graph) for item in fold.items.values()}
    assert labels["stages.0"].title == "Bottleneck ×3"
    fused = labels["stages.0.0.body.0"]
    assert (fused.title, fused.detail, fused.kind) == ("Conv 1×1", "64 · BN · ReLU", "convolution")
    assert {labels[item.id].title for item in fold.items.values() if item.role == "op" and labels[item.id].shape == "circle"} == {"+"}
    repeat = next(item for item in fold.items.values() if item.role == "repeat")
    assert labels[repeat.id].title.endswith(f"×{len(repeat.children)}")
    assert heading(repeat, analysis.graph) == labels[repeat.id].title


@pytest.mark.parametrize(("name", "title"), [("_DenseBlock", "Dense Block"), ("A" * 30, "A" * 30)])
def test_class_names_are_spaced_where_short(name: str, title: str) -> None:
    assert class_title(name) == title


def test_paths_begin_with_a_name() -> None:
    assert path_text("/input") == "input"


def test_the_sign_of_a_circle_follows_the_operation() -> None:
    class Signs(nn.Module):
        def forward(self, x: torch.Tensor, y: torch.Tensor) -> torch.Tensor:
            return ((x - y) + (x * y)) / y

    graph = analyse(Signs(), ((1, 3), (1, 3))).graph
    items = [item for item in Fold(graph).items.values() if item.role == "op" and box_label(item, graph).shape == "circle"]
    assert [(box_label(i, graph).title, full_title(i, graph)) for i in items] == [("−", "Subtract"), ("×", "Multiply"), ("+", "Add"), ("÷", "Divide")]
    assert kind_names(graph.nodes) == {"add": "add", "multiply": "multiply"}
    assert kind_names(n for n in graph.nodes if n.op == "sub") == {"add": "subtract"}
