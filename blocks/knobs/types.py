"""The annotated types that constructors use for their knobs.

A letter means one thing in the whole package; ``blocks/__init__.py`` lists them.
"""

from __future__ import annotations

from typing import Annotated

from blocks.knobs.knob import Named, Spec
from blocks.language import translatable

#: The groups that a page sorts knobs into.
WIDTH, KERNEL, GROUPING, ATTENTION = translatable("Width"), translatable("Kernel"), translatable("Groups"), translatable("Attention")
DEPTH, EXTRA, TASK = translatable("Depth"), translatable("Extras"), translatable("Task")

Channels = Annotated[int, Spec("C", "Channels", "Number of feature maps.", WIDTH, 1, 16384, 8)]
Features = Annotated[int, Spec("D", "Embedding width", "Length of a token's vector.", WIDTH, 1, 16384, 8)]
WidthMultiplier = Annotated[float, Spec("alpha", "Width multiplier", "Multiplies every layer's channels.", WIDTH, 0.05, 8.0, 0.05)]
Expansion = Annotated[float, Spec("t", "Expansion", "Inner channels over input channels.", WIDTH, 0.125, 16.0, 0.25)]
WidthPerGroup = Annotated[int, Spec("d", "Width per group", "Channels of one group in the first stage.", WIDTH, 1, 1024, 1)]
KernelSize = Annotated[int, Spec("k", "Kernel size", "Side of the convolution's window.", KERNEL, 1, 63, 2, odd=True)]
LargeKernel = Annotated[KernelSize, Named("k_5", "Large kernel", "Side of the windows that are 5 in the paper's table.")]
Stride = Annotated[int, Spec("s", "Stride", "Step of the window; 2 halves the resolution.", KERNEL, 1, 8, 1)]
UnitStride = Annotated[Stride, Named(help="1 adds the input; 2 halves the resolution and concatenates it.", high=2)]
Dilation = Annotated[int, Spec("d_k", "Dilation", "Spacing between the window's taps.", KERNEL, 1, 16, 1)]
Groups = Annotated[int, Spec("g", "Groups", "Independent channel groups of the convolution.", GROUPING, 1, 16384, 1)]
SERatio = Annotated[int, Spec("r", "SE ratio r", "Squeeze-and-excitation reduction C/r; 0 means no SE.", ATTENTION, 0, 256, 1)]
InputSERatio = Annotated[SERatio, Named(help="Squeeze-and-excitation to C_in/r, counted on the block's narrow input; 0 leaves it out.")]
Heads = Annotated[int, Spec("h", "Heads", "Attention heads; they divide the embedding width.", ATTENTION, 1, 256, 1)]
MLPRatio = Annotated[float, Spec("m", "MLP ratio", "Hidden width of the MLP over the embedding width.", WIDTH, 0.25, 16.0, 0.25)]
PatchSize = Annotated[int, Spec("P", "Patch size", "Side of one square patch, in pixels.", KERNEL, 1, 256, 1)]
Repeats = Annotated[int, Spec("n", "Repeats", "How many times the block is repeated.", DEPTH, 1, 256, 1)]
Depths = Annotated[tuple[int, ...], Spec("n", "Blocks per stage", "Number of blocks in each stage.", DEPTH, 1, 256, 1)]
Widths = Annotated[tuple[int, ...], Spec("C", "Channels per stage", "Number of channels in each stage.", WIDTH, 1, 16384, 1)]
Dropout = Annotated[float, Spec("p", "Dropout", "Share of activations dropped while training.", EXTRA, 0.0, 0.95, 0.05)]
AddedNorm = Annotated[bool, Spec("", "Batch norm", "A batch norm after each convolution; the paper has none.", EXTRA)]
Flag = Annotated[bool, Spec("", "", "", EXTRA)]
Activation = Annotated[
    str, Spec("", "Activation", "The non-linearity.", EXTRA, values=("relu", "relu6", "leaky_relu", "silu", "hardswish", "gelu", "sigmoid", "tanh", "identity"))
]
PartialRatio = Annotated[
    float, Spec("gamma", "Partial ratio", "Fraction of the channels that bypasses the stage; 0 sends all of them through it.", WIDTH, 0.0, 0.95, 0.05)
]
Fusion = Annotated[
    str,
    Spec(
        "",
        "Transition",
        "Where 1x1 convolutions join the two parts: before and after the concatenation, only after it (fusion first) or only before it (fusion last).",
        EXTRA,
        values=("both", "fusion_first", "fusion_last"),
    ),
]
NumClasses = Annotated[int, Spec("K", "Classes", "Outputs of the classifier.", TASK, 1, 100_000, 1)]
InChannels = Annotated[int, Spec("C_0", "Input channels", "Channels of the picture: 3 for RGB.", TASK, 1, 4096, 1)]
