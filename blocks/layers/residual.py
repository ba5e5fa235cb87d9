"""One residual block that is *given* its parts.

What a paper changes in a residual block (its norm, its gate, its groups, its two frequencies, its second branch, its order) is a part
handed to :class:`ResidualBlock`, so that any of them can be combined, also where no paper did. The network of such blocks is
:mod:`blocks.layers.residual_network`.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, ClassVar

from torch import nn

from blocks.knobs import (
    ATTENTION,
    EXTRA,
    KERNEL,
    WIDTH,
    Activation,
    Channels,
    Dropout,
    Groups,
    KernelSize,
    Named,
    SERatio,
    Spec,
    Stride,
    require,
    require_divides,
)
from blocks.layers.common import ConvNormAct, DropPath, Layer, SqueezeExcite, activation, instance_batch_norm, named, quotient, same_padding
from blocks.layers.octave import OctaveConv, OctaveFeatures, OctaveShare, SplitFrequencies, add_features, each
from blocks.layers.shake import Draw, Shake

# --- Knobs that residual families share -----------------------------------------------------------

Layout = Annotated[
    str,
    Spec(
        "",
        "Convolutions in the block",
        "Kernels in order, as WRN's B(3,1,3): k is the kernel size; the groups and the stride belong to k. 'own' is the block's own list.",
        KERNEL,
        values=("own", "k", "k,k", "k,k,k", "k,k,k,k", "k,1,k", "k,1", "1,k", "k,1,1", "1,k,1", "1,k,k,1"),
    ),
]
Norm = Annotated[
    str,
    Spec(
        "",
        "Norm",
        "Batch; IBN-a (half instance, half batch after the first convolution); IBN-b (batch, and instance after the addition); instance; none.",
        EXTRA,
        values=("batch", "ibn_a", "ibn_b", "instance", "none"),
    ),
]
SEPlacement = Annotated[
    str,
    Spec(
        "",
        "SE placement",
        "Where the gate sits: on the branch, before it, after the addition, or on the shortcut.",
        ATTENTION,
        values=("standard", "pre", "post", "identity"),
    ),
]
SEFloor = Annotated[int, Spec("C_s0", "Minimum squeeze width", "C/r never goes below it.", ATTENTION, 1, 1024, 1)]
SEBias = Annotated[bool, Spec("", "SE bias", "Biases in the gate's two layers.", ATTENTION)]
Shortcut = Annotated[
    str, Spec("", "Shortcut", "Identity, with a projection where the shape changes; or none (a plain network).", EXTRA, values=("projection", "none"))
]
ShrinkFirst = Annotated[int, Spec("b", "First width divisor", "The first convolution has C_mid/b channels (2 in SENet-154).", WIDTH, 1, 64, 1)]
DropPathRate = Annotated[Dropout, Named("p_d", "Stochastic depth", "Probability that training skips a whole branch.")]


# --- Norms ----------------------------------------------------------------------------------------

affine_instance_norm: Layer = functools.partial(nn.InstanceNorm2d, affine=True)


@dataclass(frozen=True, slots=True)
class Norms:
    """The norms of one block: after its first convolution, after the others, and after the addition; None for none there."""

    first: Layer | None
    rest: Layer | None
    joined: Layer | None = None


BLOCK_NORMS = {
    "batch": Norms(nn.BatchNorm2d, nn.BatchNorm2d),
    "ibn_a": Norms(instance_batch_norm, nn.BatchNorm2d),
    "ibn_b": Norms(nn.BatchNorm2d, nn.BatchNorm2d, affine_instance_norm),
    "instance": Norms(affine_instance_norm, affine_instance_norm),
    "none": Norms(None, None),
}


# --- Parts of a block -----------------------------------------------------------------------------

Shares = tuple[float, float]


def convolution(c_in: int, c_out: int, kernel: int, stride: int, groups: int, bias: bool, shares: Shares | None) -> nn.Module:
    """A convolution that keeps the size (but for its stride): octave between the low shares given, ordinary for ``None``."""
    if shares is None:
        return nn.Conv2d(c_in, c_out, kernel, stride, same_padding(kernel), groups=groups, bias=bias)
    return OctaveConv(c_in, c_out, kernel_size=kernel, stride=stride, groups=groups, alpha_in=shares[0], alpha_out=shares[1], bias=bias)


def conv_norm(
    c_in: int, c_out: int, kernel: int, stride: int = 1, groups: int = 1, *, norm: Layer | None, act: str | None, shares: Shares | None = None
) -> nn.Sequential:
    """Convolution, norm, activation, for one tensor or for two frequencies; without a norm the convolution has a bias."""
    if shares is None:
        return ConvNormAct(c_in, c_out, kernel, stride, groups=groups, norm=norm, act=act)
    layers = [convolution(c_in, c_out, kernel, stride, groups, norm is None, shares)]
    if norm is not None:
        layers.append(each(norm, c_out, shares[1]))
    if act is not None:
        layers.append(each(lambda _: activation(act), c_out, shares[1]))
    return nn.Sequential(*layers)


def fresh_activation(name: str) -> nn.Module:
    """The activation called ``name``, writing to a new tensor: for inputs that a shortcut still needs."""
    made = activation(name)
    if hasattr(made, "inplace"):
        setattr(made, "inplace", False)  # noqa: B010
    return made


def norm_act(channels: int, norm: Layer | None, act: str, alpha: float = 0.0) -> nn.Sequential:
    """Norm, then activation: what stands in front of a pre-activated convolution."""
    if norm is None:
        return nn.Sequential(each(lambda _: fresh_activation(act), channels, alpha))
    return nn.Sequential(each(norm, channels, alpha), each(lambda _: activation(act), channels, alpha))


def gate(channels: int, ratio: int, floor: int = 1, bias: bool = True, alpha: float = 0.0) -> nn.Module:
    """Squeeze-and-excitation with C/r squeeze channels, never below ``floor``; on two frequencies one gate for each half."""
    return each(lambda c: SqueezeExcite(c, squeeze_width(c, ratio, floor), bias=bias), channels, alpha)


def squeeze_width(channels: int, ratio: int, floor: int = 1) -> int:
    """C/r rounded down, but not below ``floor``."""
    width = quotient(channels, ratio)
    return width if width >= floor else floor


def kernels_of(layout: str, kernel_size: int) -> list[tuple[int, bool]]:
    """The block's kernels in order, each with whether it is a k (and so takes the groups)."""
    return [(kernel_size, True) if letter == "k" else (1, False) for letter in layout.split(",")]


