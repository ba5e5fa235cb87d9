"""One rule a torch function: shapes and costs. A new operation belongs in the file of its kind."""

from blocks.trace.rules import attention, conv, elementwise, matmul, norm, pool, recurrent, reduce, shape
from blocks.trace.rules.registry import OUTPUT, RULES, Out, Rule, When, rule

__all__ = ["OUTPUT", "RULES", "Out", "Rule", "When", "attention", "conv", "elementwise", "matmul", "norm", "pool", "recurrent", "reduce", "rule", "shape"]
