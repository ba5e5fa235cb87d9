"""The block library behind the architecture explorer: every network one definition, every figure read from one trace.

Letters mean one thing within a class, and with few exceptions in the whole package:
B batch (in a residual block: its convolutions); C_in, C_out, C_mid channels (C_1, C_2 ... of a stage or branch); H, W height and
width of a feature map; S side of the picture, or stacks; k kernel size (DenseNet: growth rate; MobileNet v1: D_K); s stride
(SqueezeNet: squeeze channels); p dropout; g groups, G those of the 1x1; d width per group or dilation; t expansion (base, incr,
freq: SqueezeNet's growth of it; e: its expand sides; pct: its share of 3x3; SR its squeeze ratio); b bottleneck divisor;
r SE ratio; α width multiplier (octave: low-frequency share); delta depth multiplier; w widen factor; gamma partial ratio;
theta compression; sigma residual scale; q instance-normalised share; epsilon ShiftNet's expansion; f features kept by a pruned convolution; F features;
n blocks in a stage; L layers in a block; M and N channels in and out of a separable convolution; N tokens; D embedding width;
h heads; m MLP ratio (hourglass: residual blocks a stage); P patch size; J joints; K classes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from blocks import catalog
    from blocks.analysis import Analysis, analyse
    from blocks.trace.rules import Out, rule

__version__ = "0.2.0"
__all__ = ["Analysis", "Out", "__version__", "analyse", "catalog", "rule"]


def __getattr__(name: str) -> Any:
    """Load on first use: ``blocks.trace`` alone must not pull in every family."""
    import importlib

    if name == "catalog":
        return importlib.import_module("blocks.catalog")
    if name in ("Analysis", "analyse"):
        return getattr(importlib.import_module("blocks.analysis"), name)
    if name in ("Out", "rule"):
        return getattr(importlib.import_module("blocks.trace.rules"), name)
    raise AttributeError(f"module 'blocks' has no attribute {name!r}")
