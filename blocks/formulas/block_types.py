"""A model's formulas by type of block: each block of the trace, the formula that counts it, and where in the network it stands."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import pandas as pd

from blocks.formulas.formula import Formula, FormulaError
from blocks.trace.rules.registry import show
from blocks.trace.symbolic import plain

if TYPE_CHECKING:
    from blocks.analysis import Analysis


@dataclass
class Variant:
    """One formula of a block type: its conditions hold for the rows that use it."""

    analysis: Analysis
    formulas: dict[str, Formula] = field(default_factory=dict)

    def formula(self, of: str) -> Formula:
        """The formula of "params", "macs" or "flops"."""
        if of not in self.formulas:
            self.formulas[of] = self.analysis.formula(of)
        return self.formulas[of]

    def gives(self, values: Mapping[str, Any], counts: Mapping[str, int]) -> bool:
        """Whether the formulas hold at ``values`` (by argument name) and give these counts there."""
        if self.analysis.symbols is None:
            return False
        at, memo = self.analysis.symbols.substituted(values), {}  # type: ignore[var-annotated]
        return all(self.formula(of).value_at(at, memo) == count for of, count in counts.items())


@dataclass
class BlockType:
    """All blocks of one catalog name inside a model."""

    name: str
    variants: list[Variant]
    rows: list[dict[str, Any]]

    @property
    def table(self) -> pd.DataFrame:
        """A row a run of equal blocks: where, how often, its knobs that differ, its input, and its counts (each of the ×N together)."""
        frame = pd.DataFrame(self.rows)
        knobs = [c for c in frame.columns if c not in _FIXED and frame[c].nunique(dropna=False) > 1]
        return frame[["where", "count", *knobs, "input", "params", "macs", "flops", "formula"]]


_FIXED = ("where", "count", "input", "params", "macs", "flops", "formula")


def block_types(analysis: Analysis) -> list[BlockType]:
    """The block types of a traced model, costliest first; every row's counts are those of the trace, checked against its formula."""
    found: dict[str, BlockType] = {}
    numbers: dict[Any, int] = {}  # of blocks that are equal in all that a formula sees
    for name, knobs, shape, path, counts in blocks_in(analysis):
        kind = found.setdefault(name, BlockType(name, [], []))
        same = (name, tuple(knobs.values()), shape, tuple(counts.values()))
        if same not in numbers:
            numbers[same] = _variant(kind, name, knobs, shape, counts, analysis)
        number = numbers[same]
        last = kind.rows[-1] if kind.rows else None
        row = {**knobs, "input": show(shape), "formula": number}
        if last is not None and all(last.get(k) == v for k, v in row.items()):
            last["count"] += 1
            last["where"] = f"{last['where'].split(' … ')[0]} … {path}"
            for of, value in counts.items():
                last[of] += value
        else:
            kind.rows.append({"where": path, "count": 1, **row, **counts})
    return sorted(found.values(), key=lambda k: -sum(r["macs"] for r in k.rows))


def blocks_in(analysis: Analysis) -> list[tuple[str, dict[str, Any], tuple[int, ...], str, dict[str, int]]]:
    """(name, knobs, input shape, path, counts) of each outermost catalog block of the trace; counts are of that one call."""
    from blocks import catalog

    names = catalog.blocks_by_class()
    calls = analysis.graph.calls
    owner: list[int] = []  # the block's call that each call belongs to, -1 outside
    chosen: dict[int, dict[str, int]] = {}
    for call in calls:
        above = owner[call.parent] if call.parent >= 0 else -1
        if above < 0 and call.parent >= 0 and type(call.module) in names and call.input_shape is not None and hasattr(call.module, "knob_values"):
            above = call.index
            chosen[above] = {"params": sum(plain(p.numel()) for p in call.module.parameters()), "macs": 0, "flops": 0}
        owner.append(above)
    for node in analysis.graph.nodes:
        if node.scope >= 0 and owner[node.scope] >= 0:
            chosen[owner[node.scope]]["macs"] += plain(node.macs)
            chosen[owner[node.scope]]["flops"] += plain(node.flops)
    return [
        (
            names[type(calls[i].module)],
            {k: plain(v) for k, v in calls[i].module.knob_values.items()},
            tuple(map(plain, calls[i].input_shape or ())),
            calls[i].label,
            counts,
        )
        for i, counts in chosen.items()
    ]


def _variant(kind: BlockType, name: str, knobs: dict[str, Any], shape: tuple[int, ...], counts: dict[str, int], whole: Analysis) -> int:
    """Number (from 1) of the variant whose formulas give these counts; one derived before where there is one, else derived anew."""
    numeric = {k: v for k, v in knobs.items() if isinstance(v, (int, float)) and not isinstance(v, bool)}
    for i, variant in enumerate(kind.variants):
        if _gives(variant, knobs, numeric, shape, counts):
            return i + 1
    recent = _derived.setdefault((name, whole.dtype, whole.training), deque(maxlen=_MOST))
    variant = next((v for v in list(recent) if _gives(v, knobs, numeric, shape, counts)), None) or _derive(name, knobs, shape, whole, recent)
    kind.variants.append(variant)
    return len(kind.variants)


#: Variants derived lately, by block, type and mode: a formula serves the next network too, where its conditions hold and its count agrees.
_derived: dict[tuple[str, str, bool], deque[Variant]] = {}
_MOST = 12


def _derive(name: str, knobs: dict[str, Any], shape: tuple[int, ...], whole: Analysis, recent: deque[Variant]) -> Variant:
    from blocks.analysis import analyse

    variant = Variant(analyse(name, shape, dtype=whole.dtype, training=whole.training, symbolic=True, **knobs))
    recent.appendleft(variant)
    return variant


def _gives(variant: Variant, knobs: dict[str, Any], numeric: dict[str, Any], shape: tuple[int, ...], counts: dict[str, int]) -> bool:
    given = variant.analysis.knobs or {}
    if any(given[k] != v for k, v in knobs.items() if k not in numeric) or len(shape) != len(variant.analysis.input_shape):
        return False
    return variant.gives({**numeric, **_sizes(variant, shape)}, counts)


def _sizes(variant: Variant, shape: tuple[int, ...]) -> dict[str, int]:
    symbols = variant.analysis.symbols
    if symbols is None:
        return {}
    arguments = {argument for argument, _ in symbols.arguments.values()}
    places = {"batch": 0, "height": -2, "width": -1, "tokens": 1, "frames": 2}
    return {a: shape[i] for a, i in places.items() if a in arguments and a not in symbols.knobs}


__all__ = ["BlockType", "FormulaError", "Variant", "block_types"]
