"""How far a count was checked: the network is traced once more, and every product held against torch's own counter of FLOPs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from torch import nn

from blocks.language import tr, trn
from blocks.trace.checked import CheckedTracer
from blocks.trace.run import trace
from blocks.trace.symbolic import plain


@dataclass(frozen=True)
class Difference:
    """A product on which torch's counter says otherwise: MACs by us and by torch."""

    op: str
    module: str
    ours: int
    torchs: int

    def __str__(self) -> str:
        return tr(
            "{op} in {module}: {ours} MACs here, {torchs} by torch's counter",
            op=self.op,
            module=self.module or tr("the network"),
            ours=f"{self.ours:,}".replace(",", " "),
            torchs=f"{self.torchs:,}".replace(",", " "),
        )


@dataclass(frozen=True)
class Check:
    """``agreeing`` products on which torch's counter says the same; where it says otherwise; where it has no formula; and what no rule counts.

    ``no_formula`` and ``no_rule`` are (operation, path of its module).
    """

    agreeing: int
    differing: tuple[Difference, ...] = ()
    no_formula: tuple[tuple[str, str], ...] = ()
    no_rule: tuple[tuple[str, str], ...] = field(default=())

    @property
    def products(self) -> int:
        """Products that torch's counter has a formula for."""
        return self.agreeing + len(self.differing)

    def sentences(self) -> list[str]:
        """What a reader should know, in the language of now; the first says how far it was checked."""
        if not self.products:
            said = [tr("The network has no product that torch's counter knows.")]
        elif self.differing:
            said = [tr("torch's counter agrees on {n} of {all} products.", n=self.agreeing, all=self.products), *map(str, self.differing[:5])]
        else:
            said = [trn("torch's counter agrees on the only product.", "torch's counter agrees on all {n} products.", self.agreeing)]
        if self.no_formula:
            names = ", ".join(sorted({op for op, _ in self.no_formula}))
            said.append(
                trn(
                    "torch's counter has no formula for {n} product ({names}).",
                    "torch's counter has no formula for {n} products ({names}).",
                    len(self.no_formula),
                    names=names,
                )
            )
        if self.no_rule:
            names = ", ".join(sorted({op for op, _ in self.no_rule}))
            said.append(trn("{n} operation has no rule ({names}).", "{n} operations have no rule ({names}).", len(self.no_rule), names=names))
        return said

    def as_json(self) -> dict[str, Any]:
        """All of it as plain data; :func:`check_from` reads it."""
        return asdict(self)


def check_from(found: dict[str, Any]) -> Check:
    """The check that :meth:`Check.as_json` wrote."""
    pairs: list[Sequence[Any]] = [found["no_formula"], found["no_rule"]]
    return Check(found["agreeing"], tuple(Difference(**d) for d in found["differing"]), *(tuple((op, module) for op, module in pair) for pair in pairs))


def check(module: nn.Module, inputs: Any, *, training: bool = False) -> Check:
    """Hold every product of ``module`` on ``inputs``, as ``analyse`` takes them, against torch's counter.

    Our MACs come from the rule of the Python function that was called, torch's from its formulas for what that function called below.
    Raises what ``analyse`` does where the network cannot be traced.
    """
    tracer = CheckedTracer(training=training)
    graph, _ = trace(module, inputs, "float32", 4, training, tracer=tracer)
    agreeing, differing, no_formula = 0, [], []
    for count in tracer.counts:
        node = graph.nodes[count.index]
        place, ours = graph.label(node), plain(node.macs)
        if count.has_formula and ours == count.macs:
            agreeing += 1
        elif not count.has_formula:
            no_formula.append((node.op, place))
        else:
            differing.append(Difference(node.op, place, ours, count.macs))
    no_rule = tuple((n.op, graph.label(n)) for n in graph.nodes if not n.counted)
    return Check(agreeing, tuple(differing), tuple(no_formula), no_rule)
