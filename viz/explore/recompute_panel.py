"""Which blocks to run again in the backward pass so that a training step fits into a device's memory: the plan in a sentence, and its blocks."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import streamlit as st

from blocks.cost.recompute import RecomputePlan
from blocks.knobs import KnobError
from blocks.language import tr
from viz.kit.choice import Choice, analysed
from viz.kit.numbers import memory, short

_ON_KEY = "explore_recompute"


def recompute_panel(choice: Choice, optimizer: str, size: int) -> None:
    """For a step of ``choice`` that needs more than ``size`` bytes the blocks to checkpoint, where the reader asks for them."""
    step = replace(choice, training=True)
    needed = analysed(step).training_memory(optimizer).peak
    if needed <= size:
        st.markdown(tr("At batch {n} a step needs {needed}: it fits without recomputing.", n=choice.batch, needed=memory(needed)))
        return
    st.markdown(tr("At batch {n} a step needs {needed}, more than the device has.", n=choice.batch, needed=memory(needed)))
    wanted = st.toggle(
        tr("Recompute blocks so that it fits"),
        key=_ON_KEY,
        help=tr("A checkpointed block keeps its inputs alone; its forward pass runs again when the backward pass reaches it."),
    )
    if not wanted:
        return
    try:
        with st.spinner(tr("Looking for blocks …")):
            plan = _planned(step, optimizer, size)
    except KnobError as error:
        st.markdown(tr("Recomputing does not suffice: even with all blocks that help, a step needs {least}.", least=memory(error.nearest[0])))
        return
    st.markdown(plan_words(plan, analysed(step).flops))
    st.code(plan_code(plan), language="python", wrap_lines=True)


@lru_cache(maxsize=64)
def _planned(choice: Choice, optimizer: str, size: int) -> RecomputePlan:
    return analysed(choice).recompute_plan(size, optimizer)


def plan_words(plan: RecomputePlan, forward: int) -> str:
    """The plan in a sentence; ``forward`` is the FLOPs of the forward pass."""
    return tr(
        "With {n} blocks checkpointed a step needs {peak} and keeps {saved} for the backward pass, for {flops} more FLOPs ({share} of a forward pass).",
        n=len(plan.blocks), peak=memory(plan.peak, 4), saved=memory(plan.saved, 4), flops=short(plan.extra_flops), share=f"{plan.extra_flops / forward:.0%}",
    )  # fmt: skip


def plan_code(plan: RecomputePlan) -> str:
    """How a training loop carries it out."""
    blocks = "".join(f'    "{path}",\n' for path in plan.blocks)
    return f"from blocks.cost.recompute import checkpointed\n\nBLOCKS = [\n{blocks}]\nwith checkpointed(net, BLOCKS):\n    ...  # train\n"
