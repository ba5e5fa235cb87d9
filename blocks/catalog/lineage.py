"""Who took what from whom: the families in time, the idea that each stands for, and the ideas that went from one to another.

The date of a family is the month in which its paper was first shown (from its arXiv number). The Atlas draws this, and the
order of a course follows from it: :func:`order`.
"""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from blocks import catalog
from blocks.catalog import Family


class Idea(NamedTuple):
    """One thread through the families: its name here, its title, and what it says in a sentence."""

    name: str
    title: str
    sentence: str


class Influence(NamedTuple):
    """``target`` took ``what`` from ``source``; ``idea`` is the thread that it belongs to.

    ``later`` marks what a family took after it had begun: Inception, of 2014, took ResNet's shortcut in 2016. Such an edge
    runs back in time and says nothing about which of the two to learn first.
    """

    source: str
    target: str
    idea: str
    what: str
    later: bool = False


IDEAS = (
    Idea("stack", "Stack layers", "Small windows, many layers: depth alone grows the receptive field."),
    Idea("split", "Split, transform, merge", "Several branches look at one input, each cheap; their results are put together."),
    Idea("shortcut", "Shortcut", "A branch learns what to add; the input itself goes past it, and so does the gradient."),
    Idea("aggregation", "Aggregation", "Keep what earlier layers found and hand it on by concatenation instead of computing it again."),
    Idea("separable", "Separable", "Filter in space and mix channels in two steps: far fewer multiplications than one convolution that does both."),
    Idea("attention", "Attention", "Let the input decide which channels or places count."),
    Idea("scaling", "Scaling", "Width, depth and resolution as numbers to be chosen for a budget."),
)

#: The idea that a family stands for most; it decides where the family is drawn.
LANES: dict[str, str] = {
    "alexnet": "stack",
    "vgg": "stack",
    "siamese": "stack",
    "inception": "split",
    "squeezenet": "split",
    "resnext": "split",
    "octave": "split",
    "resnet": "shortcut",
    "hourglass": "shortcut",
    "shake_shake": "shortcut",
    "darknet": "shortcut",
    "ibn_net": "shortcut",
    "densenet": "aggregation",
    "condensenet": "aggregation",
    "vovnet": "aggregation",
    "cspnet": "aggregation",
    "xception": "separable",
    "mobilenet_v1": "separable",
    "shufflenet_v1": "separable",
    "shiftnet": "separable",
    "mobilenet_v2": "separable",
    "shufflenet_v2": "separable",
    "mnasnet": "separable",
    "mobilenet_v3": "separable",
    "senet": "attention",
    "vit": "attention",
    "wide_resnet": "scaling",
    "efficientnet": "scaling",
}

