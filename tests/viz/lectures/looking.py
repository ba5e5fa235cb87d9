"""What a lecture's links to Inside open."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import parse_qsl

from torch import Tensor

from blocks.cost.receptive_field import Field
from blocks.experiments.pictures import png
from blocks.look.explain import TermOfValue
from blocks.look.handler import place_of
from blocks.look.samples import sample_pixels
from blocks.look.seen_network import SeenNetwork, SwitchedOff
from viz.inside.address import InsideState, read_inside

LECTURES = Path(__file__).resolve().parents[3] / "pages" / "lectures"


def links(name: str, language: str = "en") -> list[str]:
    return re.findall(r"\]\(inside\?([^)]+)\)", (LECTURES / language / f"{name}.md").read_text("utf-8"))


def opened(name: str) -> list[InsideState]:
    """The states that a lecture's links open, in their order."""
    found = []
    for link in links(name):
        state, problems = read_inside(dict(parse_qsl(link, strict_parsing=True)))
        assert problems == []
        found.append(state)
    return found


def seen_by(state: InsideState) -> SeenNetwork:
    """The network that the state opens."""
    return SeenNetwork(state.choice.name, dict(state.choice.knobs), state.weights, state.choice.shape[1:])


def input_of(state: InsideState, seen: SeenNetwork) -> Tensor:
    """The state's picture at the network's side, as the page takes it, with what is changed in it."""
    return seen.input_of(png(sample_pixels(state.picture, max(seen.shape[2:]))), state.what)


def given(state: InsideState, seen: SeenNetwork) -> Tensor:
    """What the open operation gives."""
    off: dict[int, list[int]] = {}
    for node, channel in state.off:
        off.setdefault(node, []).append(channel)
    return seen.given(input_of(state, seen), state.node, SwitchedOff(off))


def place(state: InsideState, inputs: Tensor, seen: SeenNetwork) -> tuple[int, ...]:
    """The position of the number whose arithmetic is open."""
    assert state.pixel is not None
    return place_of(seen.analysis.graph.nodes[state.node], inputs, state.channel, *state.pixel)


def terms(state: InsideState, seen: SeenNetwork) -> tuple[TermOfValue, ...]:
    """What the chosen number is made of."""
    inputs = input_of(state, seen)
    return seen.chain(inputs, state.node, place(state, inputs, seen))[0][1].terms


def sides(state: InsideState, seen: SeenNetwork) -> tuple[int, int]:
    """Rows and columns of the frame on the picture: all that the chosen number can see."""
    fields: tuple[Field, ...] = seen.analysis.receptive_fields[state.node]
    assert state.pixel is not None
    rows, columns = (field.seen(at, length) for field, at, length in zip(fields, state.pixel, seen.shape[2:], strict=True))
    return int(rows[1] - rows[0] + 1), int(columns[1] - columns[0] + 1)
