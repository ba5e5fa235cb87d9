"""What a looking process does: it runs a network on a picture, and answers what a page asks of any operation inside."""

from __future__ import annotations

import base64
import json
import math
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor

from blocks.cost.receptive_field import Field
from blocks.experiments.pictures import png
from blocks.knobs import KnobError
from blocks.language import translatable
from blocks.look import maps
from blocks.look.acting import acting_pixels, acting_region
from blocks.look.answer import ClassScore
from blocks.look.attention import PatchGrid, looked_at
from blocks.look.explain import Explanation
from blocks.look.gates import gate_values
from blocks.look.kernels import weight_view
from blocks.look.seen_network import SeenNetwork, SwitchedOff
from blocks.look.swaps import replacements
from blocks.look.what_if import WhatIf, what_if_of
from blocks.look.why import WAYS
from blocks.trace.errors import TraceError
from blocks.trace.graph import Node
from blocks.workers.control import JobControl

KEPT_NETWORKS = 2
MOST_TERMS = 60  # of a number that are sent; the others are summed up
SHARE_OF_ACTING = 0.95  # of a number's gradient, that a contour on the picture holds
FULL_SIDE = 112  # pixels per side up to which a chosen channel's values are sent as they are


class LookingHandler:
    """The handler of the looking process (:class:`blocks.workers.serve.Handler`). Kinds of jobs: "run", "node", "number", "acting", "attention", "gates", "why" and "weights"."""

    niceness = 2

    def __init__(self) -> None:
        self._kept: OrderedDict[str, SeenNetwork] = OrderedDict()
        self._untouched: tuple[object, list[ClassScore]] = (None, [])  # of the last network, picture and number of classes
        self._changed: tuple[object, SeenNetwork] | None = None

    def run(self, kind: str, payload: dict[str, Any], control: JobControl) -> dict[str, object]:
        """The result of one question as plain values."""
        own, picture, what = self._network(payload), base64.b64decode(payload["picture"]), what_if_of(payload.get("what", {}))
        off = SwitchedOff(
            {int(node): numbers for node, numbers in payload.get("off", {}).items()}, what.activations, replacements(own.analysis.graph, what.swapped)
        )
        seen = self._with_changes(own, what)
        if kind == "weights":
            return _weights(seen, payload)
        inputs = seen.input_of(picture, what)
        if kind == "run":
            untouched = [] if off.change() is None and what.is_nothing else self._answer_without(own, picture, payload["most"])
            return _whole_run(seen, inputs, off, untouched, payload, control)
        if kind == "node":
            return _node(seen, inputs, off, payload)
        if kind == "number":
            return _number(seen, inputs, off, payload)
        if kind == "acting":
            return _acting(seen, inputs, off, payload)
        if kind == "attention":
            return _attention(seen, inputs, off, payload)
        if kind == "gates":
            beside = seen.input_of(base64.b64decode(payload["beside"]), what) if payload["beside"] else None
            return {"own": _gates(seen, inputs, off, payload), "beside": None if beside is None else _gates(seen, beside, off, payload)}
        return _why(seen, inputs, payload, control)

    def _with_changes(self, own: SeenNetwork, what: WhatIf) -> SeenNetwork:
        """``own`` with the weights of ``what``; the last such network is kept."""
        key = (own, what.weights, what.per_channel, what.pruned)
        if self._changed is None or self._changed[0] != key:
            self._changed = (key, own.changed(what))
        return self._changed[1]

    def _answer_without(self, own: SeenNetwork, picture: bytes, most: int) -> list[ClassScore]:
        """The answer of the network as it is to the picture as it is; kept, because a user changes one thing after the other."""
        key = (own, picture, most)
        if self._untouched[0] != key:
            with torch.no_grad():
                self._untouched = (key, own.answer(own.network(own.input_of(picture)), most))
        return self._untouched[1]

    def describe(self, error: Exception) -> str:
        """The sentence for what a job raised."""
        return str(error) if isinstance(error, (KnobError, TraceError)) else f"{type(error).__name__}: {error}"

    def clean_up(self) -> None:
        """Nothing to undo."""

    def _network(self, payload: Mapping[str, Any]) -> SeenNetwork:
        key = json.dumps([payload["network"], payload["knobs"], payload["shape"], payload["weights"]], sort_keys=True)
        if key not in self._kept:
            while len(self._kept) >= KEPT_NETWORKS:
                self._kept.popitem(last=False)
            knobs = {name: tuple(value) if isinstance(value, list) else value for name, value in payload["knobs"].items()}
            self._kept[key] = SeenNetwork(payload["network"], knobs, payload["weights"], payload["shape"])
        self._kept.move_to_end(key)
        return self._kept[key]


