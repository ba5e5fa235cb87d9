"""The views of a step that read counts, as the tables and marks that they make."""

from __future__ import annotations

import pandas as pd
import pytest
import streamlit as st

from blocks import analyse
from blocks.knobs import KnobError
from viz.kit.screen import Screen
from viz.lectures import views

SCREEN = Screen("s")


def test_marks_are_the_operations_below_a_module() -> None:
    analysis = analyse("resnet18")
    stem, both = views.highlighted(analysis, "stem"), views.highlighted(analysis, "stem, stages")
    assert stem < both
    assert views.highlighted(analysis, "nowhere") == frozenset()


def test_a_table_has_figures_and_their_change_to_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    lines: list[str] = []
    monkeypatch.setattr(st, "markdown", lines.append)
    views.figures_markdown({"names": "resnet18; bottleneck", "columns": "params, output, accuracy", "change": "yes"}, SCREEN)
    head, _, first, second = lines[0].split("\n")
    assert head.count("|") == 5
    assert "×" not in first.split("|")[2]
    assert "1 × 1000" in first
    assert f":gray[×{analyse('bottleneck').params / analyse('resnet18').params:.3g}]" in second
    assert second.split("|")[4].strip() == "–"


def test_accuracies_of_different_training_are_said_to_be_so() -> None:
    said = views.recipes_note(["resnet50", "mobilenet_v1", "resnet18", "bottleneck"])
    assert "torchvision V1: resnet50, resnet18; timm ra4_e3600_r224_in1k: mobilenet_v1" in said
    assert views.recipes_note(["resnet50", "resnet18"]) == views.recipes_note(["bottleneck"]) == ""


def test_code_is_a_class_a_method_or_a_part_of_the_library() -> None:
    assert views.shown_code({"name": "shake_block", "symbol": "blocks.layers.shake.ShakeFunction"}).__name__ == "ShakeFunction"
    assert views.shown_code({"name": "bottleneck", "method": "forward"}).__name__ == "forward"
    for wrong in ({"symbol": "os.path.join"}, {"symbol": "blocks.layers.shake.Nothing"}, {"method": "nothing"}):
        with pytest.raises(KnobError):
            views.shown_code({"name": "shake_block", **wrong})


def test_the_leading_metric_is_top_1_or_the_first() -> None:
    frame = pd.DataFrame({"metric": ["acc@5", "acc@1"], "value": [90.0, 70.0]})
    assert list(views._leading(frame)["value"]) == [70.0]
    assert list(views._leading(frame[:1])["value"]) == [90.0]
    assert views._leading(frame[:0]).empty


def test_throughput_has_the_two_fastest_set_ups_of_each_network() -> None:
    frame = pd.DataFrame({"network": ["a", "a", "b", "a"], "images_per_second": [1.0, 3.0, 5.0, 2.0], "setup": ["x", "y", "z", "w"]})
    lines = views._throughput_lines(frame)[2:]
    assert [(line.split("|")[1].strip(), line.split("|")[2].strip()) for line in lines] == [("b", "5"), ("a", "3"), ("a", "2")]