EDGES = (
    Influence("alexnet", "vgg", "stack", "Convolutions, then fully connected layers; the large windows become stacks of 3×3."),
    Influence("alexnet", "siamese", "stack", "A stack of convolutions with large windows first, as the twin that embeds each picture."),
    Influence("alexnet", "squeezenet", "stack", "Its accuracy is the target, at a fiftieth of the weights."),
    Influence("inception", "squeezenet", "split", "1×1 and 3×3 side by side behind a 1×1 that narrows."),
    Influence("vgg", "resnet", "stack", "3×3 convolutions in stages: half the resolution, twice the channels."),
    Influence("resnet", "inception", "shortcut", "Inception-ResNet adds the module's result to its input, scaled down.", later=True),
    Influence("resnet", "hourglass", "shortcut", "Residual bottlenecks at every scale, and a skip branch across each."),
    Influence("resnet", "wide_resnet", "shortcut", "The residual block, widened instead of repeated."),
    Influence("resnet", "densenet", "aggregation", "Paths from early to late layers, concatenated where ResNet adds."),
    Influence("inception", "xception", "separable", "Inception taken to the extreme: one spatial filter for every channel, then a 1×1 that mixes."),
    Influence("resnet", "xception", "shortcut", "Shortcuts around almost every module."),
    Influence("resnet", "resnext", "shortcut", "The bottleneck, with its shortcut."),
    Influence("inception", "resnext", "split", "Split, transform, merge, with branches that are all alike."),
    Influence("xception", "mobilenet_v1", "separable", "Depthwise separable convolution through the whole network."),
    Influence("resnet", "shake_shake", "shortcut", "Residual branches, two of them, added at random."),
    Influence("resnext", "shake_shake", "split", "More than one branch in a residual block."),
    Influence("xception", "shufflenet_v1", "separable", "The depthwise convolution in the middle of the block."),
    Influence("resnext", "shufflenet_v1", "split", "Grouped convolution, now for the 1×1 too, with a shuffle behind it."),
    Influence("resnet", "shufflenet_v1", "shortcut", "The bottleneck with its shortcut, at a few megaflops."),
    Influence("resnext", "senet", "split", "The strongest backbone of its year: SE-ResNeXt and SENet-154."),
    Influence("resnet", "senet", "shortcut", "A backbone for the gate, which sits before the addition."),
    Influence("mobilenet_v1", "shiftnet", "separable", "The split into space and channels; the spatial half becomes a shift without weights."),
    Influence("resnet", "shiftnet", "shortcut", "The residual block around shift and 1×1."),
    Influence("densenet", "condensenet", "aggregation", "Dense connections, also across stages."),
    Influence("resnext", "condensenet", "split", "Grouped convolution, with groups that training chooses."),
    Influence("shufflenet_v1", "condensenet", "split", "Grouped 1×1 convolutions with a shuffle between them."),
    Influence("mobilenet_v1", "mobilenet_v2", "separable", "Depthwise and 1×1, now between narrow ends."),
    Influence("resnet", "mobilenet_v2", "shortcut", "The shortcut, turned inside out: it joins the narrow ends."),
    Influence("resnet", "darknet", "shortcut", "A 1×1 and a 3×3 with the input added."),
    Influence("vgg", "darknet", "stack", "3×3 convolutions that double the channels at half the resolution."),
    Influence("resnet", "ibn_net", "shortcut", "The residual network that is given instance norm in its shallow stages."),
    Influence("shufflenet_v1", "shufflenet_v2", "separable", "The shuffle; the grouped 1×1 convolutions go, the channels are split instead."),
    Influence("densenet", "shufflenet_v2", "aggregation", "Half of the features pass unchanged: reuse at no cost."),
    Influence("mobilenet_v2", "mnasnet", "separable", "The inverted residual, as what is searched over."),
    Influence("senet", "mnasnet", "attention", "Squeeze-and-excitation, as one of the choices."),
    Influence("resnet", "octave", "shortcut", "The network whose convolutions are replaced one by one."),
    Influence("densenet", "vovnet", "aggregation", "Features of all layers, concatenated once instead of at every layer."),
    Influence("senet", "vovnet", "attention", "The gate, with one layer instead of two (eSE)."),
    Influence("mobilenet_v2", "mobilenet_v3", "separable", "The inverted residual with its linear bottleneck."),
    Influence("mnasnet", "mobilenet_v3", "separable", "The searched network to begin with."),
    Influence("senet", "mobilenet_v3", "attention", "Squeeze-and-excitation inside the block, its gate made cheap."),
    Influence("mobilenet_v1", "efficientnet", "scaling", "Multipliers of width and resolution as knobs of a whole network."),
    Influence("wide_resnet", "efficientnet", "scaling", "Width as a dimension of its own beside depth."),
    Influence("mnasnet", "efficientnet", "separable", "MBConv blocks and the way of searching for the smallest network."),
    Influence("densenet", "cspnet", "aggregation", "Concatenation through a stage, without repeating the same gradients."),
    Influence("darknet", "cspnet", "shortcut", "Darknet-53 as the backbone: CSPDarknet53."),
    Influence("resnext", "cspnet", "split", "ResNeXt-50 as the backbone: CSPResNeXt50."),
    Influence("resnet", "vit", "shortcut", "A shortcut around attention and around the MLP."),
)

#: First shown, for what has no arXiv number of its own: AlexNet at NIPS in December 2012, Koch's network in July 2015.
_SHOWN = {"alexnet": (2012, 12), "siamese": (2015, 7)}


def idea(name: str) -> Idea:
    """The idea called ``name``; KeyError if there is none."""
    return {i.name: i for i in IDEAS}[name]


def lane(family: str) -> str:
    """The idea that a family is drawn under; what nobody has placed yet stands with the stacks."""
    return LANES.get(family, "stack")


def first_shown(family: Family) -> tuple[int, int]:
    """Year and month in which a family's first paper was shown."""
    if family.name in _SHOWN:
        return _SHOWN[family.name]
    paper = family.papers[0]
    number = re.match(r"(\d\d)(\d\d)\.", paper.arxiv)
    return (2000 + int(number[1]), int(number[2])) if number else (paper.year, 7)


def sources_of(family: str) -> list[Influence]:
    """What a family took, the oldest source first."""
    return _by_time([e for e in EDGES if e.target == family], "source")


def followers_of(family: str) -> list[Influence]:
    """What others took from a family, the oldest of them first."""
    return _by_time([e for e in EDGES if e.source == family], "target")


def _by_time(edges: list[Influence], end: str) -> list[Influence]:
    dates = {f.name: first_shown(f) for f in catalog.families()}
    return sorted(edges, key=lambda e: dates[getattr(e, end)])


def ideas(family: str) -> list[str]:
    """The ideas that a family unites: the one it stands for, then those that it took from elsewhere."""
    return list(dict.fromkeys([lane(family), *(e.idea for e in sources_of(family))]))


@cache
def order() -> tuple[str, ...]:
    """All families so that each comes after what it builds on, and otherwise in time."""
    dates = {f.name: first_shown(f) for f in catalog.families()}
    needs = {name: {e.source for e in EDGES if e.target == name and not e.later} for name in dates}
    done: list[str] = []
    while needs:
        ready = [name for name, before in needs.items() if before <= set(done)]
        done.append(min(ready, key=lambda name: (dates[name], name)))
        del needs[done[-1]]
    return tuple(done)
