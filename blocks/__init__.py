"""The block library behind the architecture explorer: every network one definition, every figure read from one trace.

Letters mean one thing in the whole package: B batch; C_in, C_out, C_mid channels; H, W height and width of a feature map;
k kernel size; s stride; p padding or dropout; g groups; d width per group; t expansion; r SE ratio; α width multiplier
(octave: low-frequency share); n blocks in a stage; N tokens; D embedding width; h heads; m MLP ratio; P patch size; K classes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from blocks import catalog
    from blocks.analysis import Analysis, analyse

__all__ = ["Analysis", "analyse", "catalog"]


def __getattr__(name: str) -> Any:
    """Load on first use: ``blocks.trace`` alone must not pull in every family."""
    import importlib

    if name == "catalog":
        return importlib.import_module("blocks.catalog")
    if name in ("Analysis", "analyse"):
        return getattr(importlib.import_module("blocks.analysis"), name)
    raise AttributeError(f"module 'blocks' has no attribute {name!r}")
