"""What the backward pass costs, from the same trace. The loss and the optimizer are left out.

Products: each rule says which ones its backward computes (:attr:`~blocks.trace.graph.Node.products`), and for whose gradient. A convolution or a linear layer takes
the forward pass's MACs once for its input and once for its weight; an input of the network and a frozen weight need none. Attention computes the scores again: five
products instead of two.

Other operations, in FLOPs:

- a bias that is trained: 1 for each output element (their sum);
- views, copies and additions: none; an operand that was broadcast takes 1 for each output element (their sum);
- a product of elements: 1 for each output element and operand that needs a gradient, and again 1 for one that was broadcast;
- everything else: what the forward pass takes, and 1 for each output element (the product with the arriving gradient);
- a tensor that several operations read: 1 for each element and each reader but one (the sum of their gradients).
"""

from __future__ import annotations

import math
from collections import Counter

from blocks.cost.memory import differentiated, gets_gradient
from blocks.trace.graph import Graph, Node, Ref
from blocks.trace.symbolic import plain

_MOVES = {"reshape", "concat", "add"}
_PRODUCTS = {"convolution", "linear"}


def backward_macs(graph: Graph) -> int:
    """Multiply-accumulates of the backward pass."""
    needs = differentiated(graph)
    return sum(_products(graph, node, needs) for node in graph.nodes if needs[node.index])


def backward_flops(graph: Graph) -> int:
    """2·MACs and all other arithmetic operations of the backward pass."""
    needs = differentiated(graph)
    ours = [node for node in graph.nodes if needs[node.index] and node.kind not in ("input", "output")]
    return sum(2 * _products(graph, node, needs) + _others(graph, node, needs) for node in ours) + _sums(graph, ours, needs)


def _products(graph: Graph, node: Node, needs: list[bool]) -> int:
    """MACs. A product whose rule says nothing of its backward counts once for each operand with a gradient, at most twice."""
    if node.products:
        return sum(plain(macs) for operand, macs in node.products if operand is None or gets_gradient(graph, node, operand, needs))
    return plain(node.macs) * min(2, sum(_wanted(graph, node, needs)))


def _wanted(graph: Graph, node: Node, needs: list[bool]) -> list[bool]:
    """For each input and each weight whether it needs a gradient."""
    return [needs[i] for i, _ in node.inputs] + [name in graph.trainable for name in node.weights]


def _others(graph: Graph, node: Node, needs: list[bool]) -> int:
    """FLOPs beside the products."""
    out = math.prod(map(plain, node.shape))
    if node.kind in _PRODUCTS and plain(node.macs):
        factors = {operand for operand, _ in node.products}
        biases = [name for place, name in enumerate(node.weights) if ~place not in factors]
        return out * sum(name in graph.trainable for name in biases)
    if node.kind in _MOVES or node.kind == "multiply":
        wanted = [math.prod(map(plain, graph.nodes[i].outputs[slot])) for i, slot in node.inputs if needs[i]]
        broadcast = sum(size < out for size in wanted) if node.kind != "concat" and node.op != "cat" and _mixes(node) else 0
        return out * broadcast + (out * sum(_wanted(graph, node, needs)) if node.kind == "multiply" else 0)
    return max(plain(node.flops) - 2 * plain(node.macs), 0) + out


def _mixes(node: Node) -> bool:
    """Whether operands are broadcast against each other, or one against a new shape."""
    return node.kind in ("add", "multiply") or node.op == "expand"


def _sums(graph: Graph, ours: list[Node], needs: list[bool]) -> int:
    """Additions where the gradients of several readers meet."""
    readers: Counter[Ref] = Counter(ref for node in ours for ref in node.inputs if needs[ref[0]])
    return sum((n - 1) * math.prod(map(plain, graph.nodes[ref[0]].outputs[ref[1]])) for ref, n in readers.items())