def _whole_run(
    seen: SeenNetwork, inputs: Tensor, off: SwitchedOff, untouched: Sequence[ClassScore], payload: Mapping[str, Any], control: JobControl
) -> dict[str, object]:
    """The answer beside that of the untouched network, and a thumbnail of every operation."""
    total = len(seen.analysis.graph.nodes)

    def note(node: Node, given: Tensor) -> dict[str, object]:
        control.check()
        if control.due():
            control.report(share=node.index / total)
        thumb = maps.thumbnail(given)
        return {"thumb": thumb if isinstance(thumb, list) else vars(thumb)}

    run = seen.run(inputs, note, off)
    shown = {index: found for index, found in run.notes.items() if found is not None}
    answer = [asdict(score) for score in seen.answer(run.output, payload["most"])]
    kind, reason = type(run.error).__name__, str(run.error)
    error = translatable(f"The run ended early: {kind}: {reason}") if run.error else ""
    return {
        "operations": shown,
        "answer": answer,
        "untouched": [asdict(score) for score in untouched if answer],
        "error": error,
        "trained": seen.trained,
        "tensors": seen.total,
    }


def _node(seen: SeenNetwork, inputs: Tensor, off: SwitchedOff, payload: Mapping[str, Any]) -> dict[str, object]:
    """The wall of one operation, its histogram, and the values of one channel."""
    with torch.no_grad():
        given = seen.given(inputs, payload["node"], off)
    order = payload["order"]
    channels = maps.as_channels(given)
    chosen = min(payload["channel"], len(channels) - 1)
    edges, counts = maps.histogram(given)
    return {
        "count": len(channels),
        "size": list(channels.shape[1:]),
        "wall": [asdict(c) for c in maps.wall(given, order)],
        "statistics": maps.statistics(given)._asdict(),
        "edges": edges,
        "counts": counts,
        "channel": asdict(maps.wall(given, "channel", chosen, 1)[0]),
        "chosen": asdict(maps.grey_map(channels[chosen], FULL_SIDE)),
    }


def _number(seen: SeenNetwork, inputs: Tensor, off: SwitchedOff, payload: Mapping[str, Any]) -> dict[str, object]:
    """How one number comes about, and what of the picture it can see."""
    node = seen.analysis.graph.nodes[payload["node"]]
    position = place_of(node, inputs, payload["channel"], payload["row"], payload["column"])
    chain = [_said(seen, index, found) for index, found in seen.chain(inputs, node.index, position, off)]
    fields = seen.analysis.receptive_fields.get(node.index)
    return {"position": list(position), "chain": chain, "field": _field(fields, position, seen.shape) if fields else None}


def place_of(node: Node, inputs: Tensor, channel: int, row: int, column: int) -> tuple[int, ...]:
    """The position in the tensor of what :func:`blocks.look.maps.as_channels` shows at ``row`` and ``column`` of ``channel``.

    Raises :class:`KnobError` where there is none.
    """
    shape = node.shape or tuple(inputs.shape)
    numbers = torch.arange(int(torch.Size(shape).numel()), dtype=torch.float64).reshape(shape)
    channels = maps.as_channels(numbers)
    if not (0 <= channel < channels.shape[0] and 0 <= row < channels.shape[1] and 0 <= column < channels.shape[2]):
        last = tuple(size - 1 for size in channels.shape)
        raise KnobError("position", (channel, row, column), f"must lie in {'x'.join(map(str, channels.shape))} (channel, row, column)", [last])
    return tuple(int(i) for i in torch.unravel_index(channels[channel, row, column].long(), shape))


def _said(seen: SeenNetwork, index: int, found: Explanation) -> dict[str, object]:
    largest = sorted(found.terms, key=lambda term: -abs(term.product))
    shown = largest[:MOST_TERMS]
    node = seen.analysis.graph.nodes[index]
    return {
        "node": index,
        "operation": found.operation,
        "kind": node.kind,
        "position": list(found.position),
        "value": found.value,
        "way": found.way,
        "offset": found.offset,
        "total": found.total,
        "count": len(found.terms),
        "terms": [{"operand": t.operand, "position": list(t.position), "value": t.value, "factor": t.factor, "product": t.product} for t in shown],
        "rest": sum(t.product for t in largest[MOST_TERMS:]),
        "patch": _patch(found),
    }


