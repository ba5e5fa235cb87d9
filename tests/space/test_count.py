"""Counting many variants: every figure against a trace of its own and against torch, errors said, leaks found."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest
import torch
from counting import macs, params

from blocks import analyse, catalog
from blocks.space import count as module
from blocks.space.count import Counts, NetworkVariant, Setup, count_variants
from blocks.space.structure import COUNTED_FIGURES, Structure, figures_of
from blocks.workers.control import Cancelled


@pytest.fixture(autouse=True)
def _nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_structures", {})
    monkeypatch.setattr(module, "_plain_knobs", {})


def traced(setup: Setup, variant: NetworkVariant) -> tuple[int, ...]:
    settings = catalog.settings(setup.name, **variant.knobs)
    return figures_of(analyse(setup.name, setup.shape(settings, variant.side), dtype=setup.dtype, training=setup.training, **variant.knobs))


def agree(setup: Setup, variants: list[NetworkVariant], counts: Counts, sample: int, seed: int = 0) -> None:
    for i in random.Random(seed).sample(range(len(variants)), sample):
        if i not in counts.errors:
            assert tuple(counts.figures[i]) == traced(setup, variants[i]), variants[i]


def test_many_variants_of_mobilenet_v2_by_few_structures_each_as_its_own_trace_says() -> None:
    r = random.Random(3)
    variants = [
        NetworkVariant({"width_mult": r.uniform(0.3, 1.7), "expansion": r.choice([1.0, 2.5, 6.0]), "kernel_size": r.choice([3, 5])}, r.randrange(97, 290, 7))
        for _ in range(300)
    ]
    setup = Setup("mobilenet_v2", batch=2)
    counts = count_variants(setup, variants)
    assert counts.done == 300
    assert not counts.errors
    assert counts.structures + counts.traces < 60
    agree(setup, variants, counts, 25)


def test_figures_agree_with_torch_itself() -> None:
    variants = [
        NetworkVariant({"width_mult": w, "se_ratio": s}, side) for w, s, side in ((0.5, 4, 96), (0.75, 4, 128), (1.3, 8, 160), (0.9, 4, 224), (1.1, 8, 64))
    ]
    counts = count_variants(Setup("mobilenet_v2"), variants)
    for row, v in zip(counts.figures, variants, strict=True):
        with torch.device("meta"):
            net = catalog.build("mobilenet_v2", **v.knobs)
        assert row[0] == params(net)
        assert row[1] == macs(net, 1, 3, v.side or 0, v.side or 0)


@pytest.mark.parametrize(("name", "knobs", "sides"), [
    ("resnet18", {"width_mult": [0.5, 0.75, 1.0, 1.5], "depths": [(1, 2, 1, 3), (2, 2, 2, 2)], "se_ratio": [0, 8]}, [65, 96, 130]),
    ("vit_ti_16", {"mlp_ratio": [1.0, 2.0, 3.5, 4.0], "heads": [1, 2, 3], "image_size": [64, 96, 224]}, [None]),
    ("shufflenet_v1_g3_x0_5", {"groups": [1, 2, 3, 4]}, [64, 96, 200]),
    ("densenet121", {"growth_rate": [8, 12, 20], "compression": [0.5, 0.75]}, [64]),
    ("efficientnet_b0", {"width_mult": [0.7, 1.0, 1.3], "depth_mult": [1.0, 1.05, 1.4], "expansion": [2.0, 4.0]}, [64, 70]),
    ("condensenet86_cifar", {"groups": [2, 4, 8]}, [32]),
])  # fmt: skip
def test_every_variant_of_a_grid_is_as_its_own_trace_says(name: str, knobs: dict[str, list[Any]], sides: list[int | None]) -> None:
    known = {k.name for k in catalog.knobs(name)}
    r = random.Random(5)
    variants = [NetworkVariant({k: r.choice(values) for k, values in knobs.items() if k in known}, r.choice(sides)) for _ in range(14)]
    setup = Setup(name)
    counts = count_variants(setup, variants)
    assert len(counts.errors) < len(variants), counts.errors
    agree(setup, variants, counts, 14)


@pytest.mark.parametrize("training", [False, True])
def test_memory_and_bytes_follow_type_and_mode(training: bool) -> None:
    variants = [NetworkVariant({"width_mult": w}, side) for w in (0.5, 0.8, 1.25) for side in (96, 111, 160)]
    setup = Setup("mobilenet_v2", dtype="bfloat16", training=training, batch=3)
    counts = count_variants(setup, variants)
    agree(setup, variants, counts, 9)
    inference = count_variants(Setup("mobilenet_v2", dtype="bfloat16", batch=3), variants).figures[:, COUNTED_FIGURES.index("peak_memory")]
    assert (counts.figures[:, COUNTED_FIGURES.index("peak_memory")] > inference).all() == training


def test_a_knob_that_turns_into_a_plain_number_is_found_and_counted_right() -> None:
    # The repeats of EfficientNet lose their symbol on the way; here the rule that depths have no symbols is switched off.
    variants = [NetworkVariant({"depth_mult": d, "width_mult": w}) for d in (1.0, 2.0, 3.0) for w in (0.5, 1.0, 1.5)]
    follows, module._follows = module._follows, lambda knob: knob.kind in ("int", "float")
    try:
        counts = count_variants(Setup("efficientnet_b0"), variants)
    finally:
        module._follows = follows
    assert "depth_mult" in module._plain_knobs["efficientnet_b0"]
    agree(Setup("efficientnet_b0"), variants, counts, 9)


def test_variants_that_break_a_rule_get_a_sentence_and_the_rest_is_counted() -> None:
    variants = [NetworkVariant({"groups": g}) for g in (1, 2, 3, 4, 5, 8)] + [
        NetworkVariant({"width_mult": 1e9}),
        NetworkVariant({"nonsense": 1}),
        NetworkVariant({}, 3),
    ]
    counts = count_variants(Setup("resnet18"), variants)
    assert counts.done == len(variants)
    assert "must divide" in counts.errors[4]
    assert "must lie between" in counts.errors[6]
    assert "no such knob" in counts.errors[7]
    fine = counts.frame()
    assert list(fine.columns) == list(COUNTED_FIGURES)
    assert set(fine.index) | set(counts.errors) == set(range(len(variants)))
    assert set(fine.index) & set(counts.errors) == set()
    agree(Setup("resnet18"), variants, counts, len(variants))


def test_progress_is_told_and_a_cancelled_count_ends() -> None:
    variants = [NetworkVariant({"width_mult": 0.5 + i / 100}, 64) for i in range(40)]
    told: list[int] = []
    count_variants(Setup("mobilenet_v2"), variants, told.append)
    assert told == sorted(told)
    assert told[-1] == 40

    def stop(_done: int) -> None:
        raise Cancelled

    with pytest.raises(Cancelled):
        count_variants(Setup("mobilenet_v2"), variants, stop)


def test_a_second_count_uses_the_structures_of_the_first() -> None:
    variants = [NetworkVariant({"width_mult": 0.5 + i / 100}, 64) for i in range(30)]
    first = count_variants(Setup("mobilenet_v2"), variants)
    second = count_variants(Setup("mobilenet_v2"), variants)
    assert first.structures > 0
    assert second.structures == 0
    assert np.array_equal(first.figures, second.figures)


def test_the_analysis_at_a_variant_is_that_variants_trace() -> None:
    structure = Structure("mobilenet_v2", catalog.settings("mobilenet_v2"), (1, 3, 64, 64), "float32", False)
    settings = catalog.settings("mobilenet_v2", width_mult=0.75, num_classes=11)
    here, there = structure.analysis_at(settings, (1, 3, 96, 96)), analyse("mobilenet_v2", (1, 3, 96, 96), width_mult=0.75, num_classes=11)
    assert here is not None
    assert figures_of(here) == figures_of(there)
    assert [dict(n.attrs) for n in here.graph.nodes] == [dict(n.attrs) for n in there.graph.nodes]
    assert structure.analysis_at({**settings, "expansion": 1.0}, (1, 3, 96, 96)) is None
    assert [(n.op, n.outputs, n.macs, n.flops, n.reads, n.writes, n.params) for n in here.graph.nodes] == [
        (n.op, n.outputs, n.macs, n.flops, n.reads, n.writes, n.params) for n in there.graph.nodes
    ]


@pytest.mark.parametrize("turned", [False, True])
def test_a_variant_that_a_blocks_own_range_refuses_is_refused_and_no_other(turned: bool) -> None:
    groups = (1, 4, 16, 48, 96, 128, 192)[:: -1 if turned else 1]
    variants = [NetworkVariant({"groups": g, "width_per_group": w}) for g in groups for w in (4, 64, 128)]  # c_mid = 8 g w in the last stage, 16,384 at most
    counts = count_variants(Setup("resnet50"), variants)
    refused = {i for i, v in enumerate(variants) if 8 * v.knobs["groups"] * v.knobs["width_per_group"] > 16384}
    assert 0 < len(refused) < len(variants) / 2
    assert set(counts.errors) == refused
    assert all("must lie between 1 and 16384" in said for said in counts.errors.values())
    agree(Setup("resnet50"), variants, counts, 5)
