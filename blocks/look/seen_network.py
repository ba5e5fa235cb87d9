"""One network with its weights and one picture: everything that a page asks of it."""

from __future__ import annotations

import copy
import io
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from blocks import catalog
from blocks.analysis import Analysis, analyse
from blocks.knobs import KnobError
from blocks.language import translatable
from blocks.look.activations import Replacement, RunChange, WatchedRun, first_output, seen_calls, watched_run
from blocks.look.answer import ClassScore, top_classes
from blocks.look.explain import Explanation, explain_call
from blocks.look.what_if import WhatIf, changed_activation, changed_picture, changed_weights
from blocks.trace.graph import Node
from blocks.weights.bundled import trained_scale, weights_path
from blocks.weights.load import SEED, load_weights, seeded_network
from blocks.weights.read import class_names

LONGEST_CHAIN = 6
SHARE_OF_GREY = 8  # the grey square of an occlusion map covers a side by this part
STEPS_OF_INTEGRAL = 24
WHOLE = -1  # instead of a channel's number: everything that the operation gives


@dataclass(frozen=True)
class SwitchedOff:
    """Channels whose values are set to zero, by the operation that gives them; :data:`WHOLE` for all.

    ``number_type`` is what every operation's values are rounded to, ``swapped`` the functions that run instead of operations.
    """

    channels: Mapping[int, Sequence[int]] = field(default_factory=dict)
    number_type: str = ""
    swapped: Mapping[int, Replacement] = field(default_factory=dict)

    def change(self) -> RunChange | None:
        """For :func:`watched_run`; None where nothing is changed."""
        return self if self.number_type or self.swapped or any(self.channels.values()) else None

    def instead(self, node: Node) -> Replacement | None:
        """The function that runs instead of ``node``."""
        return self.swapped.get(node.index)

    def given(self, node: Node, given: Tensor) -> Tensor:
        """What ``node`` gives, rounded and with what is switched off at zero."""
        if self.number_type:
            given = changed_activation(node, given, self.number_type)
        off = self.channels.get(node.index, ())
        if WHOLE in off:
            return torch.zeros_like(given)
        axis = 2 if given.dim() == 3 else min(1, given.dim() - 1)  # tokens have their channels last
        numbers = [c for c in off if c < given.shape[axis]]
        return given.index_fill(axis, torch.tensor(numbers), 0.0) if numbers else given


class SeenNetwork:
    """The network ``name`` with ``knobs`` and ``weights`` (a bundled name, a file, "" for random ones from a fixed seed), ready to run on pictures.

    ``shape`` is that of one picture (channels, height, width), the published one where nothing is given.

    Raises :class:`KnobError` for weights that do not fit, and for a network that takes no picture.
    """

    def __init__(self, name: str, knobs: Mapping[str, object], weights: str = "", shape: Sequence[int] | None = None) -> None:
        self.name, self.weights = name, weights
        shape = catalog.input_shape(name, **knobs)[1:] if shape is None else shape
        if len(shape) != 3:
            raise KnobError("network", name, translatable(f"takes {'x'.join(map(str, shape))}, and not a picture"))
        self.shape = (1, *shape)
        settings: dict[str, Any] = dict(knobs)
        self.analysis: Analysis = analyse(name, self.shape, **settings)
        self.trained = self.total = 0
        self.classes: tuple[str, ...] = ()
        if weights:
            self.classes = class_names(weights_path(weights))
            self.network, fit = load_weights(name, weights_path(weights), partly=True, **knobs)
            self.trained, self.total = len(fit.names), fit.total
        else:
            self.network = seeded_network(name, knobs).eval()
        self.network.requires_grad_(False)

    def changed(self, what: WhatIf) -> SeenNetwork:
        """The same with the weights of ``what``."""
        if not what.changes_weights:
            return self
        made = copy.copy(self)
        made.network = changed_weights(self.network, what)
        return made

    def input_of(self, picture: bytes, what: WhatIf | None = None) -> Tensor:
        """A PNG as this network's input, in the light of ``what``, resized to its side, on the scale that the weights were trained on.

        A block that reads other than three channels gets them mixed by a fixed random matrix.
        """
        with Image.open(io.BytesIO(picture), formats=("PNG",)) as image:
            small = image.convert("RGB")
            raw = torch.frombuffer(bytearray(small.tobytes()), dtype=torch.uint8).reshape(small.height, small.width, 3)
        pixels = raw.permute(2, 0, 1).float()[None] / 255
        if pixels.shape[2:] != self.shape[2:]:
            pixels = F.interpolate(pixels, size=self.shape[2:], mode="bilinear", antialias=True, align_corners=False).clamp(0, 1)
        return self.on_scale(pixels if what is None else changed_picture(pixels, what))

    def on_scale(self, pixels: Tensor) -> Tensor:
        """Pixels (1, 3, H, W) from 0 to 1 as this network reads them."""
        scaled = trained_scale(self.weights).applied(pixels)
        if self.shape[1] == 3:
            return scaled
        mix = torch.randn(self.shape[1], 3, generator=torch.Generator().manual_seed(SEED)) / math.sqrt(3)
        return torch.einsum("kc,nchw->nkhw", mix, scaled)

    def run(self, inputs: Tensor, note: Callable[[Node, Tensor], object], off: SwitchedOff | None = None) -> WatchedRun:
        """The whole network, with a note of each operation."""
        with torch.no_grad():
            return watched_run(self.analysis, self.network, inputs, note, off.change() if off else None)

    def given(self, inputs: Tensor, node: int, off: SwitchedOff | None = None) -> Tensor:
        """What the operation ``node`` gives; the run ends there. Raises :class:`blocks.trace.errors.TraceError` where the run does not do what the trace says."""
        nodes = self.analysis.graph.nodes
        wanted = nodes[node].inputs[0][0] if nodes[node].kind == "output" else node
        if nodes[wanted].kind == "input":
            return inputs
        calls = seen_calls(self.analysis, self.network, inputs, [wanted], keeps_arguments=False, change=off.change() if off else None)
        return first_output(calls[wanted].result)

    def chain(self, inputs: Tensor, node: int, position: tuple[int, ...], off: SwitchedOff | None = None) -> list[tuple[int, Explanation]]:
        """How the number at ``position`` of ``node`` comes about, and as long as it is made of one number only, how that one does: activation, norm, convolution."""
        found: list[tuple[int, Explanation]] = []
        while len(found) < LONGEST_CHAIN and self.analysis.graph.nodes[node].kind not in ("input", "output"):
            call = seen_calls(self.analysis, self.network, inputs, [node], change=off.change() if off else None)[node]
            said = explain_call(call, position)
            found.append((node, said))
            read = self.analysis.graph.nodes[node].inputs
            if len(said.terms) != 1 or said.terms[0].operand or said.way == "other" or not read:
                break
            node, position = read[0][0], said.terms[0].position
            if len(position) != len(self.analysis.graph.nodes[node].shape):
                break
        return found

    def scores(self, inputs: Tensor) -> Tensor:
        """Class scores (N, classes). Raises :class:`KnobError` where the network gives none."""
        found = self.network(inputs)
        if not isinstance(found, Tensor) or found.dim() != 2:
            raise KnobError("network", self.name, "gives no row of class scores")
        return found

    def answer(self, output: object, most: int = 5) -> list[ClassScore]:
        """The most probable classes of what the network gave; none where it gives no row of scores."""
        return top_classes(output[0], most, self.classes) if isinstance(output, Tensor) and output.dim() == 2 else []