def _patch(found: Explanation) -> dict[str, object] | None:
    """Of a sum over an area: the channel that adds most, as rows of values and factors; None where the terms have no area."""
    terms = [t for t in found.terms if t.operand == 0 and len(t.position) == 4]
    if found.way != "sum" or len(terms) < 2:
        return None
    weight: dict[int, float] = {}
    for term in terms:
        weight[term.position[1]] = weight.get(term.position[1], 0.0) + abs(term.product)
    channel = max(weight, key=lambda c: weight[c])
    own = {t.position[2:]: t for t in terms if t.position[1] == channel}
    rows, columns = sorted({p[0] for p in own}), sorted({p[1] for p in own})
    if len(own) < 2 or len(rows) * len(columns) > 400:
        return None
    at = [[own.get((r, c)) for c in columns] for r in rows]
    return {
        "channel": channel,
        "rows": rows,
        "columns": columns,
        "values": [[None if t is None else t.value for t in row] for row in at],
        "factors": [[None if t is None else t.factor for t in row] for row in at],
        "sum": sum(t.product for t in own.values()),
    }


def _field(fields: tuple[Field, ...], position: tuple[int, ...], shape: tuple[int, ...]) -> list[int] | None:
    """First row, last row, first column, last column of the picture that the position can see."""
    if len(fields) != 2:
        return None
    edges = [edge for field, length in zip(fields, shape[2:], strict=True) for edge in field.seen(position[field.dim] if field.dim is not None else 0, length)]
    return [int(edge) for edge in edges]


def _acting(seen: SeenNetwork, inputs: Tensor, off: SwitchedOff, payload: Mapping[str, Any]) -> dict[str, object]:
    """Which pixels act on one number, and where most of them lie."""
    node = seen.analysis.graph.nodes[payload["node"]]
    position = place_of(node, inputs, payload["channel"], payload["row"], payload["column"])
    weight = acting_pixels(seen, inputs, node.index, position, off)
    found = acting_region(weight, SHARE_OF_ACTING)
    return {
        "map": asdict(maps.grey_map(weight, FULL_SIDE)),
        "cells": ["".join("1" if cell else "0" for cell in row) for row in found.cells.tolist()],
        "rows": list(found.rows),
        "columns": list(found.columns),
        "pixels": found.pixels,
        "box": None if found.box is None else list(found.box),
    }


def _attention(seen: SeenNetwork, inputs: Tensor, off: SwitchedOff, payload: Mapping[str, Any]) -> dict[str, object]:
    """Where the heads of an attention operation look from one token, and how far the heads of it and of the operations before look on average."""
    place = payload["query"]
    found = looked_at(seen, inputs, payload["node"], None if place is None else (place[0], place[1]), off)
    grid, distances = found.grid, found.distances.tolist()
    reached = [[None if math.isnan(d) else d for d in row] for row in distances]
    heads = [_looks(grid, row, found.query) | {"distance": distance} for row, distance in zip(found.heads, reached[-1], strict=False)]
    return {
        "size": [grid.rows, grid.columns],
        "first": grid.first,
        "query": grid.place(found.query),
        "heads": heads,
        "rollout": _looks(grid, found.rollout, found.query),
        "layers": list(found.layers),
        "distances": reached,
    }


def _looks(grid: PatchGrid, row: Tensor, query: int) -> dict[str, object]:
    """A row of weights over tokens: the other patches as a map, and the one of them that gets most; what the class token and the asking patch get stands apart."""
    patches, place = grid.on_grid(row).clone(), grid.place(query)
    own = None if place is None else float(patches[place])
    if place is not None:
        patches[place] = -1
    most = int(patches.argmax())
    if place is not None:
        patches[place] = patches.max()  # in a rollout it gets so much that nothing else would be seen
    share = float(patches.max())
    return {
        "map": asdict(maps.grey_map(patches, FULL_SIDE)),
        "class": float(row[: grid.first].sum()),
        "own": own,
        "most": list(divmod(most, grid.columns)),
        "share": share,
    }


def _gates(seen: SeenNetwork, inputs: Tensor, off: SwitchedOff, payload: Mapping[str, Any]) -> dict[str, list[float]]:
    """The squeezed numbers and the gates of one picture."""
    found = gate_values(seen, inputs, payload["node"], off)
    return {"squeezed": found.squeezed.tolist(), "gates": found.gates.tolist()}


def _why(seen: SeenNetwork, inputs: Tensor, payload: Mapping[str, Any], control: JobControl) -> dict[str, object]:
    """One of :data:`blocks.look.why.WAYS` for one class."""

    def tick(share: float) -> None:
        control.check()
        if control.due():
            control.report(share=share)

    return {"map": asdict(maps.grey_map(WAYS[payload["way"]](seen, inputs, payload["label"], tick), FULL_SIDE))}


def _weights(seen: SeenNetwork, payload: Mapping[str, Any]) -> dict[str, object]:
    """Kernels, histogram and singular values of one operation's weights."""
    found = weight_view(seen, payload["node"])
    mosaic = base64.b64encode(png(found.mosaic)).decode() if found.mosaic is not None else ""
    return {"name": found.name, "shape": list(found.shape), "mosaic": mosaic, "edges": found.edges, "counts": found.counts, "singular": found.singular}