# --- The block ------------------------------------------------------------------------------------


class ResidualBlock(nn.Module):
    """Shortcut plus branch, then activation; the branch is a list of convolutions, each followed by a norm.

    Source: He et al. 2015, arXiv 1512.03385, section 3.2 and figure 5. The stride sits on the first k x k convolution, the groups on
    every k x k convolution; the widths are C_in, C_mid, ..., C_mid, C_out. The parts come from other papers: gate 1709.01507, IBN
    1807.09441, two frequencies 1904.05049, stochastic depth 1603.09382, a second
    branch 1705.07485; dropout stands before the last convolution (1605.07146).

    Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s); pairs of frequencies where α_in or α_out is not 0.
    """

    own_layout = "k,k"
    expansion = 1  # C_out over the planes of its stage
    activates_output = True
    part_knobs: ClassVar = {"alpha": "alpha_in"}

    def __init__(
        self,
        c_in: Channels,
        c_mid: Channels,
        c_out: Channels,
        *,
        kernel_size: KernelSize = 3,
        stride: Stride = 1,
        groups: Groups = 1,
        layout: Layout = "own",
        shake: Draw = "none",
        se_ratio: SERatio = 0,
        se_placement: SEPlacement = "standard",
        se_floor: SEFloor = 1,
        se_bias: SEBias = True,
        norm: Norm = "batch",
        activation: Activation = "relu",
        shortcut: Shortcut = "projection",
        shortcut_kernel: Annotated[KernelSize, Named("k_s", "Shortcut kernel", "Side of a strided projection's window.")] = 1,
        shrink_first: ShrinkFirst = 1,
        dropout: Dropout = 0.0,
        drop_path: DropPathRate = 0.0,
        alpha_in: Annotated[OctaveShare, Named("alpha_in", "Octave share, input")] = 0.0,
        alpha_out: Annotated[OctaveShare, Named("alpha_out", "Octave share, output")] = 0.0,
    ) -> None:
        super().__init__()
        require(shortcut != "none" or not (se_ratio and se_placement == "identity"), "se_placement", se_placement, "needs a shortcut", ["standard", "pre"])
        self.norms, self.act = BLOCK_NORMS[norm], activation
        self.octave: Shares | None = (alpha_in, alpha_out) if alpha_in or alpha_out else None
        self.split = SplitFrequencies(c_in, alpha_in) if alpha_in else None
        make_gate = functools.partial(gate, ratio=se_ratio, floor=se_floor, bias=se_bias)
        at = se_placement if se_ratio else ""
        widths = self._widths(c_in, c_mid, c_out, layout, shrink_first, groups)
        kernels = kernels_of(self.own_layout if layout == "own" else layout, kernel_size)

        def branch() -> nn.Sequential:
            body = self._body(widths, kernels, stride, groups, dropout)
            if at == "standard":
                body.append(make_gate(c_out, alpha=alpha_out))
            elif at == "pre":
                body.insert(0, make_gate(c_in, alpha=alpha_in))
            if drop_path:
                body.append(each(lambda _: DropPath(drop_path), c_out, alpha_out))
            return body

        self.body = branch()
        self.second = None if shake == "none" else branch()
        self.shake = None if shake == "none" else Shake(shake)
        keeps = stride == 1 and c_in == c_out and alpha_in == alpha_out
        carry = None if shortcut == "none" else nn.Identity() if keeps else self._projection(c_in, c_out, stride, 1 if stride == 1 else shortcut_kernel)
        self.shortcut = nn.Sequential(carry, make_gate(c_out, alpha=alpha_out)) if at == "identity" and carry is not None else carry
        self.after = self._after(c_out, alpha_out)
        if at == "post":
            self.after.append(make_gate(c_out, alpha=alpha_out))
        self.projects = not keeps

    def branches(self, x: OctaveFeatures) -> OctaveFeatures:
        """What is added to the shortcut: the branch, or the mixture of two."""
        return self.body(x) if self.shake is None or self.second is None else self.shake(self.body(x), self.second(x))

    def _widths(self, c_in: int, c_mid: int, c_out: int, layout: str, shrink_first: int, groups: int) -> list[int]:
        letters = (self.own_layout if layout == "own" else layout).split(",")
        widths = [c_in] + [c_mid] * (len(letters) - 1) + [c_out]
        if shrink_first != 1 and len(letters) > 1:
            require(c_mid >= shrink_first, "shrink_first", shrink_first, f"must not be above C_mid = {c_mid}", [1, c_mid])
            widths[1] = named("C_1", quotient(c_mid, shrink_first))
        for letter, before, behind in zip(letters, widths, widths[1:], strict=False):
            if letter == "k":  # groups are not compared with 1: that would fix them in formulas
                require_divides("groups", groups, channels_in=before, channels_out=behind)
        return widths

    def _shares(self, i: int) -> Shares | None:
        """Low shares of the i-th convolution: the branch takes on the output's share at once."""
        return None if self.octave is None else (self.octave[0] if i == 0 else self.octave[1], self.octave[1])

    def _body(self, widths: Sequence[int], kernels: Sequence[tuple[int, bool]], stride: int, groups: int, dropout: float) -> nn.Sequential:
        body, strided, last = nn.Sequential(), _strided(kernels), len(kernels) - 1
        for i, (kernel, spatial) in enumerate(kernels):
            if dropout and i == last:
                body.append(each(lambda _: nn.Dropout(dropout), widths[i], shares[0] if (shares := self._shares(i)) else 0))
            norm = self.norms.first if i == 0 else self.norms.rest
            act = None if i == last else self.act
            body.append(
                conv_norm(widths[i], widths[i + 1], kernel, stride if i == strided else 1, groups if spatial else 1, norm=norm, act=act, shares=self._shares(i))
            )
        return body

    def _projection(self, c_in: int, c_out: int, stride: int, kernel: int) -> nn.Module:
        return conv_norm(c_in, c_out, kernel, stride, norm=self.norms.rest, act=None, shares=self.octave)

    def _after(self, c_out: int, alpha: float) -> nn.Sequential:
        joined = self.norms.joined
        if self.activates_output:
            return norm_act(c_out, joined, self.act, alpha)
        return nn.Sequential() if joined is None else nn.Sequential(each(joined, c_out, alpha))

    def forward(self, x: OctaveFeatures) -> OctaveFeatures:
        if self.split is not None:
            x = self.split(x)
        out = self.branches(x)
        if self.shortcut is not None:
            out = add_features(out, self.shortcut(x))
        return self.after(out)


