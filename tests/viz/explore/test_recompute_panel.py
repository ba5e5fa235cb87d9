"""The recompute plan on Explore is the library's: offered where a step does not fit, said in a sentence, with code that carries it out."""

from __future__ import annotations

import ast

from blocks import analyse
from blocks.language import speaking
from tests.drawing import said, shown
from viz.explore import recompute_panel
from viz.kit.choice import Choice

CHOICE = Choice("resnet18", batch=16)
MEMORY = 370 * 2**20


def test_the_plan_is_the_librarys() -> None:
    app = shown(recompute_panel.recompute_panel, CHOICE, "sgd", MEMORY)
    assert "more than the device has" in said(app)
    assert not app.code
    app.toggle[0].set_value(True).run()
    analysis = analyse("resnet18", (16, 3, 224, 224), training=True)
    plan = analysis.recompute_plan(MEMORY, "sgd")
    assert recompute_panel.plan_words(plan, analysis.flops) in said(app)
    assert app.code[0].value.strip() == recompute_panel.plan_code(plan).strip()
    (blocks,) = [node.value for node in ast.parse(app.code[0].value).body if isinstance(node, ast.Assign)]
    assert ast.literal_eval(blocks) == list(plan.blocks)


def test_where_it_fits_or_cannot_fit() -> None:
    assert "it fits without recomputing" in said(shown(recompute_panel.recompute_panel, CHOICE, "sgd", 2**34))
    app = shown(recompute_panel.recompute_panel, CHOICE, "sgd", 2**20)
    app.toggle[0].set_value(True).run()
    assert "Recomputing does not suffice: even with all blocks that help, a step needs" in said(app)


def test_it_is_said_in_chinese() -> None:
    plan = analyse("resnet18", (16, 3, 224, 224), training=True).recompute_plan(MEMORY, "sgd")
    with speaking("zh"):
        assert recompute_panel.plan_words(plan, 10**10).startswith(f"对 {len(plan.blocks)} 个模块设置检查点")
