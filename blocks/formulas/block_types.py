"""The formulas of a model by type of block: each catalog block of the trace, the formula that counts it, and where it stands."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from blocks.formulas.formula import Formula
from blocks.formulas.symbols import size_places
from blocks.formulas.traced import Analyse, Traced
from blocks.trace.rules.registry import show_shape
from blocks.trace.symbolic import Condition, plain
from blocks.trace.terms import Known


@dataclass
class FormulaVariant:
    """The formulas of a block type under one set of conditions; ``traced`` is the block's own symbolic trace."""

    traced: Traced
    formulas: dict[str, Formula] = field(default_factory=dict)
    _conditions: dict[tuple[str, ...], tuple[Condition, ...]] = field(default_factory=dict)

    def formula(self, of: str) -> Formula:
        """The formula of "params", "macs" or "flops"."""
        if of not in self.formulas:
            self.formulas[of] = self.traced.formula(of)
        return self.formulas[of]

    def counts_as(self, block: BlockCall) -> bool:
        """Whether the formulas hold at the block's knobs and input, and give its counts there."""
        symbols = self.traced.symbols
        derived_at = self.traced.knobs or {}
        if symbols is None or len(block.input_shape) != len(self.traced.input_shape):
            return False
        numeric = block.numeric_knobs
        if any(derived_at[k] != v for k, v in block.knobs.items() if k not in numeric):
            return False
        arguments = {argument for argument, _ in symbols.arguments.values()}
        places = size_places(len(block.input_shape))
        sizes = {name: block.input_shape[place] for name, place in places.items() if name in arguments and name not in symbols.knobs}
        at = symbols.substituted({**numeric, **sizes})
        known: Known = {}
        # The values are asked first: they mostly differ, and the conditions take longer.
        return all(self.formula(of).gives(count, at, known) for of, count in block.counts.items()) and all(
            condition.holds(at, known) for condition in self.conditions(tuple(block.counts))
        )

    def conditions(self, counted: tuple[str, ...]) -> tuple[Condition, ...]:
        """Where the formulas of all that is ``counted`` hold, each comparison once."""
        if counted not in self._conditions:
            self._conditions[counted] = tuple(dict.fromkeys(c for of in counted for c in self.formula(of).raw_conditions))
        return self._conditions[counted]


@dataclass(frozen=True, slots=True)
class BlockCall:
    """One call of a catalog block inside a trace; ``counts`` are the parameters, MACs and FLOPs of that call."""

    name: str
    knobs: dict[str, object]
    input_shape: tuple[int, ...]
    path: str
    counts: dict[str, int]

    @property
    def numeric_knobs(self) -> dict[str, int | float]:
        """The knobs that a formula has symbols for."""
        return {k: v for k, v in self.knobs.items() if isinstance(v, (int, float)) and not isinstance(v, bool)}


@dataclass
class BlockType:
    """All blocks of one catalog name inside a model."""

    name: str
    variants: list[FormulaVariant]
    rows: list[dict[str, Any]]

    @property
    def columns(self) -> dict[str, list[Any]]:
        """By name, a value for each run of equal blocks: where, how many, the knobs that differ, the input, and the counts of the whole run."""
        first = self.rows[0]
        knobs = [name for name in first if name not in _FIXED and any(row[name] != first[name] for row in self.rows)]
        return {name: [row[name] for row in self.rows] for name in ("where", "count", *knobs, "input", "params", "macs", "flops", "formula")}

    @property
    def table(self) -> pd.DataFrame:
        """The :attr:`columns` as a table."""
        return pd.DataFrame(self.columns)


_FIXED = ("where", "count", "input", "params", "macs", "flops", "formula")


def block_types(traced: Traced, names: Mapping[type, str], analyse: Analyse) -> list[BlockType]:
    """The block types of a traced model, costliest first; the counts in each row are the trace's, and its formula gives the same.

    ``names`` has the catalog's name of each block's class; ``analyse`` traces a block by name, to derive its formulas.
    """
    found: dict[str, BlockType] = {}
    numbers: dict[tuple[object, ...], int] = {}  # the variant of blocks that are equal in all that a formula sees
    for block in blocks_in(traced, names):
        kind = found.setdefault(block.name, BlockType(block.name, [], []))
        same = (block.name, tuple(block.knobs.values()), block.input_shape, tuple(block.counts.values()))
        if same not in numbers:
            numbers[same] = _variant_number(kind, block, traced, analyse)
        _add_row(kind.rows, block, numbers[same])
    return sorted(found.values(), key=lambda k: -sum(r["macs"] for r in k.rows))


def _add_row(rows: list[dict[str, Any]], block: BlockCall, number: int) -> None:
    """Append the block, or count it into the last row where that is an equal block."""
    last = rows[-1] if rows else None
    row = {**block.knobs, "input": show_shape(block.input_shape), "formula": number}
    if last is None or any(last.get(k) != v for k, v in row.items()):
        rows.append({"where": block.path, "count": 1, **row, **block.counts})
        return
    last["count"] += 1
    last["where"] = f"{last['where'].split(' … ')[0]} … {block.path}"
    for of, value in block.counts.items():
        last[of] += value


def blocks_in(traced: Traced, names: Mapping[type, str]) -> list[BlockCall]:
    """The outermost catalog blocks of a trace, in the order of their calls; ``names`` has the name of each block's class."""
    calls = traced.graph.calls
    owner: list[int] = []  # the block's call that each call belongs to, -1 outside
    counts: dict[int, dict[str, int]] = {}
    for call in calls:
        above = owner[call.parent] if call.parent >= 0 else -1
        if above < 0 and call.parent >= 0 and type(call.module) in names and call.input_shape is not None and hasattr(call.module, "knob_values"):
            above = call.index
            counts[above] = {"params": sum(plain(p.numel()) for p in call.module.parameters()), "macs": 0, "flops": 0}
        owner.append(above)
    for node in traced.graph.nodes:
        if node.scope >= 0 and owner[node.scope] >= 0:
            counts[owner[node.scope]]["macs"] += plain(node.macs)
            counts[owner[node.scope]]["flops"] += plain(node.flops)
    return [
        BlockCall(
            names[type(calls[i].module)],
            {k: plain(v) for k, v in calls[i].module.knob_values.items()},
            tuple(map(plain, calls[i].input_shape or ())),
            calls[i].label,
            of_call,
        )
        for i, of_call in counts.items()
    ]


def _variant_number(kind: BlockType, block: BlockCall, traced: Traced, analyse: Analyse) -> int:
    """Number (from 1) of the variant whose formulas count this block: a known one, one derived for another network, or a new one."""
    for i, variant in enumerate(kind.variants):
        if variant.counts_as(block):
            return i + 1
    recent = _recent.setdefault((block.name, traced.dtype, traced.training), deque(maxlen=_MOST_RECENT))
    fitting = next((v for v in list(recent) if v.counts_as(block)), None)
    if fitting is None:
        fitting = FormulaVariant(analyse(block.name, block.input_shape, dtype=traced.dtype, training=traced.training, symbolic=True, **block.knobs))
    else:
        with suppress(ValueError):  # another session's thread may have moved it
            recent.remove(fitting)
    recent.appendleft(fitting)
    kind.variants.append(fitting)
    return len(kind.variants)


#: Variants used recently, by block, type and mode: a formula serves another network too, where its conditions hold and it gives the count.
_recent: dict[tuple[str, str, bool], deque[FormulaVariant]] = {}
_MOST_RECENT = 12
