"""Patches: ViT's terms in closed form against the trace, and where attention takes the lead."""

from __future__ import annotations

import pytest

from blocks.experiments.base import RunProgress
from blocks.experiments.patches import WIDTH, run, terms_of


@pytest.mark.parametrize(("side", "patch_size"), [(224, 16), (64, 32), (160, 8)])
def test_the_terms_add_up_to_the_trace(side: int, patch_size: int) -> None:
    found = run(RunProgress(), side=side, patch_size=patch_size)
    assert found.verdict.holds
    assert found.tokens == (side // patch_size) ** 2 + 1
    assert sum(found.terms.values()) == found.macs


def test_attention_leads_from_four_times_the_width() -> None:
    def lead(side: int) -> str:
        terms = terms_of(side, 8)
        return max(terms, key=lambda name: terms[name])

    assert lead(440) == "perceptron"  # 3026 tokens
    assert lead(448) == "attention"  # 3137 tokens, more than 4 · 768
    assert (440 // 8) ** 2 + 1 < 4 * WIDTH < (448 // 8) ** 2 + 1
