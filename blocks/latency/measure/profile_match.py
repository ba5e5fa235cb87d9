"""Laying the functions that a pass called on the nodes of its trace: two sequences of (operation, output shape), aligned."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from difflib import SequenceMatcher

from blocks.trace.graph import Graph
from blocks.trace.rules import RULES

#: An operation's name and the shape of its first output; None where a function made no tensor.
Token = tuple[str, tuple[int, ...]]


def traced_op_name(func: Callable[..., object]) -> str:
    """The name that the trace gives to a torch function: its rule's, else its own without the marks of its spelling."""
    rule = RULES.get(func)
    if rule is not None:
        return rule.op
    name = getattr(func, "__name__", str(func))
    bare = name.strip("_")
    reflected = name.startswith("__r") and hasattr(func, "__name__") and f"__{bare[1:]}__" in dir(float)
    return bare[1:] if reflected else bare


def match_functions(graph: Graph, seen: Sequence[Token | None]) -> dict[int, int]:
    """Node index by number of the function that is that node. What has no counterpart is left out.

    Equal runs are matched first; between two of them a gap of as many nodes as functions is matched in order where shapes agree,
    so that an operation that torch calls by another name finds its node too.
    """
    nodes = [n for n in graph.nodes if n.kind not in ("input", "output")]
    left: list[Token] = [(n.op.strip("_"), tuple(map(int, n.shape))) for n in nodes]
    numbers = [i for i, token in enumerate(seen) if token is not None]
    right = [token for token in seen if token is not None]
    found: dict[int, int] = {}
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, left, right, autojunk=False).get_opcodes():
        if tag == "equal" or (tag == "replace" and i2 - i1 == j2 - j1):
            for i, j in zip(range(i1, i2), range(j1, j2), strict=True):
                if left[i][1] == right[j][1]:
                    found[numbers[j]] = nodes[i].index
    return found
