"""The export of the shown network: a file a format, made when asked for and checked against the network, or why there is none."""

from __future__ import annotations

from functools import lru_cache

import streamlit as st
import torch

from blocks import catalog
from blocks.export import NETWORK_FORMATS, Export, export
from blocks.language import tr, translatable
from viz.kit.choice import Choice
from viz.kit.markdown import without_links
from viz.kit.numbers import memory
from viz.kit.saving import save_button

_ABOUT = {
    "torch.export": translatable("A graph of torch operations with its weights; `torch.export.load` reads it without this library."),
    "ONNX": translatable("The format that other runtimes read (ONNX Runtime, TensorRT, OpenVINO)."),
}


def export_panel(choice: Choice) -> None:
    """One column a format: a button that makes the file, then the file and how far its outputs are from the network's."""
    st.caption(tr("In eval mode, float32, for an input of {shape}; weights as initialised here, from seed 0.", shape=" × ".join(map(str, choice.shape))))
    for column, kind in zip(st.columns(len(NETWORK_FORMATS)), NETWORK_FORMATS, strict=True):
        with column:
            st.markdown(f"**{kind}**")
            st.caption(tr(_ABOUT[kind]))
            _one(choice, kind)


def _one(choice: Choice, kind: str) -> None:
    asked = f"export:{kind}:{choice.key}"
    if not st.session_state.get(asked):
        st.session_state[asked] = st.button(
            tr("Make the {suffix} file", suffix=NETWORK_FORMATS[kind].suffix), key=f"export-{kind}", icon=":material/deployed_code:", width="stretch"
        )
        if not st.session_state[asked]:
            return
    with st.spinner(tr("Exporting and comparing the outputs ...")):
        made = _made(choice.name, tuple(sorted(choice.knobs.items())), choice.shape, kind)
    if made.problem:
        st.warning(without_links(made.problem), icon=":material/block:")
        return
    label = tr("Download {size}", size=memory(len(made.data)))
    save_button(label, made.data, of=choice, what="", suffix=made.suffix, key=f"export-file-{kind}", width="stretch")
    st.caption(_compared(made))


def _compared(made: Export) -> str:
    if made.difference is None:
        return tr("Not run here: comparing an ONNX file needs onnxruntime (`pip install onnxruntime`).")
    if made.difference == 0:
        return tr(":material/check: Run again from the file, it gives exactly the network's outputs.")
    return ":material/check: " + tr(
        "Run again from the file: the largest difference from the network's outputs is {difference}.", difference=f"{made.difference:.1e}"
    )


@lru_cache(maxsize=4)
def _made(name: str, knobs: tuple[tuple[str, object], ...], shape: tuple[int, ...], kind: str) -> Export:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = catalog.build(name, **dict(knobs))
    return export(network, shape, kind)
