"""Questions of the literature, each as a ready comparison. What they answer is computed on the page, not written here."""

from __future__ import annotations

from typing import Any, NamedTuple

from blocks.language import translatable
from viz.kit.choice import Choice
from viz.kit.links import Link, Variant, compare_link


class Example(NamedTuple):
    """A question with the link that answers it."""

    title: str
    question: str
    link: Link


def _example(title: str, question: str, *variants: tuple[str, str, dict[str, Any]]) -> Example:
    return Example(title, question, compare_link([Variant(Choice(name, knobs), label) for label, name, knobs in variants]))


EXAMPLES: tuple[Example, ...] = (
    _example(
        translatable("Standard or separable?"),
        translatable("MobileNet v1: what does splitting a convolution into depthwise and pointwise save?"),
        ("standard", "mobilenet_v1_standard", {}),
        ("separable", "mobilenet_v1", {}),
    ),
    _example(
        translatable("One layer, split"),
        translatable("The same question for one layer: the ratio 1/N + 1/D_K² from the two formulas."),
        ("standard", "standard_convolution", {"norm": False}),
        ("separable", "depthwise_separable", {"norm": False}),
    ),
    _example(
        translatable("Which r for SE?"),
        translatable("Squeeze-and-excitation with r = 4, 8, 16, 32 in ResNet-50: parameters fall with 1/r, MACs hardly move."),
        *((f"r = {r}", "resnet50", {"se_ratio": r}) for r in (4, 8, 16, 32)),
    ),
    _example(
        translatable("Does SE pay?"),
        translatable("ResNet-50 with and without squeeze-and-excitation: the difference is the SE modules and nothing else."),
        ("plain", "resnet50", {}),
        ("with SE", "seresnet50", {}),
    ),
    _example(
        translatable("Depth, width, cardinality or aggregation?"),
        translatable("Four answers to where parameters should go: depth, width, cardinality, one-shot aggregation."),
        ("ResNet-50", "resnet50", {}),
        ("WRN-50-2", "wide_resnet50_2", {}),
        ("ResNeXt-50", "resnext50_32x4d", {}),
        ("VoVNet-39", "vovnet39", {}),
    ),
    _example(
        translatable("Three forms of ResNeXt"),
        translatable("One block written as 32 paths, as an early concatenation and as a grouped convolution: equal counts, different graphs."),
        ("paths", "resnext_paths", {}),
        ("concatenated", "resnext_concatenated", {}),
        ("grouped", "resnext_grouped", {}),
    ),
)