def _strided(kernels: Sequence[tuple[int, bool]]) -> int:
    return next(i for i, (_, spatial) in enumerate(kernels) if spatial)


class PreActivated(ResidualBlock):
    """Norm and activation before each convolution, nothing after the addition: the shortcut is a clean identity path.

    Source: He et al. 2016, arXiv 1603.05027, figure 4 (e); as in Wide ResNet (1605.07146, figure 1 (d)). A projection starts from
    the activated input and has no norm. IBN-a is the norm behind the first convolution here too.

    Shape: (B, C_in, H, W) -> (B, C_out, H/s, W/s).
    """

    activates_output = False

    def _body(self, widths: Sequence[int], kernels: Sequence[tuple[int, bool]], stride: int, groups: int, dropout: float) -> nn.Sequential:
        shares = self._shares(0)
        if not hasattr(self, "enter"):  # two branches start from one activated input
            self.enter = norm_act(widths[0], self.norms.rest, self.act, shares[0] if shares else 0)
        body, strided, last = nn.Sequential(), _strided(kernels), len(kernels) - 1
        for i, (kernel, spatial) in enumerate(kernels):
            alpha = self.octave[1] if self.octave else 0
            if i > 0:
                body.append(norm_act(widths[i], self.norms.first if i == 1 else self.norms.rest, self.act, alpha))
            if dropout and i == last and i > 0:
                body.append(each(lambda _: nn.Dropout(dropout), widths[i], alpha))
            body.append(
                convolution(widths[i], widths[i + 1], kernel, stride if i == strided else 1, groups if spatial else 1, self.norms.rest is None, self._shares(i))
            )
        return body

    def _projection(self, c_in: int, c_out: int, stride: int, kernel: int) -> nn.Module:
        return convolution(c_in, c_out, kernel, stride, 1, False, self.octave)

    def forward(self, x: OctaveFeatures) -> OctaveFeatures:
        if self.split is not None:
            x = self.split(x)
        active = self.enter(x)
        out = self.branches(active)
        if self.shortcut is not None:
            out = add_features(out, self.shortcut(active if self.projects else x))
        return self.after(out)
