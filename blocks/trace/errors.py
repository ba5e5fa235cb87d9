"""What can go wrong while a network is traced, as a sentence."""

from __future__ import annotations

from typing import Any

from blocks.language import SpokenError, retell, translatable

_SAID = {"__bool__": "if, while, bool", "__float__": "float(tensor)", "__int__": "int(tensor)", "__index__": "a tensor as an index of a list"}


class TraceError(SpokenError, ValueError):
    """A network cannot run on the given input.

    ``module`` is the dotted path of the module that failed ("" for the network itself), ``reason`` the sentence without it.
    ``graph`` is the part that could be traced, once the trace has ended.
    """

    graph: Any = None

    def __init__(self, reason: str, module: str = "") -> None:
        self.reason = reason
        self.module = module
        super().__init__(f"{module}: {reason}" if module else reason)

    def __str__(self) -> str:
        return f"{self.module}: {retell(self.reason)}" if self.module else retell(self.reason)


class DependsOnData(SpokenError, ValueError):
    """A rule met a call whose result depends on the values of tensors."""

    @staticmethod
    def sentence(what: str, where: str = "", limit: int = 0) -> str:
        """What to say of a function called ``what``, which the user's code calls ``where``; of values that are known but more than ``limit``."""
        function = _SAID.get(what, what.strip("_")) + (f", {where}" if where else "")
        if limit:
            return translatable(
                f"the forward pass looks at the values of a tensor ({function}); known values of up to {limit} elements are computed, and here there are more: "
                "smaller inputs may work"
            )
        return translatable(
            f"the forward pass looks at the values of a tensor ({function}); what runs next then depends on the data, "
            "so that no single graph or count exists (a trace knows only shapes)"
        )

    def __init__(self, what: str) -> None:
        super().__init__(self.sentence(what))


class WrongSize(ValueError):
    """A shape with something in it that is no size: the ``shape``, ``where`` in it, and the ``nearest`` shape that works."""

    def __init__(self, shape: tuple[Any, ...], where: int, nearest: tuple[int, ...]) -> None:
        self.shape, self.where, self.nearest = shape, where, nearest
        super().__init__(f"size {where} of {shape} must be a whole number of at least 1")


class KernelRefuses(ValueError):
    """A call whose shapes fit and that torch's kernels refuse all the same, though its fake kernels do not."""


class NoRule(Exception):
    """A rule does not cover this use of its function; the operation is run on meta tensors instead."""


def first_line(error: BaseException) -> str:
    """What an error says, or its kind where it says nothing."""
    return str(error).strip().split("\n")[0] or type(error).__name__
