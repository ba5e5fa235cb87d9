"""What can go wrong while a network is traced, as a sentence."""

from __future__ import annotations


class TraceError(ValueError):
    """A network cannot run on the given input.

    ``module`` is the dotted path of the module that failed ("" for the network itself), ``reason`` the sentence without it.
    """

    def __init__(self, reason: str, module: str = "") -> None:
        self.reason = reason
        self.module = module
        super().__init__(f"{module}: {reason}" if module else reason)


class NoRule(Exception):
    """A rule does not cover this use of its function; the operation is run on meta tensors instead."""
