"""The card of a selected item: shapes, formulas of its counts, the knobs they depend on, where its code is."""

from __future__ import annotations

import inspect
import math
from functools import lru_cache
from pathlib import Path
from typing import Any

from blocks.analysis import Analysis
from blocks.cost.fields.walk import picture_input
from blocks.language import retell, tr
from blocks.trace.graph import Node, Ref
from blocks.trace.symbolic import plain
from viz.graph.fold import Fold
from viz.graph.formula_lines import formula_lines, knob_sentence
from viz.graph.labels import shape_text
from viz.graph.tree import Item


def item_card(item: Item, fold: Fold, analysis: Analysis, ref: str | None = None, symbolic: Analysis | None = None) -> dict[str, object]:
    """What the viewer shows about ``item``; with ``ref`` ("node.slot") also about that tensor. All values are plain text.

    ``symbolic`` is the same trace with symbols: it gives formulas in letters, and the knobs.
    """
    if symbolic is not None and len(symbolic.graph.nodes) != len(analysis.graph.nodes):
        symbolic = None  # a knob decides which operations run, so the traces do not match
    graph = analysis.graph
    core = max(graph.nodes[item.start : item.stop], key=lambda n: plain(n.macs))
    entering = [graph.nodes[i].outputs[slot] for i, slot in _entering(item, fold)]
    facts = [
        [tr("In"), ", ".join(map(shape_text, entering)) or "–"],
        [tr("Out"), ", ".join(shape_text(s) for s in graph.nodes[item.stop - 1].outputs) or "–"],
        [tr("Operations"), str(item.stop - item.start)],
    ]
    whole = item.stop - item.start
    if graph.nodes[item.start].weights and whole == 1:
        facts.append([tr("Weights"), ", ".join(name.rsplit(".", 1)[-1] for name in core.weights)])
    if not all(n.counted for n in graph.nodes[item.start : item.stop]):
        facts.append([tr("Note"), tr("partly not counted")])
    facts += _unknown_field(item, analysis)
    return {
        "id": item.id,
        "facts": facts,
        "formulas": (formula_lines(item, symbolic) if symbolic else []) + (macs_line(core, analysis) if item.role in ("op", "fused") else []),
        "knobs": knob_sentence(item, symbolic) if symbolic else "",
        "source": _source(item, analysis),
        "field": _field(item, analysis),
        "tensor": _tensor(ref, analysis),
    }


def _entering(item: Item, fold: Fold) -> list[Ref]:
    inside = range(item.start, item.stop)
    refs = (ref for n in fold.graph.nodes[item.start : item.stop] for ref in n.inputs if ref[0] not in inside)
    return list(dict.fromkeys(refs))


def macs_line(node: Node, analysis: Analysis) -> list[str]:
    """The node's MACs as a product of its sizes, checked against the count; [] for operations without a closed form."""
    factors = _factors(node, analysis)
    if not factors or math.prod(value for _, value in factors) != plain(node.macs):
        return []
    return [f"MACs = {' · '.join(name for name, _ in factors)} = {' · '.join(f'{value:,}' for _, value in factors)} = {plain(node.macs):,}"]


def _factors(node: Node, analysis: Analysis) -> list[tuple[str, int]]:
    shape = [plain(s) for s in node.shape]
    source = [plain(s) for s in next((analysis.graph.nodes[i].outputs[slot] for i, slot in node.inputs), ())]
    batch = [("B", shape[0])] if shape and shape[0] > 1 else []
    if node.kind == "convolution" and len(shape) == 4 and len(source) == 4 and "transpose" not in node.op:
        kernel = [plain(k) for k in node.attrs["kernel"]]
        groups = plain(node.attrs["groups"])
        taps = [("k²", kernel[0] ** 2)] if kernel[0] == kernel[1] else [("k_h", kernel[0]), ("k_w", kernel[1])]
        return [*batch, *taps, ("C_in/g" if groups > 1 else "C_in", source[1] // groups), ("C_out", shape[1]), ("H", shape[2]), ("W", shape[3])]
    if node.op == "linear" and source:
        return [*batch, *([("N", math.prod(shape[1:-1]))] if len(shape) > 2 else []), ("D_in", source[-1]), ("D_out", shape[-1])]
    return []


def _source(item: Item, analysis: Analysis) -> str:
    """File and line of the item's code: of the innermost module around it that is not torch's own."""
    calls = analysis.graph.calls
    index = item.call
    while index > 0 and type(calls[index].module).__module__.startswith("torch."):
        index = calls[index].parent
    cls: Any = type(calls[index].module)
    place = _written(cls)
    if place is None:
        return ""
    file, line = place
    said = tr("Written in {module}: {file}, line {line}") if index == item.call else tr("Used in {module}: {file}, line {line}")
    return said.format(module=cls.__name__, file=file, line=line)


@lru_cache(maxsize=1024)
def _written(cls: type) -> tuple[str, int] | None:
    try:
        _, line = inspect.getsourcelines(cls)
        return Path(inspect.getfile(cls)).name, line
    except (OSError, TypeError):
        return None


def _field(item: Item, analysis: Analysis) -> dict[str, object] | None:
    """Both axes' receptive fields with the sizes of feature map and input image; None where either is no image."""
    node = analysis.graph.nodes[item.stop - 1]
    axes = analysis.receptive_fields.get(node.index)
    picture = picture_input(analysis.graph)
    if axes is None or picture is None or len(axes) != 2 or len(node.shape) != 4:
        return None
    # The dimensions that carry rows and columns: the last two, unless the network moved them.
    dims = [a.dim if a.dim is not None else 2 + i for i, a in enumerate(axes)]
    return {
        "axes": [[float(a.size), float(a.stride), float(a.low), a.whole, *[p.tolist() for p in (a.first, a.last) if p is not None]] for a in axes],
        "map": [plain(node.shape[d]) for d in dims],
        "input": list(picture.lengths),
    }


def _unknown_field(item: Item, analysis: Analysis) -> list[list[str]]:
    unknown = analysis.unknown_fields.get(item.stop - 1)
    return [] if unknown is None else [[tr("Receptive field"), retell(unknown.reason)]]


def _tensor(ref: str | None, analysis: Analysis) -> str:
    if not ref:
        return ""
    index, slot = map(int, ref.split("."))
    node = analysis.graph.nodes[index]
    return f"{shape_text(node.outputs[slot])} · {node.dtype}"
