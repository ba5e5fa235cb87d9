"""One symbolic trace for many variants, against a trace of each."""

from __future__ import annotations

import numpy as np

from blocks import analyse, catalog
from blocks.space.structure import COUNTED_FIGURES, Structure, figures_of


def test_figures_of_other_variants_are_those_of_their_own_traces() -> None:
    settings = catalog.settings("mobilenet_v2")
    structure = Structure("mobilenet_v2", settings, (1, 3, 96, 96), "float32", False)
    variants = [settings | {"width_mult": w, "expansion": t} for w, t in ((0.5, 6.0), (1.0, 4.0), (1.4, 3.0))]
    shapes = [(1, 3, 96, 96), (1, 3, 128, 128), (1, 3, 160, 160)]
    values = structure.values(variants, shapes)
    inside = structure.hold(values, 3)
    table, fine = structure.figures(values, 3)
    assert (inside & fine).any()
    for i in np.flatnonzero(inside & fine):
        knobs = {k: variants[i][k] for k in ("width_mult", "expansion")}
        traced = analyse("mobilenet_v2", shapes[i], **knobs)
        assert tuple(table[i]) == figures_of(traced)
        again = structure.analysis_at(variants[i], shapes[i])
        assert again is not None
        assert figures_of(again) == figures_of(traced)
    assert structure.own == figures_of(analyse("mobilenet_v2", (1, 3, 96, 96)))
    assert len(COUNTED_FIGURES) == table.shape[1]


def test_an_inputs_size_that_shares_its_name_with_a_knob_keeps_its_place() -> None:
    settings = catalog.settings("patch_embedding", width=96)
    shape = catalog.input_shape("patch_embedding")
    structure = Structure("patch_embedding", settings, shape, "float32", False)
    table, fine = structure.figures(structure.values([settings], [shape]), 1)
    assert fine.all()
    assert tuple(table[0]) == figures_of(analyse("patch_embedding", shape, width=96))
